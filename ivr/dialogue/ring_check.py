"""Who would be rung to check that a contact's number is right, and when; only contacts ever are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final

from ivr.model import numbers, schedule
from ivr.model.line import Line
from ivr.model.municipality import Contact, Municipality

_STEPS: Final = 200
"""Changes of duty that are looked through for a moment that suits both."""


Taken = Callable[[str], bool]
"""Whether the number that was rung under a token was confirmed; asked once, it is forgotten."""


class Verdict(Enum):
    """Whether a contact is rung now, and why not."""

    RING = "ring"
    HOUR = "hour"
    """It is not the agreed hour."""
    DUTY = "duty"
    """The contact is not on duty."""
    DESTINATION = "destination"
    """The number is that of a destination too: it is never rung to check it."""


@dataclass(frozen=True, slots=True)
class RingCheckCall:
    """One contact whose number is to be checked."""

    word: str
    """The name of the municipality's file."""
    municipality: Municipality
    contact: Contact


def checks(
    line: Line, today: date, *, only: Municipality | None = None, older_than: int = 0
) -> Iterator[RingCheckCall]:
    """All contacts that were not confirmed in the last `older_than` days; an example has none."""
    for word, municipality in line.municipalities.items():
        if municipality.example or (only is not None and municipality != only):
            continue
        for contact in municipality.contacts:
            confirmed = contact.confirmed
            if confirmed is None or (today - confirmed).days >= older_than:
                yield RingCheckCall(word, municipality, contact)


def verdict(
    line: Line, check: RingCheckCall, moment: datetime, *, now: bool
) -> tuple[Verdict, datetime | None]:
    """Whether a contact may be rung at a moment (aware), and the next moment at which it may, in local time.

    None: not within the horizon, or never. `now` passes over the agreed hour, and over nothing else.
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
