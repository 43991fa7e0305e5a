"""What the desk phone shows of a call: what was said and happened, what is asked, and its sounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from flask import Response, abort, make_response, render_template, request, url_for

from ivr.console.context import outside
from ivr.console.phone_call import (
    CallSoFar,
    Over,
    Trial,
    Unfit,
    WaitsForFarEnd,
    WaitsForKey,
    play,
)
from ivr.console.phone_lines import phone_lines
from ivr.console.phone_sounds import Busy, language_of, phrases, sound
from ivr.console.words import language, say
from ivr.exchange.narration import narrate
from ivr.exchange.transcript import (
    CallerHears,
    CallerPresses,
    CallerSilent,
    CallEvent,
    FarEndHears,
)
from ivr.model.limits import YEARS
from ivr.model.line import Line
from ivr.model.numbers import written
from ivr.model.trial_call import desk_of, names_of

SCRIPT: Final = "keuzes"
MOMENT: Final = "moment"
_MINUTE: Final = "%Y-%m-%dT%H:%M"

KEYS: Final = (*"123456789", "*", "0", "#")
"""In the order of a telephone."""
NAMES: Final = {"*": "phone.star", "#": "phone.hash"}
"""Keys that are no digits → how they are called."""
CHOICES: Final = {
    "a": "phone.answer",
    "b": "phone.busy",
    "n": "phone.no-answer",
    "v": "phone.voicemail",
    "d": "phone.declines",
}
"""What somebody can have a far end do: its sign in a script → its name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page with a phone on it."""

    page: str
    """Its blueprint, with the endpoints `phone` (the page), `step` (asked by its script) and `sound`."""
    arguments: Mapping[str, str]
    """Of the URLs, besides those of the call."""

    def url(self, name: str, **more: Any) -> str:
        """Return the URL of `phone`, `step` or `sound` of this place."""
        return url_for(f"{self.page}.{name}", **{**self.arguments, **more})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of what was said and happened."""

    kind: str
    """`line`, `far-end`: the line speaks to the caller, or to who is rung. `caller`: an act. Or `event`."""
    text: str
    language: str
    sound: str
    """URL; empty for what is no speech."""
    new: bool
    """Whether it came after the last act."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as the templates show it."""

    script: str
    moment: str
    entries: list[Entry]
    waits: str
    """`key`, `far-end` or `over`."""
    seconds: int
    """How long the line waits for a key."""
    who: str
    """Who is rung."""


def trial_of(line: Line | None, slug: str, *, numbered: bool = True) -> Trial | None:
    """Return the request's call of a municipality; None if the line, or the municipality in it, is missing.

    `numbered`: whether events tell the numbers of contacts. Aborts with 400 for what is no moment.
    """
    municipality = line.municipalities.get(slug) if line else None
    if line is None or municipality is None:
        return None
    return Trial(
        line=line,
        moment=moment_in(line.settings.timezone),
        from_=desk_of(municipality),
        dialled=municipality.dialled[0],
        municipality=municipality,
        names=names_of(line, municipality, language(), numbered=numbered),
    )


def moment_in(zone: ZoneInfo) -> datetime:
    """Return the moment of the request's call; now, to the minute, where none is named.

    Aborts with 400 for what is no moment.
    """
    typed = request.args.get(MOMENT, "")
    if not typed:
        return outside().clock().astimezone(zone).replace(second=0, microsecond=0)
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST)
    if found.tzinfo or not YEARS[0] <= found.year <= YEARS[1]:
        abort(HTTPStatus.BAD_REQUEST)
    return found.replace(tzinfo=zone)


def phone_page(trial: Trial | None, place: Place, **more: object) -> Response:
    """Answer with the page: a phone that has not called yet, or with all of a call.

    `trial`: None where there is no line to call.
    """
    script = request.args.get(SCRIPT)
    call = None
    if trial is not None and script is not None:
        try:
            call = _shown(trial, script, place)
        except Unfit:
            return unfit(place)
    return make_response(
        render_template(
            "phone.html",
            call=call,
            place=place,
            number=written(trial.dialled) if trial else "",
            trial=trial,
            keys=[(key, say(NAMES[key]) if key in NAMES else key) for key in KEYS],
            choices=_choices(),
            **more,
        )
    )


def phone_step(trial: Trial | None, place: Place) -> Response:
    """Answer with the part of the page that is new after the last act."""
    if trial is None:
        abort(HTTPStatus.NOT_FOUND)
    try:
        call = _shown(trial, request.args.get(SCRIPT, ""), place)
    except Unfit:
        return unfit(place)
    return make_response(
        render_template(
            "phone_step.html",
            call=call,
            place=place,
            number=written(trial.dialled),
            name=trial.municipality.name,
            choices=_choices(),
        )
    )


def phone_sound(trial: Trial | None, place: Place) -> Response:
    """Answer with the sound of one phrase of a call: `n` counts them from 0."""
    if trial is None:
        abort(HTTPStatus.NOT_FOUND)
    try:
        said = phrases(_played(trial, request.args.get(SCRIPT, "")).events)
    except Unfit:
        return unfit(place)
    n = request.args.get("n", "")
    if not (n.isascii() and n.isdigit() and len(n) <= len(str(len(said))) and int(n) < len(said)):
        abort(HTTPStatus.NOT_FOUND)
    try:
        wav = sound(said[int(n)], trial.line, phone_lines().clips())
    except Busy:
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    return Response(wav, mimetype="audio/wav")


def unfit(place: Place) -> Response:
    """Answer a script that no call can have: it was made up, or the line has changed meanwhile."""
    page = render_template("phone_unfit.html", url=place.url("phone"))
    return make_response(page, HTTPStatus.BAD_REQUEST)


def _played(trial: Trial, script: str) -> CallSoFar:
    return play(trial, script, outside().make_line)


def _choices() -> list[tuple[str, str]]:
    return [(sign, say(name)) for sign, name in CHOICES.items()]


def _shown(trial: Trial, script: str, place: Place) -> Shown:
    call, moment = _played(trial, script), trial.moment.strftime(_MINUTE)
    entries, spoken = list[Entry](), 0
    for index, event in enumerate(call.events):
        url = ""
        if isinstance(event, CallerHears | FarEndHears):
            url = place.url("sound", moment=moment, keuzes=script, n=spoken)
            spoken += 1
        entries.append(_entry(event, trial, url, new=index >= call.since))
    match call.waiting:
        case WaitsForKey(seconds):
            return Shown(script, moment, entries, "key", seconds, "")
        case WaitsForFarEnd(endpoint, seconds):
            names = names_of(trial.line, trial.municipality, language(), numbered=False)
            who = names.get(endpoint, endpoint)
            return Shown(script, moment, entries, "far-end", seconds, who)
        case Over():
            return Shown(script, moment, entries, "over", 0, "")
        case _:
            assert_never(call.waiting)


def _entry(event: CallEvent, trial: Trial, url: str, *, new: bool) -> Entry:
    match event:
        case CallerHears(text):
            return Entry("line", text, language_of(event, trial.line), url, new)
        case FarEndHears(text):
            return Entry("far-end", text, language_of(event, trial.line), url, new)
        case CallerPresses() | CallerSilent():
            return Entry("caller", narrate(event, language()), language(), "", new)
        case _:
            return Entry("event", narrate(event, language()), language(), "", new)
