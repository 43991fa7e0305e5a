"""The interface through which webhooks record counts, erasures and ring-check answers (see `ivr.store`)."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from ivr.dialogue.usage import Anonymous, Count
from ivr.store.background import StoreStatus


class CallRecorder(Protocol):
    """Records what must survive the process. Each method returns within a short fixed time."""

    def count(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        """Add one to each of these counts. `day`: in the line's time zone."""

    def request_erasure(self, *sids: str) -> None:
        """Request that Twilio's records of these calls are deleted.

        When this returns, the request may still wait in memory, if the disk is slow or full.
        """

    def note_acceptance(self, token: str) -> None:
        """Record that the contact of a ring check pressed 1. Raises any exception if it is not stored.

        `token`: identifies the ring check.
        """

    def status(self) -> StoreStatus:
        """Return whether the store is reachable, and how long each erasure has waited."""


class NullRecorder:
    """A CallRecorder that records nothing, for a desk phone without a server."""

    def count(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        pass

    def request_erasure(self, *sids: str) -> None:
        pass

    def note_acceptance(self, token: str) -> None:
        del token
        raise LookupError("there is no store")

    def status(self) -> StoreStatus:
        return StoreStatus(reachable=True, erasure_ages=())
