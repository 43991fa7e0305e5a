"""The whole web application, put together from what it is given."""

from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr import flow
from ivr.config.live import Clock, Live
from ivr.limits import BODY_BYTES, KNOCKS, LOOKS
from ivr.web.audio import add_clips
from ivr.web.front import Front
from ivr.web.health import health
from ivr.web.keeping import Forgetting, Keeping
from ivr.web.signature import Doors
from ivr.web.voice import Answer, Voice, is_voice
from ivr.web.watch import Unwatched, Watch

_SAFE: Final = {
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


def create_app(  # noqa: PLR0913 - the outside world, handed in piece by piece
    live: Live,
    doors: Doors,
    clock: Clock,
    answer: Answer = flow.answer,
    *,
    keeping: Keeping | None = None,
    watch: Watch | None = None,
    limits_url: str = "memory://",
    proxies: int = 0,
) -> Flask:
    """Make the application. All that it knows of the outside is handed to it here.

    `limits_url`: where it is counted who knocks how often (https://limits.readthedocs.io, storage).
    `proxies`: how many stand in front and tell the address of who asks.
    """
    keeping, watch = keeping or Forgetting(), watch or Unwatched()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    # Nobody is redirected: an odd address is answered as it stands.
    app.url_map.merge_slashes = False
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=limits_url,
        storage_options=_IMPATIENT if limits_url.startswith("redis") else {},
        # Where the limits cannot be counted, they are counted in here, or not at all: no answer fails for it.
        in_memory_fallback=[KNOCKS],
        in_memory_fallback_enabled=True,
        swallow_errors=True,
    )

    @app.route("/", defaults={"rest": ""}, methods=_METHODS)
    @app.route("/<path:rest>", methods=_METHODS)
    @limiter.shared_limit(KNOCKS, scope="knocks")
    def elsewhere(rest: str) -> Response:
        """What belongs to nothing, and what under /voice carries no good signature."""
        unsigned = is_voice(f"/{rest}")
        if unsigned:
            watch.refused()
        return Response(status=HTTPStatus.FORBIDDEN if unsigned else HTTPStatus.NOT_FOUND)

    @app.get("/health")
    @limiter.limit(LOOKS)
    def health_() -> tuple[dict[str, object], HTTPStatus]:
        return health(live.snapshot, keeping.state(), clock())

    @app.get("/metrics")
    @limiter.limit(LOOKS)
    def metrics() -> Response:
        page, content_type = watch.page(live.snapshot, keeping.state(), clock())
        return Response(page, content_type=content_type)

    add_clips(app, live, limiter)
    app.before_request(_as_it_stands)
    app.register_error_handler(HTTPException, _refused)
    app.after_request(_safe)
    inner = ProxyFix(app.wsgi_app, x_for=proxies) if proxies else app.wsgi_app
    app.wsgi_app = Front(Voice(inner, live, doors, clock, keeping, watch, answer), watch)  # type: ignore[method-assign]
    return app


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
    for name, value in _SAFE.items():
        response.headers.setdefault(name, value)
    return response
