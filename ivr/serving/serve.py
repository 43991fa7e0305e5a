"""The socket, and the workers of uvicorn that answer requests on it.

In a worker, background threads do the work of its application, and one detects a blocked event loop.
"""

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing import parent_process
from threading import Event, Thread
from typing import Any, Final

from uvicorn import Config

from ivr.model.limits import CLOSE_SECONDS, KEEP_ALIVE_SECONDS
from ivr.serving.asgi import Application, Receive, Scope, Send
from ivr.serving.connection import Connection, end_late_connections
from ivr.serving.log import flush
from ivr.serving.supervisor import Supervisor
from ivr.serving.worker import PING_SECONDS

log = logging.getLogger(__name__)

BACKLOG: Final = 2048
"""Connections that the kernel queues while no worker accepts them, as during a restart."""
BLOCKED_SECONDS: Final = 10
"""Time after which a worker with a blocked event loop kills itself. The supervisor starts another."""


def _nothing() -> None:
    pass


@dataclass(slots=True)
class WorkerApplication:
    """The ASGI application of a worker. Its background threads start and stop with the server (lifespan)."""

    app: Application
    """Answers the HTTP requests."""
    threads: Mapping[str, Callable[[Event], None]] = field(default_factory=dict)
    """Name → work of a background thread. It ends when the event is set."""
    start: Callable[[], None] = _nothing
    """Called when the threads run."""
    stop: Callable[[], None] = _nothing
    """Called when the event is set. The worker ends after it has returned."""
    _stop: Event = field(default_factory=Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await receive()
            self._start()
            # uvicorn's own way (callback_notify) stands still after the clock was set back.
            beating = asyncio.create_task(_each_second())
            await send({"type": "lifespan.startup.complete"})
            await receive()
            beating.cancel()
            self._stop.set()
            self.stop()
            flush()
            await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        Thread(target=_watchdog, name="watchdog", daemon=True).start()
        for name, work in self.threads.items():
            Thread(target=work, args=(self._stop,), name=name, daemon=True).start()
        self.start()


class _Loop:
    """The event loop of this process."""

    beats = 0
    """How often it ran `_each_second`."""


async def _each_second() -> None:
    """Close late connections, and count that the event loop runs."""
    while True:
        _Loop.beats += 1
        end_late_connections()
        await asyncio.sleep(1)


def _watchdog() -> None:
    """End this worker if its event loop is blocked, or if its supervisor has ended.

    It counts its own looks. By a clock, a healthy worker would seem blocked after the machine stood still.
    """
    supervisor = parent_process()
    seen, without_beat = -1, 0
    while without_beat < BLOCKED_SECONDS:
        if supervisor is not None and not supervisor.is_alive():
            log.error("the supervisor is gone: this worker ends")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        time.sleep(1)
        without_beat = without_beat + 1 if _Loop.beats == seen else 0
        seen = _Loop.beats
    log.error("the event loop is blocked: this worker is ended")
    flush()
    os.kill(os.getpid(), signal.SIGKILL)


def serve(
    factory: Callable[[], Application], listening: socket.socket, workers: int, logs: Mapping[str, Any]
) -> None:
    """Serve until SIGTERM or SIGINT. SIGHUP replaces the workers one by one.

    `factory`: called in each worker process, makes the `WorkerApplication`. It must be picklable.
    `listening`: a bound socket. `workers`: the number of processes. `logs`: for logging.config.dictConfig.
    """
    config = Config(
        factory,
        factory=True,
        workers=workers,
        http=Connection,
        ws="none",
        loop="uvloop",
        lifespan="on",
        interface="asgi3",
        log_config=dict(logs),
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=CLOSE_SECONDS,
        timeout_worker_healthcheck=PING_SECONDS,
    )
    Supervisor(config, [listening]).run()


def bind_socket(host: str, port: int) -> socket.socket:
    """Bind a TCP socket. The workers call listen once they can answer. Raises OSError."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def inherited_socket(fd: int | None, environ: Mapping[str, str]) -> socket.socket | None:
    """Return a socket that the parent process opened: `fd`, or systemd's first one (sd_listen_fds(3)).

    Returns None if there is neither.
    """
    if fd is None and environ.get("LISTEN_PID") == str(os.getpid()) and environ.get("LISTEN_FDS", "0") != "0":
        fd = 3
    return None if fd is None else socket.socket(fileno=fd)
