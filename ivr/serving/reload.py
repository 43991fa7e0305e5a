"""A reload: workers are replaced one by one, each once its successor is ready."""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

from uvicorn.supervisors.multiprocess import Process

from ivr.model.limits import CLOSE_SECONDS, STOP_SECONDS
from ivr.serving.worker import Worker

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 5
"""Pause after a successor that could not start. The old workers answer meanwhile."""


class Reload:
    """Which workers are still to be replaced, and how far the next one is.

    It never waits, so that the supervisor meanwhile replaces workers that die, and obeys SIGTERM.
    """

    def __init__(self, start: Callable[[], Worker], monotonic: Callable[[], float] = time.monotonic) -> None:
        """`start`: starts a worker and returns it."""
        self._start, self._monotonic = start, monotonic
        self._outdated: set[Process] = set()
        self._successor: Worker | None = None
        """The worker that takes the place of an outdated one when it is ready."""
        self._leaving: Process | None = None
        """The worker that was replaced last, until it has ended."""
        self._leaves_by = 0.0
        """When it is killed (monotonic seconds)."""
        self._not_before = 0.0
        """When the next successor may be started (monotonic seconds)."""

    @property
    def others(self) -> list[Process]:
        """The processes of the reload that are not among the supervisor's workers."""
        return [each for each in (self._successor, self._leaving) if each is not None]

    def begin(self, workers: Iterable[Process]) -> None:
        """Replace all these, and a successor that was started before: it may have read something older."""
        self._outdated = {*workers, *self.others}

    def go_on(self, workers: list[Process]) -> None:
        """Do what can be done now; `workers` gets the successor in the place of an outdated worker."""
        if self._leaving is not None:
            self._wait_for(self._leaving)
        elif self._successor is not None:
            self._promote(self._successor, workers)
        elif not self._outdated.isdisjoint(workers) and self._monotonic() >= self._not_before:
            self._successor = self._start()

    def _wait_for(self, leaving: Process) -> None:
        if leaving.exitcode is not None:
            self._leaving = None
        elif self._monotonic() > self._leaves_by:
            leaving.kill()

    def _promote(self, successor: Worker, workers: list[Process]) -> None:
        if successor.is_ready():
            # Where all outdated workers died meanwhile, new ones have their places, and this one is too many.
            old = next((each for each in workers if each in self._outdated), successor)
            workers[:] = [successor if each is old else each for each in workers]
            old.terminate()
            log.info("worker %s replaces %s", successor.pid, old.pid)
            self._outdated.discard(old)
            self._successor, self._leaving = None, old
            self._leaves_by = self._monotonic() + CLOSE_SECONDS + STOP_SECONDS
        elif successor.late or not successor.is_alive():
            successor.kill()
            log.error("worker %s could not start: another one is started for the reload", successor.pid)
            self._successor, self._leaving = None, successor
            self._not_before = self._monotonic() + RETRY_SECONDS
