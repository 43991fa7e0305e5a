"""ASGI types, and functions to read a request and send a response (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

PIECE_BYTES: Final = 64 * 1024
"""Bytes of a response body that are sent at once. For a slow client, the server buffers no more than this."""


class Disconnected(Exception):
    """The client closed the connection before its request was complete."""


def header(scope: Scope, name: bytes) -> str:
    """Return a request header by its lower-case name, or an empty text."""
    for known, value in scope["headers"]:
        if known == name:
            return str(value, "latin-1")
    return ""


async def body(receive: Receive, most: int) -> bytes:
    """Receive a request body. Raises ValueError if it is longer than `most` bytes; raises Disconnected."""
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts += message.get("body", b"")
        if len(parts) > most:
            raise ValueError("a body that is too long")
        if not message.get("more_body", False):
            return bytes(parts)


async def respond(send: Send, status: int, content: bytes = b"", headers: Headers = ()) -> None:
    """Send a response. The next piece of the body is sent when the client has taken the one before."""
    length = (b"content-length", b"%d" % len(content))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    if len(content) <= PIECE_BYTES:
        await send({"type": "http.response.body", "body": content})
        return
    view, end = memoryview(content), len(content)
    for start in range(0, end, PIECE_BYTES):
        piece, more = bytes(view[start : start + PIECE_BYTES]), start + PIECE_BYTES < end
        await send({"type": "http.response.body", "body": piece, "more_body": more})
