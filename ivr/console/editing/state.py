"""What a form that is being filled in stands on. It travels with the form; the server keeps nothing of it."""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from ivr.model.limits import FILE_BYTES

_MOST: Final = 4 * FILE_BYTES
"""Bytes of the unpacked state: two files, with what JSON adds."""


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
    def unpacked(cls, packed: str) -> Self | None:
        """Return the state in a form; None where somebody changed it."""
        try:
            reader = zlib.decompressobj()
            content = json.loads(reader.decompress(urlsafe_b64decode(packed.encode()), _MOST))
            text, base, found = content
        except (NoBase64, zlib.error, ValueError, TypeError):
            return None
        good = isinstance(text, str) and isinstance(found, str) and isinstance(base, str | None)
        return cls(text, base, found) if good else None

    def packed(self) -> str:
        """Return the state for a hidden field. A browser would change the line endings of text."""
        content = json.dumps([self.text, self.base, self.digest])
        return urlsafe_b64encode(zlib.compress(content.encode())).decode()


def digest(content: str | bytes) -> str:
    """Return what identifies the content of a file: its SHA-256."""
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()
