"""What a watcher of the line is told, whoever that is; nothing of it is about a caller."""

from datetime import datetime
from typing import Protocol

from ivr.config.live import Snapshot
from ivr.dialogue.usage import Anonymous, Count
from ivr.store.background import StoreStatus


class Metrics(Protocol):
    """Is told what happens."""

    def answered(self, status: int, seconds: float) -> None:
        """A request was answered with this status, after so many seconds."""

    def failed(self) -> None:
        """Something in an answer failed: a caller heard an apology, or nothing was counted of the call."""

    def refused(self) -> None:
        """A webhook had no good signature."""

    def counted(self, counts: tuple[Count | Anonymous, ...]) -> None:
        """An item was used, or a forwarding ended."""

    def share(self) -> None:
        """Share with the other workers what was told; called now and then, while nobody waits."""

    def page(self, snapshot: Snapshot, status: StoreStatus, moment: datetime) -> tuple[bytes, str]:
        """All of it for a watcher to read, and its content type."""


class NoMetrics:
    """A Metrics that nobody looks at."""

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
