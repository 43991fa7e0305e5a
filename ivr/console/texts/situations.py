"""In which situations a text can be heard: each is a call of its own kind, for trying."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from ivr.console.phone_call import Trial
from ivr.model.closure import Closure
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.schedule import opening
from ivr.model.trial_call import desk_of, names_of

_NOON: Final = time(11)
_WEDNESDAY: Final = 2
_DAYS: Final = 14
"""In which a moment is sought at which nobody is on duty."""
_HOUR: Final = timedelta(hours=1)
_WITHHELD: Final = "anonymous"
"""What Twilio sends as the number of a caller who withholds it."""
_NO_LINE: Final = "+31970000000"
"""A dialled number that no municipality has: numbers of this kind are for machines."""


class Situation(StrEnum):
    """The words for each are in ivr/translations/console under `texts`."""

    USUAL = "usual"
    OTHER_LANGUAGE = "other-language"
    """The call is in another language, which offers this one in its own words."""
    NOBODY = "nobody"
    """No contact of the municipality is on duty."""
    STRANGER = "stranger"
    """The caller may not be put through."""
    CLOSED = "closed"
    """The line is closed on purpose, without an end."""
    CLOSED_UNTIL = "closed-until"
    UNKNOWN = "unknown"
    """The number that was dialled belongs to no municipality."""
    DOWN = "down"
    """Our server does not answer: Twilio says the static fallback. No call can be played then."""


def trials(line: Line, moment: datetime) -> Iterator[tuple[Situation, Trial]]:
    """Yield the call of each situation that this line can be in, but for DOWN. None without a municipality.

    `moment`: aware; the calls are made on a Wednesday after it.
    """
    municipality = next(iter(line.municipalities.values()), None)
    if municipality is None:
        return
    usual = _trial(line, municipality, moment)
    yield Situation.USUAL, usual
    yield Situation.OTHER_LANGUAGE, usual
    if (alone := _nobody(line, municipality, usual.moment)) is not None:
        yield Situation.NOBODY, replace(usual, moment=alone)
    yield Situation.NOBODY, _deserted(usual)
    choosy = next((each for each in line.municipalities.values() if each.callers), None)
    if choosy is not None:
        yield Situation.STRANGER, replace(_trial(line, choosy, moment), from_=_WITHHELD)
    yield Situation.CLOSED, _closed(usual, None)
    yield Situation.CLOSED_UNTIL, _closed(usual, usual.moment + timedelta(days=1))
    yield Situation.UNKNOWN, replace(usual, dialled=_NO_LINE)


def _trial(line: Line, municipality: Municipality, moment: datetime) -> Trial:
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


def _closed(trial: Trial, until: datetime | None) -> Trial:
    closure = Closure.model_construct(reason="", since=trial.moment - _HOUR, until=until)
    return replace(trial, line=replace(trial.line, closure=closure))


def _deserted(trial: Trial) -> Trial:
    """Return the call of a municipality without contacts: there is no time until which nobody is there."""
    slug = next(iter(trial.line.municipalities))
    alone = trial.municipality.model_copy(update={"contacts": ()})
    line = replace(trial.line, municipalities={**trial.line.municipalities, slug: alone})
    return replace(trial, line=line, municipality=alone)


def _nobody(line: Line, municipality: Municipality, moment: datetime) -> datetime | None:
    """Return the first full hour at which no contact is on duty; None where there is none."""
    weeks = [municipality.week(each, line.settings.holidays) for each in municipality.contacts]
    zone = line.settings.timezone
    hours = (moment + hour * _HOUR for hour in range(_DAYS * 24))
    return next((each for each in hours if not any(opening(week, each, zone).on for week in weeks)), None)
