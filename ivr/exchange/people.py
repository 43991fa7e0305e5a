"""Who is on both ends of a call: a caller who presses keys, and a far end that picks up, or does not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from ivr.exchange.transcript import CallEvent

OUTCOMES: Final = ("answer", "busy", "no-answer", "failed", "voicemail", "declines")
"""What a far end can do. `declines`: picks up and presses another key than the one asked for."""

SILENCE: Final = "-"
HANG_UP: Final = "h"
KEYS: Final = "0123456789*#"


class HungUp(Exception):
    """The caller hung up."""


class Caller(Protocol):
    """Somebody with a telephone at the ear."""

    def hears(self, text: str, wav: bytes | None, seconds: float, *, listening: bool) -> str | None:
        """Hear something; the key pressed meanwhile, if the line listens for one. Raises HungUp."""

    def waits(self, seconds: int) -> str | None:
        """Be offered a silence to press a key in. Raises HungUp."""

    def sees(self, event: CallEvent) -> None:
        """Whatever happens, as it happens."""


class FarEnd(Protocol):
    """The other telephones."""

    def rings(self, address: str, seconds: int) -> str:
        """Ring one for so long; which of OUTCOMES follows. Raises HungUp."""


class ScriptedCaller:
    """Presses one key of a script whenever the line waits for one, after hearing it out.

    `-` lets a silence pass, `h` hangs up; at the end of the script the caller is silent.
    """

    def __init__(self, keys: str) -> None:
        unknown = set(keys) - set(KEYS + SILENCE + HANG_UP)
        if unknown:
            raise ValueError(
                f"{''.join(sorted(unknown))!r} in {keys!r}: there are {KEYS} {SILENCE} {HANG_UP}"
            )
        self._keys: Iterator[str] = iter(keys)

    def hears(self, text: str, wav: bytes | None, seconds: float, *, listening: bool) -> None:
        del text, wav, seconds, listening

    def waits(self, seconds: int) -> str | None:
        del seconds
        key = next(self._keys, SILENCE)
        if key == HANG_UP:
            raise HungUp
        return None if key == SILENCE else key

    def sees(self, event: CallEvent) -> None:
        pass


class ScriptedFarEnd:
    """Each ring of a group takes its next outcome; after the last, and elsewhere, somebody answers."""

    def __init__(self, outcomes: Mapping[str, Sequence[str]], groups: Mapping[str, str]) -> None:
        """`groups`: address → the word by which `outcomes` knows it."""
        for outcome in (each for several in outcomes.values() for each in several):
            if outcome not in OUTCOMES:
                raise ValueError(f"{outcome!r}: a far end can {', '.join(OUTCOMES)}")
        self._groups = groups
        self._left = {group: iter(several) for group, several in outcomes.items()}

    def rings(self, address: str, seconds: int) -> str:
        del seconds
        group = self._groups.get(address, address)
        return next(self._left.get(group, iter(())), "answer")
