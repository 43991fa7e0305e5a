"""Random tokens. The store keeps their hashes alone, so that a copy of it opens nothing."""

from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

_BYTES: Final = 32


def make() -> str:
    """Return a new token, which nobody can guess."""
    return token_urlsafe(_BYTES)


def hashed(token: str) -> str:
    """Return what is stored of a token."""
    return sha256(token.encode(errors="replace")).hexdigest()
