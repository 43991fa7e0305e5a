"""Which contacts are rung to check their numbers, and when. Nobody but contacts is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final

from ivr.model import numbers, schedule
from ivr.model.line import Line
from ivr.model.municipality import Contact, Municipality

_STEPS: Final = 200
"""Changes of duty that are tried in search of a moment that suits both weeks."""

Taken = Callable[[str], bool]
"""Token → whether the contact who was rung under it has pressed 1. The answer is deleted by reading it."""


class Verdict(Enum):
    """Whether a contact is rung now, or why not."""

    RING = "ring"
    HOUR = "hour"
    """It is outside the agreed hours."""
    DUTY = "duty"
    """The contact is not on duty."""
    DESTINATION = "destination"
    """The number belongs to a destination too; those are never rung for a check."""


@dataclass(frozen=True, slots=True)
class RingCheckCall:
    """One contact whose number is to be checked."""

    slug: str
    """Of the municipality."""
    municipality: Municipality
    contact: Contact


def checks(
    line: Line, today: date, *, only: Municipality | None = None, older_than: int = 0
) -> Iterator[RingCheckCall]:
    """The contacts not confirmed in the last `older_than` days.

    Those of examples are left out, and those whose last day has passed.
    """
    for slug, municipality in line.municipalities.items():
        if municipality.example or (only is not None and municipality != only):
            continue
        for contact in municipality.contacts:
            if contact.until is not None and contact.until < today:
                continue
            confirmed = contact.confirmed
            if confirmed is None or (today - confirmed).days >= older_than:
                yield RingCheckCall(slug, municipality, contact)


def verdict(
    line: Line, check: RingCheckCall, moment: datetime, *, now: bool
) -> tuple[Verdict, datetime | None]:
    """Whether a contact may be rung at a moment (aware), and the next moment at which it may, in local time.

    The next moment is None if there is none within HORIZON_DAYS. `now` ignores the agreed hours, and no other
    condition.
    """
    contact = numbers.tidy(check.contact.number)
    destinations = line.settings.destinations.values()
    if any(numbers.tidy(number) == contact for each in destinations for number in each.numbers):
        return Verdict.DESTINATION, None
    zone, country = line.settings.timezone, line.settings.holidays
    span = check.municipality.ring_check or line.settings.ring_check
    agreed = schedule.Week((span,), frozenset(check.municipality.closed), country)
    duty = check.municipality.week(check.contact, country)
    weeks = {Verdict.DUTY: duty} if now else {Verdict.HOUR: agreed, Verdict.DUTY: duty}

    def shut(at: datetime) -> tuple[Verdict, schedule.Duty] | None:
        duties = ((why, schedule.opening(week, at, zone)) for why, week in weeks.items())
        return next(((why, duty) for why, duty in duties if not duty.on), None)

    first = later = shut(moment)
    why, when = first[0] if first else Verdict.RING, moment.astimezone(zone)
    for _ in range(_STEPS):
        if later is None:
            return why, when
        if later[1].until is None:
            break
        when = later[1].until
        later = shut(when)
    return why, None
