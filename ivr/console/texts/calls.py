"""The calls that a changed text changes: the shortest to each item in each situation, before and since."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Final, assert_never
from xml.etree import ElementTree as ET

from ivr.console.phone_call import ACTS, CallSoFar, Trial, Unfit, WaitsForFarEnd, WaitsForKey, play
from ivr.console.surroundings import MakeLine
from ivr.console.texts.situations import Situation, trials
from ivr.dialogue.menu_graph import edges
from ivr.dialogue.prompts import BACK_KEY
from ivr.exchange.people import KEYS, SILENCE
from ivr.exchange.transcript import CallerHears, FarEndHears
from ivr.model.fields import LANGUAGE_KEY
from ivr.model.languages import next_language
from ivr.model.line import Line
from ivr.model.menu import CLOSED, CONTACTS, UNKNOWN_LINE, Menu
from ivr.twiml import fallback

Play = Callable[[Trial, str], CallSoFar]

_UNREACHED: Final = "unreached"
_BUSY: Final = "b"
_ANSWERS: Final = "a"


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said at one place of a call, before and since. Empty where nothing is."""

    before: str
    since: str


@dataclass(frozen=True, slots=True)
class ChangedCall:
    situation: Situation
    item: str
    """Name of the item to which the call leads; empty for the static fallback."""
    script: str
    """Keys and what the far ends do, as on the desk phone."""
    sayings: tuple[Saying, ...]
    """Those that differ."""


@dataclass(frozen=True, slots=True)
class ChangedCalls:
    shown: tuple[ChangedCall, ...] = ()
    """The calls with each change once, where it is heard first."""
    changed: int = 0
    played: int = 0


def changed_calls(
    before: Line, since: Line, language: str, moment: datetime, make_line: MakeLine
) -> ChangedCalls:
    """Return the calls that differ between two lines with the same menu.

    `language`: in which they are made. `moment`: aware.
    """
    shown: list[ChangedCall] = []
    known: set[Saying] = set()
    played = changed = 0
    for situation, item, script, said, says in _heard(before, since, language, moment, _player(make_line)):
        differing = _differing(said, says)
        played, changed = played + 1, changed + bool(differing)
        if further := [each for each in differing if each not in known]:
            known.update(further)
            shown.append(ChangedCall(situation, item, script, tuple(further)))
    return ChangedCalls(tuple(shown), changed, played)


def _heard(
    before: Line, since: Line, language: str, moment: datetime, played: Play
) -> Iterator[tuple[Situation, str, str, list[str], list[str]]]:
    """Yield each call with what is said in it, before and since."""
    pairs = zip(trials(before, moment), trials(since, moment), strict=True)
    for (situation, old), (_, new) in pairs:
        for item, script in calls(situation, old, language, played):
            said, says = (_said(trial, script, played) for trial in (old, new))
            yield situation, item, script, said, says
        if situation is Situation.USUAL:
            yield Situation.DOWN, "", "", _static(old), _static(new)


def _static(trial: Trial) -> list[str]:
    """Return what Twilio says by itself while our server does not answer."""
    document = fallback.document(trial.line, trial.municipality)
    return ["".join(say.itertext()) for say in ET.fromstring(document).iter("Say")]  # noqa: S314 - our own document


def _differing(said: list[str], says: list[str]) -> list[Saying]:
    """Return what is said otherwise, each once."""
    pairs = (Saying(was, becomes) for was, becomes in zip_longest(said, says, fillvalue=""))
    return list(dict.fromkeys(each for each in pairs if each.before != each.since))


