"""A webhook that comes again is answered again, and counted once."""

from collections.abc import Hashable
from hashlib import blake2b
from secrets import token_bytes
from typing import Final

SECONDS: Final = 600
"""For which a webhook is remembered: a call rarely lasts longer."""
MOST: Final = 50_000
"""Webhooks that are remembered: about 5 MB."""


class ReplayFilter:
    """Remembers which webhooks were counted, as hashes with a key that only this process has, in memory.

    A worker knows only what it counted itself, so a replay counts once for each worker that it reaches.
    """

    def __init__(self) -> None:
        self._key = token_bytes(32)
        self._now: set[Hashable] = set()
        self._before: set[Hashable] = set()
        self._since = 0.0

    def is_first(self, signature: str, seconds: float) -> bool:
        """Tell whether a webhook with this signature is new. `seconds`: of a clock that only goes on."""
        if seconds - self._since > 2 * SECONDS:
            self._now = set()
        if seconds - self._since > SECONDS or len(self._now) >= MOST:
            self._now, self._before, self._since = set(), self._now, seconds
        known = blake2b(signature.encode("utf-8", "surrogateescape"), key=self._key, digest_size=16).digest()
        if known in self._now or known in self._before:
            return False
        self._now.add(known)
        return True
