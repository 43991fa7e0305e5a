"""A call that is played again from its beginning, with all that was done in it so far.

Nothing of a call is kept between two requests: its script comes with each of them.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Final

from ivr.console.surroundings import MakeLine
from ivr.exchange.call import Exchange
from ivr.exchange.people import HANG_UP, KEYS, SILENCE, HungUp, Rung, rung
from ivr.exchange.transcript import CallEvent
from ivr.exchange.wire import InProcess, ReachedLine
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.trial_call import shown_by
from ivr.speech.clips import Clips

OUTCOMES: Final[Mapping[str, str]] = {
    "a": "answer",
    "b": "busy",
    "n": "no-answer",
    "v": "voicemail",
    "d": "declines",
    "f": "failed",
}
"""Sign in a script → what a far end does that is rung (`ivr.exchange.people.OUTCOMES`)."""
SIGNS: Final = frozenset((*KEYS, SILENCE, HANG_UP, *OUTCOMES))
ACTS: Final = 120
"""Acts in a script, at most: a call that goes through everything has about sixty."""
_HERE: Final = "http://127.0.0.1"


class Unfit(Exception):
    """A script that no call can have: too long, an unknown sign, or an act that is not asked for there."""


@dataclass(frozen=True, slots=True)
class WaitsForKey:
    """The line waits for a key, or for silence."""

    seconds: int
    """After which silence counts."""


@dataclass(frozen=True, slots=True)
class WaitsForFarEnd:
    """A telephone rings."""

    endpoint: str
    seconds: int
    """How long it rings, at most."""


@dataclass(frozen=True, slots=True)
class Over:
    """The call has ended."""


Waiting = WaitsForKey | WaitsForFarEnd | Over


@dataclass(frozen=True, slots=True)
class CallSoFar:
    events: tuple[CallEvent, ...]
    since: int
    """Index of the first event after the last act. In a call that has just begun: 0."""
    waiting: Waiting


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """A line to be called for trying, and from where. Each is equal to itself alone."""

    line: Line
    moment: datetime
    from_: str
    dialled: str
    municipality: Municipality
    names: Mapping[str, str]
    """Endpoint → its name in events."""


def play(trial: Trial, script: str, make_line: MakeLine) -> CallSoFar:
    """Play a call until the script has nothing for what is asked next. Raises Unfit.

    The line speaks each phrase by itself: documents without clips tell its language, and the sound is
    found by its text (`phone_sounds`).
    """
    if len(script) > ACTS or not SIGNS.issuperset(script):
        raise Unfit
    token = token_hex(16)
    app = make_line(trial.line, Clips(), lambda: trial.moment, token, _HERE)
    people = _People(script, frozenset(each.number for each in trial.municipality.contacts if each.accept))
    exchange = Exchange(
        ReachedLine(InProcess(app), token, _HERE), people, trial.names, shown_by(trial.municipality)
    )
    try:
        exchange.call(trial.from_, trial.dialled, people)
    except _NothingLeft as nothing:
        return CallSoFar(tuple(people.seen), people.since, nothing.waiting)
    if people.left:
        raise Unfit
    return CallSoFar(tuple(people.seen), people.since, Over())


class _NothingLeft(Exception):
    """The script has nothing for what is asked next."""

    def __init__(self, waiting: Waiting) -> None:
        super().__init__()
        self.waiting = waiting


class _People:
    """A Caller and FarEnds that take their acts from one script."""

    def __init__(self, script: str, asked: frozenset[str]) -> None:
        """`asked`: endpoints that are asked to press 1."""
        self.left = deque(script)
        self.seen: list[CallEvent] = []
        self.since = 0
        self._asked = asked

    def hears(self, text: str, wav: bytes | None, seconds: float, *, listening: bool) -> None:
        del text, wav, seconds, listening

    def waits(self, seconds: int) -> str | None:
        act = self._next(WaitsForKey(seconds))
        if act == SILENCE:
            return None
        if act not in KEYS:
            raise Unfit
        return act

    def rings(self, endpoint: str, seconds: int, shown: str) -> Rung:
        del shown
        outcome = OUTCOMES.get(self._next(WaitsForFarEnd(endpoint, seconds)))
        if outcome is None:
            raise Unfit
        # Who is asked nothing can decline only before answering, which sounds busy.
        return rung("busy" if outcome == "declines" and endpoint not in self._asked else outcome)

    def sees(self, event: CallEvent) -> None:
        self.seen.append(event)

    def _next(self, waiting: Waiting) -> str:
        """Take the next act of the script. Raises _NothingLeft, or HungUp."""
        if not self.left:
            raise _NothingLeft(waiting)
        self.since = len(self.seen)
        act = self.left.popleft()
        if act == HANG_UP:
            raise HungUp
        return act
