"""Passwords: hashed with argon2id, and checked for being easy to guess."""

from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.store import tokens

SHORTEST: Final = 12
LONGEST: Final = 200
"""Characters. Hashing reads all of them, so there is an end."""
_DIFFERENT: Final = 5
"""Different characters that a password has at least."""
_AT_ONCE: Final = 2
"""Passwords that a process hashes at the same time: each takes 64 MB."""


class Passwords:
    """Makes and compares hashes. An unknown account takes as long as a known one."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._turn = BoundedSemaphore(_AT_ONCE)
        self._dummy = self.hash(tokens.make())

    def hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(password)

    def verify(self, known: str | None, password: str) -> bool:
        """Whether a password has this hash. Where there is none, a dummy is compared and the answer is no."""
        with self._turn:
            try:
                self._hasher.verify(known or self._dummy, password[:LONGEST])
            except (VerificationError, InvalidHashError):
                return False
        return known is not None


def weakness(password: str, *known: str) -> str | None:
    """Return the word for what is wrong with a new password, or None. `known`: name and mail of its owner."""
    lowered = password.lower()
    if len(password) < SHORTEST:
        return "password.short"
    if len(password) > LONGEST:
        return "password.long"
    parts = [part for text in (*known, "balielijn") for part in text.lower().replace("@", " ").split()]
    if len(set(lowered)) < _DIFFERENT or any(len(part) > 3 and part in lowered for part in parts):  # noqa: PLR2004 - a name of three letters is in many words
        return "password.easy"
    return None
