"""The interface through which requests are measured. No measurement is about a single caller."""

from datetime import datetime
from threading import Event
from typing import Protocol

from ivr.config.live import Snapshot
from ivr.dialogue.usage import Anonymous, Count
from ivr.model.limits import SHARE_SECONDS
from ivr.store.background import StoreStatus


class Metrics(Protocol):
    """Receives measurements, and writes the page for GET /metrics."""

    def answered(self, status: int, seconds: float) -> None:
        """A response with this HTTP status began after so many seconds."""

    def failed(self) -> None:
        """An exception occurred in a webhook: the caller heard an apology, or a count was lost."""

    def refused(self) -> None:
        """A webhook was refused: it had no valid signature."""

    def counted(self, counts: tuple[Count | Anonymous, ...]) -> None:
        """Items were used, or forwardings ended."""

    def share(self) -> None:
        """Share this worker's measurements with the others. Called from a background thread every second."""

    def page(self, snapshot: Snapshot, status: StoreStatus, moment: datetime) -> tuple[bytes, str]:
        """Return the page with the measurements of all workers, and its content type."""


class NoMetrics:
    """A Metrics that ignores all measurements."""

    def answered(self, status: int, seconds: float) -> None:
        pass

    def failed(self) -> None:
        pass

    def refused(self) -> None:
        pass

    def counted(self, counts: tuple[Count | Anonymous, ...]) -> None:
        pass

    def share(self) -> None:
        pass

    def page(self, snapshot: Snapshot, status: StoreStatus, moment: datetime) -> tuple[bytes, str]:
        del snapshot, status, moment
        return b"", "text/plain"


def share(metrics: Metrics, stop: Event) -> None:
    """Share a worker's measurements with the others every SHARE_SECONDS, until `stop` is set."""
    while not stop.wait(SHARE_SECONDS):
        metrics.share()
