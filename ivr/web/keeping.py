"""What the web asks to be kept; `ivr.store` does it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ivr.counted import Anonymous, Count


class Keeping(Protocol):
    """Keeps what must outlive an answer, and never makes a caller wait for it."""

    def count(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        """Count one more of each, on a day in the line's time zone."""

    def wish(self, sid: str) -> None:
        """Want a call's records erased at Twilio. Stored when this returns."""

    def state(self) -> "Kept":
        """What waits to be kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How the keeping goes."""

    reachable: bool = True
    """Whether the store could be reached when it was last tried."""
    counts: int = 0
    """That wait to be stored, in this process."""
    wishes: int = 0
    """Calls whose records at Twilio are still to be erased, as far as is known."""
    oldest: float = 0
    """Seconds that the oldest of them has waited."""


class Forgetting:
    """A Keeping that keeps nothing: for the desk phone without a server."""

    def count(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        pass

    def wish(self, sid: str) -> None:
        pass

    def state(self) -> Kept:
        return Kept()
