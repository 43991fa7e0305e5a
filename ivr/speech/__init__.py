"""From phrases to sound: recordings, built speech, and the engines that build it."""

from typing import Final

RATE: Final = 8000
"""Hz: what a telephone carries."""
FRAME: Final = 2
"""Bytes of a sample: 16 bits, mono."""


class TooLong(Exception):
    """A sound that is longer than one can be played, or of a kind that nobody records: it is not decoded."""
