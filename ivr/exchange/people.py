"""The people of a call: the caller, and the far ends, which pick up or do not.

The exchange leads scripted calls, calls for trying and real ones alike. What differs is the people.
All methods block until what they tell of has happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ivr.exchange.transcript import CallEvent

NOT_REACHED: Final = ("busy", "no-answer", "failed")
"""What a far end does that does not pick up: the values that a DialCallStatus has for it."""
OUTCOMES: Final = ("answer", *NOT_REACHED, "voicemail", "declines")
"""What a far end can do when it is rung. `voicemail`: answers and presses no key. `declines`: answers and
presses another key than the one that accepts the call."""

SILENCE: Final = "-"
"""In a script of keys: press nothing until the Gather times out."""
HANG_UP: Final = "h"
"""In a script of keys, and on the keyboard: hang up."""
KEYS: Final = "0123456789*#"
"""The keys of a telephone."""
TALK: Final = 42
"""Seconds that a talk with a scripted far end lasts."""
_ACCEPTS: Final = {"answer": "1", "declines": "2"}
"""Outcome → the key that a scripted far end presses at its first Gather."""


class HungUp(Exception):
    """The person hung up whose method raises this."""


class CallerHungUp(HungUp):
    """The caller hung up while a far end was rung, asked or talked to."""


class Person(Protocol):
    """Who is at one end of a leg. Each method raises HungUp where this person hangs up meanwhile."""

    def hears(self, text: str, wav: bytes | None, seconds: float, *, listening: bool) -> str | None:
        """Play speech that lasts `seconds`; return the key pressed meanwhile where `listening`, else None.

        `wav`: the sound as a WAV file, or None where there is only text. Without text: a pause.
        """

    def waits(self, seconds: int) -> str | None:
        """Wait for a key until the Gather times out; return the key, or None."""


class Caller(Person, Protocol):
    """Who makes the call."""

    def sees(self, event: CallEvent) -> None:
        """Receive each event of the call as it happens. May raise HungUp."""


class FarEnd(Person, Protocol):
    """Who has picked up. Each method but `ends` raises CallerHungUp where the caller hangs up meanwhile."""

    def talks(self, seconds: int) -> int:
        """Bridge this leg and the caller's, for `seconds` at most, until the far end hangs up.

        Returns how many seconds they talked.
        """

    def ends(self) -> None:
        """Hang up this leg. Called once for each that has picked up; nothing is raised where it has ended."""


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A far end picked up."""

    far_end: FarEnd
    outcome: str = "answer"
    """`answer`; or `voicemail` or `declines` where it is known before the question."""


@dataclass(frozen=True, slots=True)
class NotReached:
    """A far end did not pick up."""

    outcome: str
    """One of NOT_REACHED."""


Rung = PickedUp | NotReached


class FarEnds(Protocol):
    """All whom one caller can ring."""

    def rings(self, endpoint: str, seconds: int, shown: str) -> Rung:
        """Ring a number (E.164) or SIP URI for at most `seconds`.

        `shown`: the caller ID that the far end sees. Raises CallerHungUp where the caller hangs up meanwhile;
        then nothing rings any more.
        """


class ScriptedPerson:
    """A person who hears each Gather to its end and then presses the next key of a script.

    `-` waits for the timeout of the Gather, `h` hangs up. After the script nothing is pressed.
    """

    def __init__(self, keys: str) -> None:
        """Take a script of KEYS, SILENCE and HANG_UP. Raises ValueError for any other character."""
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


class ScriptedCaller(ScriptedPerson):
    """A Caller with a script of keys."""

    def __init__(self, keys: str) -> None:
        super().__init__(keys)
        self.seen: list[CallEvent] = []
        """The events of the call so far."""

    def sees(self, event: CallEvent) -> None:
        self.seen.append(event)


class _ScriptedFarEnd(ScriptedPerson):
    """A FarEnd that talks for TALK seconds."""

    def talks(self, seconds: int) -> int:
        return min(seconds, TALK)

    def ends(self) -> None:
        """End nothing: there is no real leg."""


def rung(outcome: str) -> Rung:
    """Return what comes of a ring. `outcome`: one of OUTCOMES. Who picks up does what it says."""
    if outcome in NOT_REACHED:
        return NotReached(outcome)
    return PickedUp(_ScriptedFarEnd(_ACCEPTS.get(outcome, "")), outcome)


class ScriptedFarEnd:
    """FarEnds with a script of outcomes for each group. After the script, or without one, they answer.

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

    def rings(self, endpoint: str, seconds: int, shown: str) -> Rung:
        del seconds, shown
        group = self._groups.get(endpoint, endpoint)
        return rung(next(self._left.get(group, iter(())), "answer"))
