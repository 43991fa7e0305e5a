"""A worker process, as its supervisor sees it and as it begins."""

import signal
import socket
import time
from contextlib import suppress
from typing import Final

from uvicorn.server import Server
from uvicorn.supervisors.multiprocess import Process

PING_SECONDS: Final = 3
"""Time in which a worker's ping thread must answer. It is enough while a thousand files are read."""
READY_SECONDS: Final = 60
"""Time for a new worker to start. It takes 3 s on an idle machine, and 20 s on one that is very busy."""


class Worker(Process):
    """uvicorn's worker. One that has just started may need longer for its first answer to a ping."""

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Run the server in the process of the worker."""
        # Sent to all processes of the line, SIGHUP is for the supervisor alone.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        # uvicorn makes it when it is first used, in two threads at once. If each made one, pings could be
        # answered for the one that never runs, and the worker never be ready.
        self._server = Server(config=self.config)
        super().target(sockets)

    def start(self) -> None:
        super().start()
        self._answered = False
        self._since = time.monotonic()
        self.parent_conn.send(b"ping")

    @property
    def late(self) -> bool:
        """Whether it was started longer ago than a start may take."""
        return time.monotonic() > self._since + READY_SECONDS

    def is_alive(self, timeout: float = PING_SECONDS) -> bool:
        """Whether the process runs, and answers in time. While it imports the program, it cannot answer."""
        if not self._has_answered():
            return self.process.is_alive() and not self.late
        return super().is_alive(timeout)

    def is_ready(self, timeout: float = PING_SECONDS) -> bool:
        """Whether the process answers in time, and serves requests."""
        return self._has_answered() and super().is_ready(timeout)

    def _has_answered(self) -> bool:
        with suppress(OSError, EOFError):  # it has just died
            if not self._answered and self.parent_conn.poll(0):
                self.parent_conn.recv()
                self._answered = True
        return self._answered
