"""The supervisor: starts the workers, replaces those that fail, and tells systemd how it goes."""

import logging
import os
import socket
import time
from multiprocessing import parent_process
from typing import Final

from uvicorn import Config
from uvicorn.supervisors.multiprocess import Multiprocess

from ivr.model.limits import CLOSE_SECONDS, STOP_SECONDS
from ivr.serving.reload import Reload
from ivr.serving.worker import Worker

log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 1
"""Pause in seconds before a worker that ended by an error, as at a failed start, is replaced."""


class Supervisor(Multiprocess):
    """uvicorn's supervisor. It also replaces workers that fail to start, and sends its state to systemd."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self._reload = Reload(self._start)
        self._ready_sent = False

    def _start(self) -> Worker:
        worker = Worker(self.config, self.sockets)
        worker.start()
        return worker

    def init_processes(self) -> None:
        self.processes = [self._start() for _ in range(self.processes_num)]

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
                self.processes[place] = self._start()
        self._reload.go_on(self.processes)
        if not self._ready_sent and all(process.is_ready() for process in self.processes):
            self._ready_sent = True
            notify("READY=1")
        if self._ready_sent:
            notify("WATCHDOG=1")

    def restart_all(self) -> None:
        """Begin to replace the workers; `run` goes on with it. uvicorn calls this at SIGHUP."""
        self._reload.begin(self.processes)

    def terminate_all(self) -> None:
        notify("STOPPING=1")
        self.processes.extend(self._reload.others)
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
