"""From phrases to sound: recordings, built speech, and the engines that build it."""

from typing import Final

RATE: Final = 8000
"""Hz: what a telephone carries."""
