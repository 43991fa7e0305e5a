"""The console behind uvicorn: a WSGI bridge, and an id for each request in the log."""

from a2wsgi import WSGIMiddleware
from flask import Flask

from ivr.serving.asgi import Application, Receive, Scope, Send
from ivr.serving.log import RequestIds

THREADS = 8
"""Requests of a worker that are answered at the same time. A page waits for files, and for the database."""


def as_asgi(console: Flask) -> Application:
    """Return the ASGI application of a console."""
    bridge = WSGIMiddleware(console, workers=THREADS)  # type: ignore[arg-type]
    ids = RequestIds()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        ids.next()
        await bridge(scope, receive, send)  # type: ignore[arg-type]

    return answer
