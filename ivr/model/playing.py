"""Which sounds may be joined into the one file that a document plays."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ivr.model.limits import PLAY_BYTES, PLAY_PIECES

GAP_BYTES: Final = 4_000
"""Silence between two sounds: 0.25 s at 8 kHz and 16 bits."""


class Sound(NamedTuple):
    """A sound that can be played."""

    name: str
    """Its name in URLs."""
    size: int
    """Bytes of its samples at 8 kHz and 16 bits."""


def fits(sounds: Sequence[Sound]) -> bool:
    """Whether sounds may be joined into one file: each once, within PLAY_PIECES and PLAY_BYTES."""
    size = sum(sound.size for sound in sounds) + GAP_BYTES * (len(sounds) - 1)
    distinct = len({sound.name for sound in sounds}) == len(sounds)
    return 0 < len(sounds) <= PLAY_PIECES and distinct and size <= PLAY_BYTES


def longest_run(sounds: Sequence[Sound | None]) -> tuple[int, int]:
    """Find the longest run of sounds that may be joined: its start and end, as of a slice.

    None stands for a phrase without a sound. Without any sound both are 0.
    """
    best, run = (0, 0), list[Sound]()
    for end, sound in enumerate(sounds, 1):
        run = [*run, sound] if sound else []
        while run and not fits(run):
            run = run[1:]
        if len(run) > best[1] - best[0]:
            best = (end - len(run), end)
    return best
