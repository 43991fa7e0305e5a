"""The server processes: a supervisor, and uvicorn workers that answer requests.

In a worker, background threads do the work of its application, and one detects a blocked event loop.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import parent_process
from threading import Event, Thread
from typing import Any, Final

from uvicorn import Config
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from ivr.model.limits import CLOSE_SECONDS, KEEP_ALIVE_SECONDS, STOP_SECONDS
from ivr.serving.asgi import Application, Receive, Scope, Send
from ivr.serving.connection import Connection, end_late_connections

log = logging.getLogger(__name__)

BACKLOG: Final = 2048
"""Connections that the kernel queues while no worker accepts them, as during a restart."""
PING_SECONDS: Final = 3
"""Time in which a worker's ping thread must answer. It is enough while a thousand files are read."""
BLOCKED_SECONDS: Final = 10
"""Time after which a worker with a blocked event loop kills itself. The supervisor starts another."""
READY_SECONDS: Final = 20
"""Time for a new worker to start and to read the configuration. It must be less than WatchdogSec (30)."""
AGAIN_SECONDS: Final = 1
"""Pause in seconds before a worker that ended by an error, as at a failed start, is replaced."""


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
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self._stop.set()
            self.stop()
            await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        Thread(target=_watchdog, name="watchdog", daemon=True).start()
        for name, work in self.threads.items():
            Thread(target=work, args=(self._stop,), name=name, daemon=True).start()
        self.start()


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


class Worker(Process):
    """A worker as its supervisor sees it. One that has just started may need longer for its first answer."""

    def start(self) -> None:
        super().start()
        self._answered = False
        self._since = time.monotonic()
        self.parent_conn.send(b"ping")

    def is_alive(self, timeout: float = PING_SECONDS) -> bool:
        """Whether the process runs, and answers in time. While it imports the program, it cannot answer."""
        if not self._has_answered():
            return self.process.is_alive() and time.monotonic() < self._since + READY_SECONDS
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


class Supervisor(Multiprocess):
    """uvicorn's supervisor. It also replaces workers that fail to start, and sends its state to systemd."""

    _ready_sent = False

    def init_processes(self) -> None:
        self.processes = [Worker(self.config, self.sockets) for _ in range(self.processes_num)]
        for process in self.processes:
            process.start()

    def keep_subprocess_alive(self) -> None:
        if (parent := parent_process()) is not None and not parent.is_alive():
            self.should_exit.set()  # `ivr demo`, which started it, was killed
        for place, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if not process.is_alive(self.config.timeout_worker_healthcheck):
                process.kill()
                process.join()
                log.error("worker %s has ended or does not respond: another one is started", process.pid)
                ended_by_error = (process.exitcode or 0) > 0  # negative: by a signal
                self.should_exit.wait(AGAIN_SECONDS if ended_by_error else 0)
                self.processes[place] = Worker(self.config, self.sockets)
                self.processes[place].start()
        if not self._ready_sent and all(process.is_ready() for process in self.processes):
            self._ready_sent = True
            notify("READY=1")
        if self._ready_sent:
            notify("WATCHDOG=1")

    def restart_all(self) -> None:
        """Replace the workers one by one. An old worker ends when the new one is ready."""
        for place, old in enumerate(self.processes):
            new = Worker(self.config, self.sockets)
            new.start()
            if not new.wait_until_ready(READY_SECONDS, self.should_exit):
                new.kill()
                log.error("a new worker could not start: the others are not replaced")
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
            log.warning("systemd could not be notified: %s", state)
