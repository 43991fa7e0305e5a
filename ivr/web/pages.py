"""What is not for callers: health, metrics, and a refusal for the rest. Flask, behind a bridge to ASGI."""

from http import HTTPStatus
from typing import Any, Final

from a2wsgi import WSGIMiddleware
from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr.config.live import Clock, Live
from ivr.model.limits import MONITORING_REQUESTS, UNSIGNED_REQUESTS
from ivr.web.asgi import Application
from ivr.web.health import health
from ivr.web.metrics import Metrics
from ivr.web.recorder import CallRecorder
from ivr.web.webhooks import is_voice

SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
"""For who looks with a browser (https://owasp.org/www-project-secure-headers/)."""
_IMPATIENT: Final[dict[str, Any]] = {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}
"""For Redis, in seconds: one that hangs would keep all threads busy."""
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_THREADS: Final = 4
"""Of the bridge. No call is answered in one."""


def make_pages(  # noqa: PLR0913 - the outside world, handed in piece by piece
    live: Live, clock: Clock, *, recorder: CallRecorder, metrics: Metrics, limits_url: str, proxies: int
) -> Application:
    """Make the pages. For the arguments see `ivr.web.app.create_app`."""
    app = Flask(__name__, static_folder=None)
    # Nobody is redirected: an odd address is answered as it stands.
    app.url_map.merge_slashes = False
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=limits_url,
        storage_options=_IMPATIENT if limits_url.startswith("redis") else {},
        # Where the limits cannot be counted, they are counted in here, or not at all: no answer fails for it.
        in_memory_fallback=[UNSIGNED_REQUESTS],
        in_memory_fallback_enabled=True,
        swallow_errors=True,
    )

    @app.route("/", defaults={"rest": ""}, methods=_METHODS)
    @app.route("/<path:rest>", methods=_METHODS)
    @limiter.shared_limit(UNSIGNED_REQUESTS, scope="knocks")
    def elsewhere(rest: str) -> Response:
        """What belongs to nothing, and what under /voice carries no good signature."""
        return Response(status=HTTPStatus.FORBIDDEN if is_voice(f"/{rest}") else HTTPStatus.NOT_FOUND)

    @app.get("/health")
    @limiter.limit(MONITORING_REQUESTS)
    def health_() -> tuple[dict[str, object], HTTPStatus]:
        return health(live.snapshot, recorder.status(), clock(), late=live.late)

    @app.get("/metrics")
    @limiter.limit(MONITORING_REQUESTS)
    def metrics_page() -> Response:
        page, content_type = metrics.page(live.snapshot, recorder.status(), clock())
        return Response(page, content_type=content_type)

    app.before_request(_as_it_stands)
    app.register_error_handler(HTTPException, _refused)
    app.after_request(_safe)
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies)  # type: ignore[method-assign]
    bridge: Application = WSGIMiddleware(app, workers=_THREADS)  # type: ignore[assignment, arg-type]
    return bridge


def _as_it_stands() -> None:
    # Werkzeug reads //health as /health, and a proxy that keeps /health from the outside may not; it would
    # redirect a path without a slash.
    path = request.environ["PATH_INFO"]
    if not path.startswith("/") or path.startswith("//"):
        abort(HTTPStatus.NOT_FOUND)


def _refused(error: HTTPException) -> Response:
    """Tell an error by its status and by nothing else."""
    # However odd it is: without a good signature it is refused like all others.
    odd = error.code in {HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED} and is_voice(request.path)
    return Response(status=HTTPStatus.FORBIDDEN if odd else error.code)


def _safe(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.method not in {"GET", "HEAD"}:
        # Its body was not read: what is left of it must not be waited for.
        response.headers["Connection"] = "close"
    return response
