"""Detection of repeated webhooks, which are answered again and counted once."""

from collections.abc import Hashable
from hashlib import blake2b
from secrets import token_bytes
from typing import Final

SECONDS: Final = 600
"""Time for which a webhook is remembered at least, unless MOST others follow. Few calls last longer."""
MOST: Final = 50_000
"""Webhooks in one generation; two generations are kept, about 5 MB each."""


class ReplayFilter:
    """Remembers the signatures of counted webhooks as hashes, keyed with a random key of this process.

    Workers do not share this memory, so a replay is counted once by each worker that receives it.
    """

    def __init__(self) -> None:
        self._key = token_bytes(32)
        self._current: set[Hashable] = set()
        self._previous: set[Hashable] = set()
        self._since = 0.0

    def is_first(self, signature: str, seconds: float) -> bool:
        """Return whether a signature is new, and remember it. `seconds`: now, by time.monotonic."""
        if seconds - self._since > 2 * SECONDS:
            self._current = set()
        if seconds - self._since > SECONDS or len(self._current) >= MOST:
            self._current, self._previous, self._since = set(), self._current, seconds
        digest = blake2b(signature.encode("utf-8", "surrogateescape"), key=self._key, digest_size=16).digest()
        if digest in self._current or digest in self._previous:
            return False
        self._current.add(digest)
        return True
