"""Connections to the server, each with a deadline for what comes next: no client holds one for long."""

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
    """What a connection waits for."""

    HEAD = auto()
    """The client sends the first line and the headers of a request."""
    BODY = auto()
    """The client sends the body."""
    ANSWER = auto()
    """The answer is made, and read by the client."""
    KEPT = auto()
    """The next request may come."""


_SECONDS: Final = {
    Phase.HEAD: HEAD_SECONDS,
    Phase.BODY: BODY_SECONDS,
    Phase.ANSWER: ANSWER_SECONDS,
    Phase.KEPT: KEEP_ALIVE_SECONDS,
}
"""For which it waits at most."""


class _HeadTooLarge(Exception):
    """Headers beyond all need."""


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with limits on headers, on time, and on how many there are."""

    open: ClassVar[set["Connection"]] = set()
    """Those of this process."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _share_with_other_workers()
        self._phase = Phase.HEAD
        self._since = 0.0
        self._head = 0
        self._status = _BAD
        self._last = False
        """The server is stopping: the next answer ends this connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._enter(Phase.HEAD)
        Connection.open.add(self)
        if len(Connection.open) > CONNECTIONS:
            _make_room(self)

    def connection_lost(self, exc: Exception | None) -> None:
        Connection.open.discard(self)
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
        if self._last:
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
        """Refuse what is no request that a client of ours sends. uvicorn's text is left out."""
        del msg
        head = STATUS_LINE[self._status] + b"content-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head)
        self.transport.close()

    def shutdown(self) -> None:
        """Stop after the next answer; a connection that was opened for a request still gets it."""
        self._last = True
        if self._phase is not Phase.HEAD:
            super().shutdown()

    def _enter(self, phase: Phase) -> None:
        self._phase, self._head, self._since = phase, 0, time.monotonic()

    @property
    def waits_since(self) -> float | None:
        """Since when it waits for a request (of time.monotonic); None while there is one."""
        return self._since if self._phase in {Phase.HEAD, Phase.KEPT} else None

    def end_if_late(self, now: float) -> None:
        """End a connection whose client keeps it waiting. `now`: of time.monotonic."""
        if now > self._since + _SECONDS[self._phase]:
            self.transport.abort()


def _share_with_other_workers() -> None:
    """Let them go first where many connections come at once, or the first one awake takes them all."""
    now = time.monotonic()
    if now - _Taken.last < _AT_ONCE:
        time.sleep(_YIELD)
    _Taken.last = now


class _Taken:
    """When this worker last took a connection."""

    last = 0.0


_AT_ONCE: Final = 0.001
_YIELD: Final = 1e-6
"""Seconds: connections that come so soon after each other come at once; for so long the others go first."""


def _make_room(newest: Connection) -> None:
    """End the connection that has waited longest for a request; where all are being answered, the newest."""
    waiting = {each: since for each in Connection.open if (since := each.waits_since) is not None}
    min(waiting.keys() - {newest}, key=waiting.__getitem__, default=newest).transport.abort()


def end_late_connections() -> None:
    """End each connection of this process that is over its deadline."""
    now = time.monotonic()
    for connection in list(Connection.open):
        connection.end_if_late(now)
