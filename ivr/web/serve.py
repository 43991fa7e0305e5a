"""Serving the line: workers of uvicorn that answer, and a process that looks after them."""

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
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from ivr.config.live import Live
from ivr.model.limits import CLOSE_SECONDS, KEEP_ALIVE_SECONDS, SHARE_SECONDS, STOP_SECONDS
from ivr.store.keeping import Store
from ivr.web.asgi import Application, Receive, Scope, Send
from ivr.web.connection import Connection, end_late_connections
from ivr.web.metrics import Metrics

log = logging.getLogger(__name__)

BACKLOG: Final = 2048
"""Connections that the kernel holds while no worker takes them, as during a restart."""
STILL_SECONDS: Final = 3
"""In which a worker must show that it lives, even while it reads a thousand files."""
FROZEN_SECONDS: Final = 10
"""After which a worker whose event loop stands still is ended, so that another takes its place."""
READY_SECONDS: Final = 20
"""In which a new worker must have read the configuration and answer; systemd waits 30 for a sign of life."""
AGAIN_SECONDS: Final = 1
"""Before a worker is started again that died."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker consists of."""

    app: Application
    live: Live
    store: Store
    metrics: Metrics


@dataclass(slots=True)
class Worker:
    """An ASGI application that starts its background work with the server, and ends it with the server."""

    parts: Parts
    _stop: Event = field(default_factory=Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.parts.app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await receive()
            self._start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self._stop.set()
            self.parts.store.stop()
            await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        for name, work in (("files", self._watch_files), ("watch", self._share), ("watchdog", _watch_over)):
            Thread(target=work, name=name, daemon=True).start()
        self.parts.store.start()

    def _watch_files(self) -> None:
        self.parts.live.watch(self._stop)

    def _share(self) -> None:
        while not self._stop.wait(SHARE_SECONDS):
            self.parts.metrics.share()


class _Loop:
    """When the event loop of this process last went round."""

    beat = time.monotonic()


async def each_second() -> None:
    """Look after the connections, and show that the event loop goes round. uvicorn calls it once a second."""
    _Loop.beat = time.monotonic()
    end_late_connections()


def _watch_over() -> None:
    """End this worker where its event loop stands still, or where nobody looks after it any more."""
    supervisor = parent_process()
    _Loop.beat = time.monotonic()
    while time.monotonic() - _Loop.beat < FROZEN_SECONDS:
        if supervisor is not None and not supervisor.is_alive():
            log.error("the supervisor is gone: this worker ends")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        time.sleep(1)
    log.error("the event loop stands still: this worker is ended")
    os.kill(os.getpid(), signal.SIGKILL)


def serve(
    make: Callable[[], Application], listening: socket.socket, workers: int, logs: Mapping[str, Any]
) -> None:
    """Serve until SIGTERM or SIGINT. SIGHUP replaces the workers one by one.

    `make`: makes a `Worker` in each process; it is pickled on the way there. `listening`: a bound socket.
    """
    config = Config(
        make,
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
        timeout_worker_healthcheck=STILL_SECONDS,
        timeout_notify=0,
        callback_notify=each_second,
    )
    Supervisor(config, [listening]).run()


def bound(host: str, port: int) -> socket.socket:
    """Bind an address; the workers listen once they can answer. Raises OSError where that cannot be."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def handed_over(fd: int | None, environ: Mapping[str, str]) -> socket.socket | None:
    """Give a socket that is open already: `fd`, or systemd's first (sd_listen_fds(3)); None without."""
    if fd is None and environ.get("LISTEN_PID") == str(os.getpid()) and environ.get("LISTEN_FDS", "0") != "0":
        fd = 3
    return None if fd is None else socket.socket(fileno=fd)


class Supervisor(Multiprocess):
    """uvicorn's, which never gives up: a worker that cannot start must not take those along that answer."""

    _told_ready = False

    def keep_subprocess_alive(self) -> None:
        for place, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if not process.is_alive(self.config.timeout_worker_healthcheck):
                process.kill()
                process.join()
                log.error("worker %s died, or stood still: another one is started", process.pid)
                self.should_exit.wait(AGAIN_SECONDS if process.exitcode == _NOT_STARTED else 0)
                self.processes[place] = Process(self.config, self.sockets)
                self.processes[place].start()
        if not self._told_ready and all(process.is_ready() for process in self.processes):
            self._told_ready = True
            notify("READY=1")
        if self._told_ready:
            notify("WATCHDOG=1")

    def restart_all(self) -> None:
        """Replace each worker; one goes only when another answers in its place."""
        for place, old in enumerate(self.processes):
            new = Process(self.config, self.sockets)
            new.start()
            if not new.wait_until_ready(READY_SECONDS, self.should_exit):
                new.kill()
                log.error("a new worker could not start: the old ones stay")
                return
            old.terminate()
            old.process.join(CLOSE_SECONDS + STOP_SECONDS)
            old.process.kill()
            self.processes[place] = new
            notify("WATCHDOG=1")

    def terminate_all(self) -> None:
        notify("STOPPING=1")
        super().terminate_all()

    def join_all(self) -> None:
        """Wait for the workers; one that does not end in time is ended by force."""
        end = time.monotonic() + CLOSE_SECONDS + STOP_SECONDS
        for process in self.processes:
            process.process.join(max(end - time.monotonic(), 0))
            if process.exitcode is None:
                process.process.kill()
                process.process.join()


_NOT_STARTED: Final = 3
"""uvicorn's exit code of a worker whose application could not be made."""


def notify(state: str) -> None:
    """Tell systemd how the service is doing (sd_notify(3)); nothing where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        try:
            systemd.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
        except OSError:
            log.warning("systemd could not be told: %s", state)
