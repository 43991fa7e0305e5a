"""What a form that is being filled in stands on. It travels with the form; the server keeps nothing of it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from itsdangerous import BadData, URLSafeSerializer


@dataclass(frozen=True, slots=True)
class State:
    text: str
    """The text whose values the form changes: the file, or a draft of it."""
    base: str | None
    """The file as it was when somebody began to change it; None where that is not known any more."""
    digest: str
    """Of that file (see `digest`)."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the state of a form that was not changed yet."""
        return cls(text, text, digest(text))

    @classmethod
    def unpacked(cls, packed: str, secret: bytes, slug: str) -> Self | None:
        """Return the state in a form of a municipality; None where it is not one of ours.

        Without the signature somebody could send another base, and so evade what is decided by it.
        """
        try:
            text, base, found = _serializer(secret, slug).loads(packed)
        except (BadData, ValueError, TypeError):
            return None
        return cls(text, base, found)

    def packed(self, secret: bytes, slug: str) -> str:
        """Return the state for a hidden field. A browser would change the line endings of text."""
        return str(_serializer(secret, slug).dumps([self.text, self.base, self.digest]))


def _serializer(secret: bytes, slug: str) -> URLSafeSerializer:
    """Signs and compresses (https://itsdangerous.palletsprojects.com/)."""
    return URLSafeSerializer(secret, salt=f"form of {slug}")


def digest(content: str | bytes) -> str:
    """Return what identifies the content of a file: its SHA-256."""
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()
