"""The calls that a changed text changes: the shortest call to each item, before and since."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import zip_longest
from typing import Final

from ivr.console.phone_call import ACTS, CallSoFar, Trial, Unfit, WaitsForFarEnd, WaitsForKey, play
from ivr.console.surroundings import MakeLine
from ivr.dialogue.menu_graph import edges
from ivr.exchange.people import KEYS, SILENCE
from ivr.exchange.transcript import CallerHears, FarEndHears
from ivr.model.fields import LANGUAGE_KEY
from ivr.model.languages import next_language
from ivr.model.line import Line
from ivr.model.menu import Menu
from ivr.model.trial_call import desk_of, names_of

_UNREACHED: Final = "unreached"
_BUSY: Final = "b"
_ANSWERS: Final = "a"
_NOON: Final = time(11)
_WEDNESDAY: Final = 2


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said at one place of a call, before and since. Empty where nothing is."""

    before: str
    since: str


@dataclass(frozen=True, slots=True)
class ChangedCall:
    item: str
    """Name of the item to which the call leads."""
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

    `language`: in which they are made. `moment`: aware; the calls are made on a working day after it.
    """
    old, new = _trial(before, moment), _trial(since, moment)
    if old is None or new is None:
        return ChangedCalls()
    shown: list[ChangedCall] = []
    known: set[Saying] = set()
    played = changed = 0
    for item, script in calls(old, language, make_line):
        differing = _differing(*(_said(trial, script, make_line) for trial in (old, new)))
        played, changed = played + 1, changed + bool(differing)
        if further := [each for each in differing if each not in known]:
            known.update(further)
            shown.append(ChangedCall(item, script, tuple(further)))
    return ChangedCalls(tuple(shown), changed, played)


def _differing(said: list[str], says: list[str]) -> list[Saying]:
    """Return what is said otherwise, each once."""
    pairs = (Saying(was, becomes) for was, becomes in zip_longest(said, says, fillvalue=""))
    return list(dict.fromkeys(each for each in pairs if each.before != each.since))


def calls(trial: Trial, language: str, make_line: MakeLine) -> Iterator[tuple[str, str]]:
    """Yield item and script of the shortest call to each item, and of one with a wrong key and silence."""
    start, menu = _keys_to(trial.line, language), trial.line.menu
    for item, steps in routes(menu).items():
        script = start
        for step in steps:
            script = _turned_away(trial, script, make_line) if step == _UNREACHED else script + step
        if menu.items[item].dial and (ringing := _ringing(trial, script, make_line)):
            script = ringing + _ANSWERS
        yield item, script
    wrong = next((key for key in KEYS if key not in {*menu.ways(menu.items[menu.start]), LANGUAGE_KEY}), "")
    yield menu.start, _silent(trial, start + wrong, make_line)


def routes(menu: Menu) -> Mapping[str, tuple[str, ...]]:
    """Return item → the shortest way to it from the start: keys, and `unreached`."""
    found: dict[str, tuple[str, ...]] = {menu.start: ()}
    waiting = deque([menu.start])
    ways = list(edges(menu))
    while waiting:
        here = waiting.popleft()
        for edge in ways:
            if edge.source != here or edge.target in found or edge.target not in menu.items:
                continue
            if edge.waits or edge.by in {_UNREACHED, "go"}:
                step = (edge.by,) if edge.by != "go" else ()
                found[edge.target] = (*found[here], *step)
                waiting.append(edge.target)
    return found


def _trial(line: Line, moment: datetime) -> Trial | None:
    """Return the line to be called by the first municipality, at eleven on a Wednesday. None without one."""
    municipality = next(iter(line.municipalities.values()), None)
    if municipality is None:
        return None
    day = moment.astimezone(line.settings.timezone)
    day += timedelta(days=(_WEDNESDAY - day.weekday()) % 7 or 7)
    return Trial(
        line=replace(line, closure=None),
        moment=datetime.combine(day.date(), _NOON, line.settings.timezone),
        from_=desk_of(municipality),
        dialled=municipality.dialled[0],
        municipality=municipality,
        names=names_of(line, municipality),
    )


def _keys_to(line: Line, language: str) -> str:
    """Return the keys that lead to a language."""
    code, keys = line.settings.language, ""
    while code != language and len(keys) < len(line.prompts):
        code, keys = next_language(code), keys + LANGUAGE_KEY
    return keys


def _turned_away(trial: Trial, script: str, make_line: MakeLine) -> str:
    """Return a script in which all are busy who are rung."""
    while (ringing := _ringing(trial, script, make_line)) and len(script) < ACTS:
        script = ringing + _BUSY
    return script


def _ringing(trial: Trial, script: str, make_line: MakeLine) -> str:
    """Return a script after which somebody is rung, perhaps after silence; empty where nobody is."""
    for more in ("", SILENCE):
        if isinstance(_played(trial, script + more, make_line).waiting, WaitsForFarEnd):
            return script + more
    return ""


def _silent(trial: Trial, script: str, make_line: MakeLine) -> str:
    """Return a script in which nothing is pressed until the line hangs up."""
    while isinstance(_played(trial, script, make_line).waiting, WaitsForKey) and len(script) < ACTS:
        script += SILENCE
    return script


def _said(trial: Trial, script: str, make_line: MakeLine) -> list[str]:
    heard = (CallerHears, FarEndHears)
    return [each.text for each in _played(trial, script, make_line).events if isinstance(each, heard)]


def _played(trial: Trial, script: str, make_line: MakeLine) -> CallSoFar:
    """Play a call. Of a script that the line does not fit, the part that it does fit."""
    while True:
        try:
            return play(trial, script, make_line)
        except Unfit:
            script = script[:-1]
