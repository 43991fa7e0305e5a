"""How often each contact is being rung, so that a hundred calls at once do not all ring one person."""

from collections import deque
from typing import Final

AT_ONCE: Final = 3
"""Forwardings that may ring one contact at the same time; the next caller goes to the next contact."""


class Ringing:
    """Which contacts are rung by forwardings that this process began.

    The cap is soft: each worker counts for itself, and a forwarding counts until its ringing time is over.
    """

    def __init__(self) -> None:
        self._ends: dict[str, deque[float]] = {}

    def began(self, number: str, ring: int, seconds: float) -> None:
        """A contact is rung for `ring` seconds. `seconds`: now, of a clock that only goes on."""
        self._ends.setdefault(number, deque()).append(seconds + ring)

    def full(self, seconds: float) -> frozenset[str]:
        """The numbers that are rung as often as they may be."""
        for number, ends in list(self._ends.items()):
            while ends and ends[0] <= seconds:
                ends.popleft()
            if not ends:
                del self._ends[number]
        return frozenset(number for number, ends in self._ends.items() if len(ends) >= AT_ONCE)
