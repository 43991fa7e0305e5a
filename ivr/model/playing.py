"""What is played as one file: sounds one after the other."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ivr.model.limits import PLAY_BYTES, PLAY_PIECES

GAP_BYTES: Final = 4_000
"""Silence between two sounds: a quarter of a second at telephone quality."""


class Sound(NamedTuple):
    """A sound that can be played."""

    name: str
    """By which addresses call it."""
    size: int
    """Bytes of its samples at telephone quality."""


def fits(sounds: Sequence[Sound]) -> bool:
    """Whether these may be joined into one file: neither too many, nor too long, and none twice."""
    size = sum(sound.size for sound in sounds) + GAP_BYTES * (len(sounds) - 1)
    distinct = len({sound.name for sound in sounds}) == len(sounds)
    return 0 < len(sounds) <= PLAY_PIECES and distinct and size <= PLAY_BYTES


def longest_run(sounds: Sequence[Sound | None]) -> tuple[int, int]:
    """Where the longest run that may be joined starts and ends; None stands for what has no sound."""
    best, run = (0, 0), list[Sound]()
    for end, sound in enumerate(sounds, 1):
        run = [*run, sound] if sound else []
        while run and not fits(run):
            run = run[1:]
        if len(run) > best[1] - best[0]:
            best = (end - len(run), end)
    return best
