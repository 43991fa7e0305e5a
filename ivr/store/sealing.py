"""Secrets in the database are sealed: encrypted with a key that is kept elsewhere.

Whoever has a copy of the database alone cannot make the codes of somebody's authenticator app.
"""

from collections.abc import Sequence
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_SEALED: Final = "gAAAA"
"""How every sealed text begins (https://github.com/fernet/spec: version and high bytes of the time).

A secret of an authenticator app is of capitals and digits alone.
"""


class Seal:
    """Seals and opens texts. Without keys, as in the demo, a text stays as it is."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """`keys`: 32 bytes in base64url each; the first one seals, all open. Raises ValueError."""
        self._keys = MultiFernet([Fernet(key) for key in keys]) if keys else None

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the seal of keys, one a line. Raises ValueError where there is none, or one is no key."""
        if not text.split():
            raise ValueError("no key")
        return cls(text.split())

    def close(self, text: str) -> str:
        """Return a text sealed: five times as long as a secret of 32 characters."""
        return self._keys.encrypt(text.encode()).decode() if self._keys else text

    def open(self, sealed: str) -> str | None:
        """Return the text; None where no key opens it. What was never sealed is the text itself."""
        if not sealed.startswith(_SEALED):
            return sealed
        try:
            return self._keys.decrypt(sealed).decode() if self._keys else None
        except InvalidToken:
            return None

    def renewed(self, sealed: str) -> str | None:
        """Return a text sealed anew with the first key; None where no key opens it."""
        text = self.open(sealed)
        return None if text is None else self.close(text)
