"""The parts of ASGI that the line uses (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

PIECE_BYTES: Final = 64 * 1024
"""Of a body that is sent at once: a client that reads slowly makes the server hold no more than that."""


class Disconnected(Exception):
    """The client is gone before its request was complete."""


def header(scope: Scope, name: bytes) -> str:
    """Give a header of a request by its name in small letters; empty where there is none."""
    for known, value in scope["headers"]:
        if known == name:
            return str(value, "latin-1")
    return ""


async def body(receive: Receive, most: int) -> bytes:
    """Receive a whole body. Raises ValueError where it is longer than `most` bytes, and Disconnected."""
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
    """Send a whole answer, in pieces that the client takes one after the other."""
    length = (b"content-length", b"%d" % len(content))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    if len(content) <= PIECE_BYTES:
        await send({"type": "http.response.body", "body": content})
        return
    view, end = memoryview(content), len(content)
    for start in range(0, end, PIECE_BYTES):
        piece, more = bytes(view[start : start + PIECE_BYTES]), start + PIECE_BYTES < end
        await send({"type": "http.response.body", "body": piece, "more_body": more})
