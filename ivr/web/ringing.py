"""A limit on how many calls ring one contact at the same time."""

from collections import deque
from typing import Final

RINGING_CALLS: Final = 3
"""Calls that may ring one contact at the same time. Further callers are put through to the next contact."""


class Ringing:
    """The contacts that calls answered by this process are ringing now.

    The limit is approximate: each worker counts its own calls, and counts each for the whole ringing time,
    even if the contact picks up earlier.
    """

    def __init__(self) -> None:
        self._ends: dict[str, deque[float]] = {}

    def began(self, number: str, ring: int, seconds: float) -> None:
        """Count a call that rings `number` for `ring` seconds. `seconds`: now, by time.monotonic."""
        self._ends.setdefault(number, deque()).append(seconds + ring)

    def full(self, seconds: float) -> frozenset[str]:
        """Return the numbers that RINGING_CALLS calls are ringing. `seconds`: now, by time.monotonic."""
        for number, ends in list(self._ends.items()):
            while ends and ends[0] <= seconds:
                ends.popleft()
            if not ends:
                del self._ends[number]
        return frozenset(number for number, ends in self._ends.items() if len(ends) >= RINGING_CALLS)