def calls(situation: Situation, trial: Trial, language: str, played: Play) -> Iterator[tuple[str, str]]:
    """Yield item and script of the shortest calls in which a situation is heard.

    Usually, and while the line is closed: to each item, and one with a wrong key and silence.
    """
    start, menu = _keys_to(trial.line, language), trial.line.menu
    first = CLOSED if situation in {Situation.CLOSED, Situation.CLOSED_UNTIL} else menu.start
    if first not in menu.items:
        return
    ways = routes(menu, first)
    dialling = {item: steps for item, steps in ways.items() if menu.items[item].dial}
    match situation:
        case Situation.USUAL | Situation.CLOSED:
            for item, steps in ways.items():
                yield from _calls_to(item, steps, start, trial, played)
            known = {*menu.ways(menu.items[first]), LANGUAGE_KEY}
            wrong = next((key for key in KEYS if key not in known), "")
            yield first, _silent(trial, start + wrong, played)
        case Situation.OTHER_LANGUAGE:
            others = (each for each in trial.line.prompts if each != language)
            yield from ((first, _keys_to(trial.line, other)) for other in others)
        case Situation.NOBODY:
            own = (each for each in dialling if menu.items[each].dial == CONTACTS)
            yield from ((item, start + "".join(ways[item])) for item in own if _UNREACHED not in ways[item])
        case Situation.STRANGER:
            yield from ((item, start + "".join(steps)) for item, steps in list(dialling.items())[:1])
        case Situation.CLOSED_UNTIL:
            yield first, start
        case Situation.UNKNOWN:
            yield UNKNOWN_LINE, start
        case Situation.DOWN:
            pass  # no call reaches us
        case _:
            assert_never(situation)


def _calls_to(
    item: str, steps: Iterable[str], start: str, trial: Trial, played: Play
) -> Iterator[tuple[str, str]]:
    """Yield the calls to one item: one in which who is rung answers, and one that goes back before that."""
    script, found = start, trial.line.menu.items[item]
    for step in steps:
        script = _turned_away(trial, script, played) if step == _UNREACHED else script + step
    if found.dial and (ringing := _ringing(trial, script, played)):
        if found.back:
            yield item, script + BACK_KEY
        script = ringing + _ANSWERS
    yield item, script


def routes(menu: Menu, first: str) -> Mapping[str, tuple[str, ...]]:
    """Return item → the shortest way to it from the `first` one: keys, and `unreached`.

    Where another item than the start is the first one, it stands in the place of the start everywhere.
    """
    found: dict[str, tuple[str, ...]] = {first: ()}
    waiting = deque([first])
    ways = list(edges(menu))
    while waiting:
        here = waiting.popleft()
        for edge in ways:
            known = edge.target in found or edge.target == menu.start
            if edge.source != here or known or edge.target not in menu.items:
                continue
            if edge.waits or edge.by in {_UNREACHED, "go"}:
                step = (edge.by,) if edge.by != "go" else ()
                found[edge.target] = (*found[here], *step)
                waiting.append(edge.target)
    return found


def _keys_to(line: Line, language: str) -> str:
    """Return the keys that lead to a language."""
    code, keys = line.settings.language, ""
    while code != language and len(keys) < len(line.prompts):
        code, keys = next_language(code), keys + LANGUAGE_KEY
    return keys


def _turned_away(trial: Trial, script: str, played: Play) -> str:
    """Return a script in which all are busy who are rung."""
    while (ringing := _ringing(trial, script, played)) and len(script) < ACTS:
        script = ringing + _BUSY
    return script


def _ringing(trial: Trial, script: str, played: Play) -> str:
    """Return a script after which somebody is rung, perhaps after silence; empty where nobody is."""
    for more in ("", SILENCE):
        if isinstance(played(trial, script + more).waiting, WaitsForFarEnd):
            return script + more
    return ""


def _silent(trial: Trial, script: str, played: Play) -> str:
    """Return a script in which nothing is pressed until the line hangs up."""
    while isinstance(played(trial, script).waiting, WaitsForKey) and len(script) < ACTS:
        script += SILENCE
    return script


def _said(trial: Trial, script: str, played: Play) -> list[str]:
    heard = (CallerHears, FarEndHears)
    return [each.text for each in played(trial, script).events if isinstance(each, heard)]


def _player(make_line: MakeLine) -> Play:
    """Return what plays each call once. Of a script that the line does not fit, the part that it does fit."""
    known: dict[tuple[Trial, str], CallSoFar] = {}

    def played(trial: Trial, script: str) -> CallSoFar:
        if (trial, script) not in known:
            try:
                known[trial, script] = play(trial, script, make_line)
            except Unfit:
                known[trial, script] = played(trial, script[:-1])
        return known[trial, script]

    return played
