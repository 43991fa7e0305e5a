"""An ASGI application made callable as a WSGI application, within this process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from threading import Thread
from typing import Any

Application = Callable[..., Awaitable[None]]
"""An ASGI application (https://asgi.readthedocs.io)."""


def as_wsgi(app: Application) -> Callable[..., Iterable[bytes]]:
    """Wrap an ASGI application for the WSGI client and server of Werkzeug (PEP 3333).

    It needs RAW_URI in the environ, which Werkzeug adds.
    """

    def wsgi(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        response = asyncio.run_coroutine_threadsafe(_request(app, _scope(environ), body), _loop())
        status, headers, content = response.result()
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [content]

    return wsgi


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that all applications of this process share. It runs in a daemon thread."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="loop", daemon=True).start()
    return loop


async def _request(
    app: Application, scope: dict[str, Any], body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Send one request to the application; return status, headers and body of its response."""
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return start["status"], headers, b"".join(part.get("body", b"") for part in parts)


def _scope(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ASGI scope of a WSGI request (https://asgi.readthedocs.io/en/latest/specs/www.html)."""
    headers = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    headers |= {name: environ[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": "http",
        "path": environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        "raw_path": environ["RAW_URI"].partition("?")[0].encode("latin-1"),
        "query_string": environ["QUERY_STRING"].encode("latin-1"),
        "root_path": "",
        "headers": [
            (name.replace("_", "-").lower().encode(), value.encode("latin-1"))
            for name, value in headers.items()
        ],
        "client": (environ.get("REMOTE_ADDR", "127.0.0.1"), 0),
        "server": ("127.0.0.1", 80),
    }
