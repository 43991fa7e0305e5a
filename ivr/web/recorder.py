"""What the web asks to be kept; `ivr.store` does it."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from ivr.dialogue.usage import Anonymous, Count
from ivr.store.background import StoreStatus


class CallRecorder(Protocol):
    """Keeps what must outlive an answer, and never makes a caller wait for it."""

    def count(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        """Count one more of each, on a day in the line's time zone."""

    def request_erasure(self, *sids: str) -> None:
        """Want the records of calls erased at Twilio. Stored when this returns."""

    def note_acceptance(self, token: str) -> None:
        """Note that who was rung for a ring check pressed 1. Raises whatever keeps it from that."""

    def status(self) -> StoreStatus:
        """What waits to be kept."""


class NullRecorder:
    """A CallRecorder that keeps nothing: for the desk phone without a server."""

    def count(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        pass

    def request_erasure(self, *sids: str) -> None:
        pass

    def note_acceptance(self, token: str) -> None:
        raise LookupError(f"nothing to note {len(token)} signs in")

    def status(self) -> StoreStatus:
        return StoreStatus()
