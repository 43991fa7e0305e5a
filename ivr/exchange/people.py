"""The people of a call: the caller, who presses keys, and the far ends, which answer or do not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from ivr.exchange.transcript import CallEvent

OUTCOMES: Final = ("answer", "busy", "no-answer", "failed", "voicemail", "declines")
"""What a far end can do when it is rung. `voicemail`: answers and presses no key. `declines`: answers and
presses another key than the one that accepts the call."""

SILENCE: Final = "-"
"""In a script of keys: press nothing until the Gather times out."""
HANG_UP: Final = "h"
"""In a script of keys, and on the keyboard: hang up."""
KEYS: Final = "0123456789*#"
"""The keys of a telephone."""


class HungUp(Exception):
    """The caller hung up."""


class Caller(Protocol):
    """The caller. Each method may raise HungUp."""

    def hears(self, text: str, wav: bytes | None, seconds: float, *, listening: bool) -> str | None:
        """Play speech that lasts `seconds`; return the key pressed meanwhile where `listening`, else None.

        `wav`: the sound as a WAV file, or None where there is only text.
        """

    def waits(self, seconds: int) -> str | None:
        """Wait for a key until the Gather times out; return the key, or None."""

    def sees(self, event: CallEvent) -> None:
        """Receive each event of the call as it happens."""


class FarEnd(Protocol):
    """Decides what each dialled telephone does."""

    def rings(self, endpoint: str, seconds: int) -> str:
        """Ring a number (E.164) or SIP URI for at most `seconds`; return one of OUTCOMES.

        Raises HungUp where the caller hangs up meanwhile.
        """


class ScriptedCaller:
    """A caller who hears each Gather to its end and then presses the next key of a script.

    `-` waits for the timeout of the Gather, `h` hangs up. After the script the caller presses nothing.
    """

    def __init__(self, keys: str) -> None:
        """Take a script of KEYS, SILENCE and HANG_UP. Raises ValueError for any other character."""
        unknown = set(keys) - set(KEYS + SILENCE + HANG_UP)
        if unknown:
            raise ValueError(
                f"{''.join(sorted(unknown))!r} in {keys!r}: there are {KEYS} {SILENCE} {HANG_UP}"
            )
        self._keys: Iterator[str] = iter(keys)
        self.seen: list[CallEvent] = []
        """The events of the call so far."""

    def hears(self, text: str, wav: bytes | None, seconds: float, *, listening: bool) -> None:
        del text, wav, seconds, listening

    def waits(self, seconds: int) -> str | None:
        del seconds
        key = next(self._keys, SILENCE)
        if key == HANG_UP:
            raise HungUp
        return None if key == SILENCE else key

    def sees(self, event: CallEvent) -> None:
        self.seen.append(event)


class ScriptedFarEnd:
    """Far ends with a script of outcomes for each group. After the script, or without one, they answer.

    The endpoints of a group, such as all contacts of a municipality, take their outcomes from one script.
    """

    def __init__(self, outcomes: Mapping[str, Sequence[str]], groups: Mapping[str, str]) -> None:
        """Take the scripts. Raises ValueError for an outcome that is not in OUTCOMES.

        `outcomes`: group → its outcomes, one for each ring. `groups`: endpoint → its group.
        """
        for outcome in (each for several in outcomes.values() for each in several):
            if outcome not in OUTCOMES:
                raise ValueError(f"{outcome!r}: a far end can {', '.join(OUTCOMES)}")
        self._groups = groups
        self._left = {group: iter(several) for group, several in outcomes.items()}

    def rings(self, endpoint: str, seconds: int) -> str:
        del seconds
        group = self._groups.get(endpoint, endpoint)
        return next(self._left.get(group, iter(())), "answer")
