"""Client connections: limits on their number and on headers, and a deadline for each phase."""

import time
from enum import Enum, auto
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ivr.model.limits import (
    ANSWER_SECONDS,
    BODY_SECONDS,
    CONNECTIONS,
    HEAD_BYTES,
    HEAD_SECONDS,
    HEADER_BYTES,
    HEADERS,
    KEEP_ALIVE_SECONDS,
)

_TOO_LARGE: Final = 431
_BAD: Final = 400


class Phase(Enum):
    """The phase of a connection. Each has a deadline."""

    HEAD = auto()
    """The client sends the request line and the headers."""
    BODY = auto()
    """The client sends the request body."""
    ANSWER = auto()
    """The application answers, and the client reads the response."""
    KEPT = auto()
    """The connection is idle between two requests (keep-alive)."""


_SECONDS: Final = {
    Phase.HEAD: HEAD_SECONDS,
    Phase.BODY: BODY_SECONDS,
    Phase.ANSWER: ANSWER_SECONDS,
    Phase.KEPT: KEEP_ALIVE_SECONDS,
}
"""Phase → the seconds that it may last."""


class _HeadTooLarge(Exception):
    """The URL and headers exceed a limit of `ivr.model.limits`."""


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with limits on header size, on time, and on the number of connections."""

    all_open: ClassVar[set["Connection"]] = set()
    """The open connections of this process."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _share_with_other_workers()
        self._phase = Phase.HEAD
        self._since = 0.0
        self._head = 0
        self._status = _BAD
        self._closing = False
        """Whether the server is stopping."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._enter(Phase.HEAD)
        Connection.all_open.add(self)
        if len(Connection.all_open) > CONNECTIONS:
            _make_room(self)

    def connection_lost(self, exc: Exception | None) -> None:
        Connection.all_open.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase is Phase.KEPT:
            self._enter(Phase.HEAD)
        if self._phase is Phase.HEAD:
            self._head += len(data)
        super().data_received(data)
        if self._phase is Phase.HEAD and self._head > HEAD_BYTES and not self.transport.is_closing():
            self._status = _TOO_LARGE
            self.send_400_response("")

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        longest = max((len(value) for _, value in self.headers), default=0)
        if size > HEAD_BYTES or len(self.headers) > HEADERS or longest > HEADER_BYTES:
            self._status = _TOO_LARGE
            raise _HeadTooLarge
        self._enter(Phase.BODY)
        super().on_headers_complete()
        if self._closing:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._phase is Phase.BODY:
            self._enter(Phase.ANSWER)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.pipeline:
            self._enter(Phase.KEPT)

    def send_400_response(self, msg: str) -> None:
        """Refuse a malformed request with an empty body, and close the connection."""
        del msg
        head = STATUS_LINE[self._status] + b"content-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head)
        self.transport.close()

    def shutdown(self) -> None:
        """Close an idle connection (KEPT) now, any other after its response.

        A connection in phase HEAD may still send its request.
        """
        self._closing = True
        if self._phase is not Phase.HEAD:
            super().shutdown()

    def _enter(self, phase: Phase) -> None:
        self._phase, self._head, self._since = phase, 0, time.monotonic()

    @property
    def waits_since(self) -> float | None:
        """When phase HEAD or KEPT began, by time.monotonic. None in the other phases."""
        return self._since if self._phase in {Phase.HEAD, Phase.KEPT} else None

    def close_if_late(self, now: float) -> None:
        """Close the connection if its phase has lasted too long. `now`: by time.monotonic."""
        if now > self._since + _SECONDS[self._phase]:
            self.transport.abort()


def _share_with_other_workers() -> None:
    """Pause briefly if two connections arrive at once. Otherwise one worker could accept all of them."""
    now = time.monotonic()
    if now - _Accepted.last < _SIMULTANEOUS_SECONDS:
        time.sleep(_YIELD)
    _Accepted.last = now


class _Accepted:
    """When this process last accepted a connection, by time.monotonic."""

    last = 0.0


_SIMULTANEOUS_SECONDS: Final = 0.001
"""Seconds between two connections below which they count as arriving at once."""
_YIELD: Final = 1e-6
"""Seconds of the pause in which another worker can accept the next connection."""


def _make_room(newest: Connection) -> None:
    """Close the connection that has waited longest for a request; if none waits, close the newest."""
    waiting = {each: since for each in Connection.all_open if (since := each.waits_since) is not None}
    min(waiting.keys() - {newest}, key=waiting.__getitem__, default=newest).transport.abort()


def end_late_connections() -> None:
    """Close every connection of this process that is over its deadline."""
    now = time.monotonic()
    for connection in list(Connection.all_open):
        connection.close_if_late(now)
