"""Who is rung of a municipality in the coming days: the moments at which it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ivr.model.municipality import Municipality
from ivr.model.numbers import written
from ivr.model.schedule import Stretch, merged, stretches_of
from ivr.model.settings import Settings

DAYS: Final = 14
Rung = tuple[str, str]
"""Name and number, as people write it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who is rung, in this order, from a moment on: with the files as they are, and as they would be."""

    moment: datetime
    """In the line's time zone."""
    until: datetime
    before: tuple[Rung, ...]
    after: tuple[Rung, ...]

    @property
    def differs(self) -> bool:
        return self.before != self.after


def compared(
    now: Municipality | None, then: Municipality | None, settings: Settings, start: datetime, language: str
) -> list[Change]:
    """Return the changes of the DAYS from `start` (aware), the first at `start`. None: nobody is rung."""
    zone = settings.timezone
    start = start.astimezone(zone)
    end = start + timedelta(days=DAYS)
    plans = [_stretches(each, settings, start) for each in (now, then)]
    edges = {edge for plan in plans for stretches in plan for stretch in stretches for edge in stretch}
    moments = [start, *sorted(edge.astimezone(zone) for edge in edges if start < edge < end)]
    found: list[Change] = []
    for moment, until in zip(moments, [*moments[1:], end], strict=True):
        before, after = (
            _rung(municipality, plan, moment, language)
            for municipality, plan in zip((now, then), plans, strict=True)
        )
        if found and (found[-1].before, found[-1].after) == (before, after):
            found[-1] = Change(found[-1].moment, until, before, after)
        else:
            found.append(Change(moment, until, before, after))
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """Before and after, and all moments at which that begins."""

    moments: tuple[datetime, ...]
    before: tuple[Rung, ...]
    after: tuple[Rung, ...]


def differences(changes: Sequence[Change]) -> list[Difference]:
    """Return what differs, with what is alike together, in the order of the first moment."""
    found: dict[tuple[tuple[Rung, ...], tuple[Rung, ...]], tuple[datetime, ...]] = {}
    for each in changes:
        if each.differs:
            key = (each.before, each.after)
            found[key] = (*found.get(key, ()), each.moment)
    return [Difference(moments, *key) for key, moments in found.items()]


def _stretches(
    municipality: Municipality | None, settings: Settings, start: datetime
) -> list[Sequence[Stretch]]:
    """Return for each contact the times on duty."""
    contacts = municipality.contacts if municipality else ()
    calendar = [(start + timedelta(days=ahead)).date() for ahead in range(-1, DAYS + 2)]
    return [
        merged(
            stretch
            for day in calendar
            for stretch in stretches_of(municipality.week(each, settings.holidays), day, settings.timezone)
        )
        for each in contacts
        if municipality
    ]


def _rung(
    municipality: Municipality | None, plan: Sequence[Sequence[Stretch]], moment: datetime, language: str
) -> tuple[Rung, ...]:
    contacts = municipality.contacts if municipality else ()
    return tuple(
        (each.name[language], written(each.number))
        for each, stretches in zip(contacts, plan, strict=True)
        if any(first <= moment < last for first, last in stretches)
    )
