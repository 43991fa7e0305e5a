"""Requests other than valid webhooks and sound files: /health, /metrics, and a refusal of all others.

A Flask application with rate limits, called through an ASGI bridge.
"""

from http import HTTPStatus
from typing import Any, Final

from a2wsgi import WSGIMiddleware
from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr.config.live import Clock, Readings
from ivr.model.limits import MONITORING_REQUESTS, UNSIGNED_REQUESTS
from ivr.serving.asgi import Application
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
"""Headers that protect browsers (https://owasp.org/www-project-secure-headers/)."""
_IMPATIENT: Final[dict[str, Any]] = {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}
"""Timeouts for Redis in seconds. Without them, a Redis that hangs would block all threads."""
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_THREADS: Final = 4
"""Threads of the ASGI bridge. No webhook is answered in them."""


def make_pages(  # noqa: PLR0913 - everything outside the application is an argument
    live: Readings, clock: Clock, *, recorder: CallRecorder, metrics: Metrics, limits_url: str, proxies: int
) -> Application:
    """Make the Flask application and its bridge. For the arguments see `ivr.web.app.create_app`."""
    app = Flask(__name__, static_folder=None)
    # Do not redirect paths with double slashes.
    app.url_map.merge_slashes = False
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=limits_url,
        storage_options=_IMPATIENT if limits_url.startswith("redis") else {},
        # If the storage fails, count in memory; if that fails too, do not limit. The request is answered.
        in_memory_fallback=[UNSIGNED_REQUESTS],
        in_memory_fallback_enabled=True,
        swallow_errors=True,
    )

    @app.route("/", defaults={"rest": ""}, methods=_METHODS)
    @app.route("/<path:rest>", methods=_METHODS)
    @limiter.shared_limit(UNSIGNED_REQUESTS, scope="knocks")
    def elsewhere(rest: str) -> Response:
        """Refuse unknown paths, and webhooks without a valid signature."""
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

    app.before_request(_refuse_odd_path)
    app.register_error_handler(HTTPException, _refused)
    app.after_request(_add_security_headers)
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies)  # type: ignore[method-assign]
    bridge: Application = WSGIMiddleware(app, workers=_THREADS)  # type: ignore[assignment, arg-type]
    return bridge


def _refuse_odd_path() -> None:
    # Werkzeug treats //health as /health, so it would pass a proxy that blocks /health. It redirects a path
    # without a leading slash.
    path = request.environ["PATH_INFO"]
    if not path.startswith("/") or path.startswith("//"):
        abort(HTTPStatus.NOT_FOUND)


def _refused(error: HTTPException) -> Response:
    """Answer an error with its status and an empty body."""
    # Under /voice, every request without a valid signature gets 403.
    odd = error.code in {HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED} and is_voice(request.path)
    return Response(status=HTTPStatus.FORBIDDEN if odd else error.code)


def _add_security_headers(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.method not in {"GET", "HEAD"}:
        # The request body was not read, so the next request could not be found on this connection.
        response.headers["Connection"] = "close"
    return response
