"""The server processes: a supervisor, and uvicorn workers that answer requests.

In a worker, background threads read changed files, share metrics, and detect a blocked event loop.
"""

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
from ivr.store.background import Store
from ivr.web.asgi import Application, Receive, Scope, Send
from ivr.web.connection import Connection, end_late_connections
from ivr.web.metrics import Metrics

log = logging.getLogger(__name__)

BACKLOG: Final = 2048
"""Connections that the kernel queues while no worker accepts them, as during a restart."""
PING_SECONDS: Final = 3
"""Time in which a worker's ping thread must answer. It is enough while a thousand files are read."""
BLOCKED_SECONDS: Final = 10
"""Time after which a worker with a blocked event loop kills itself. The supervisor starts another."""
READY_SECONDS: Final = 20
"""Time for a new worker to read the configuration. It must be less than WatchdogSec (30)."""
AGAIN_SECONDS: Final = 1
"""Pause in seconds before a worker that ended by an error, as at a failed start, is replaced."""


@dataclass(slots=True)
class WorkerApplication:
    """The ASGI application of a worker. Its background threads start and stop with the server (lifespan)."""

    app: Application
    """Answers the HTTP requests."""
    live: Live
    store: Store
    metrics: Metrics
    _stop: Event = field(default_factory=Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await receive()
            self._start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self._stop.set()
            self.store.stop()
            await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        for name, work in (("files", self._watch_files), ("metrics", self._share), ("watchdog", _watchdog)):
            Thread(target=work, name=name, daemon=True).start()
        self.store.start()

    def _watch_files(self) -> None:
        self.live.watch(self._stop)

    def _share(self) -> None:
        while not self._stop.wait(SHARE_SECONDS):
            self.metrics.share()


class _Loop:
    """When the event loop of this process last ran `each_second`, by time.monotonic."""

    beat = time.monotonic()


async def each_second() -> None:
    """Close late connections, and record that the event loop runs. uvicorn calls this once a second."""
    _Loop.beat = time.monotonic()
    end_late_connections()


def _watchdog() -> None:
    """End this worker if its event loop is blocked, or if its supervisor has ended."""
    supervisor = parent_process()
    _Loop.beat = time.monotonic()
    while time.monotonic() - _Loop.beat < BLOCKED_SECONDS:
        if supervisor is not None and not supervisor.is_alive():
            log.error("the supervisor is gone: this worker ends")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        time.sleep(1)
    log.error("the event loop is blocked: this worker is ended")
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
        timeout_notify=0,
        callback_notify=each_second,
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


class Supervisor(Multiprocess):
    """uvicorn's supervisor. It also replaces workers that fail to start, and sends its state to systemd."""

    _ready_sent = False

    def keep_subprocess_alive(self) -> None:
        for place, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if not process.is_alive(self.config.timeout_worker_healthcheck):
                process.kill()
                process.join()
                log.error("worker %s has ended or does not respond: another one is started", process.pid)
                ended_by_error = (process.exitcode or 0) > 0  # negative: by a signal
                self.should_exit.wait(AGAIN_SECONDS if ended_by_error else 0)
                self.processes[place] = Process(self.config, self.sockets)
                self.processes[place].start()
        if not self._ready_sent and all(process.is_ready() for process in self.processes):
            self._ready_sent = True
            notify("READY=1")
        if self._ready_sent:
            notify("WATCHDOG=1")

    def restart_all(self) -> None:
        """Replace the workers one by one. An old worker ends when the new one is ready."""
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
        """Wait for the workers to end. One that does not end in time is killed."""
        end = time.monotonic() + CLOSE_SECONDS + STOP_SECONDS
        for process in self.processes:
            process.process.join(max(end - time.monotonic(), 0))
            if process.exitcode is None:
                process.process.kill()
                process.process.join()


def notify(state: str) -> None:
    """Send the service's state to systemd (sd_notify(3)). Does nothing if NOTIFY_SOCKET is not set."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        try:
            systemd.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
        except OSError:
            log.warning("systemd could not be told: %s", state)
