"""When a contact is on duty: hours of the week, closed days, public holidays, first and last day, absence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from ivr.model.hours import DAY_MINUTES, Span
from ivr.model.limits import HORIZON_DAYS


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days of the line's time zone, the first and the last included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


Stretch = tuple[datetime, datetime]
"""A time on duty, in UTC: its first moment, and the moment at which it is over."""


class Why(Enum):
    """Why a contact is on duty (the first two) or not."""

    ALWAYS = "always"
    """There are no hours."""
    HOURS = "hours"
    OUTSIDE = "outside"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    """A closed day of the municipality."""
    AWAY = "away"
    BEFORE = "before"
    """The contact's first day is still to come."""
    OVER = "over"
    """The contact's last day has passed."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Whether a contact is on duty, why, and until when."""

    on: bool
    why: Why
    until: datetime | None
    """The moment at which `on` changes; None if not within HORIZON_DAYS."""
    day: date | None = None
    """The last day of an absence (AWAY), the contact's first day (BEFORE) or its last (OVER); else None."""


@dataclass(frozen=True, slots=True)
class Week:
    """All that decides when one contact is on duty."""

    spans: tuple[Span, ...]
    """Empty: at all hours."""
    closed: frozenset[date]
    """Days off."""
    country: str | None
    """ISO 3166 code of the country whose public holidays are days off; None: no holidays are."""
    since: date | None = None
    """The first day; None: since ever."""
    until: date | None = None
    """The last day; None: for ever."""
    away: tuple[Period, ...] = ()

    @property
    def is_dated(self) -> bool:
        """Whether there are days on which the contact is absent, whatever its hours."""
        return bool(self.since or self.until or self.away)

    def undated(self) -> "Week":
        """The same week without first day, last day and absences."""
        return replace(self, since=None, until=None, away=()) if self.is_dated else self

    def absence(self, day: date) -> Why | None:
        """Why the contact is absent on a day, whatever its hours; None if it is not."""
        if self.since is not None and day < self.since:
            return Why.BEFORE
        if self.until is not None and day > self.until:
            return Why.OVER
        return Why.AWAY if any(day in period for period in self.away) else None

    def is_absent_between(self, first: date, last: date) -> bool:
        """Whether the contact is absent on any day from `first` to `last`."""
        return (
            (self.since is not None and first < self.since)
            or (self.until is not None and last > self.until)
            or any(period.first <= last and first <= period.last for period in self.away)
        )


def opening(week: Week, moment: datetime, zone: ZoneInfo) -> Duty:
    """Whether a contact is on duty at a moment (aware), why, and until when (in `zone`)."""
    always = Why.HOURS if week.spans or week.country is not None else Why.ALWAYS
    if always is Why.ALWAYS and not week.closed and not week.is_dated:
        return Duty(on=True, why=always, until=None)
    today = moment.astimezone(zone).date()
    now = moment.astimezone(UTC)
    horizon = _instant(today, HORIZON_DAYS * DAY_MINUTES, zone)
    for start, end in _stretches(week, today, zone):
        if start <= now < end:
            return Duty(on=True, why=always, until=end.astimezone(zone) if end < horizon else None)
        if start > now:
            return _off_duty(week, today, start.astimezone(zone))
    return _off_duty(week, today, None)


def stretches_of(week: Week, day: date, zone: ZoneInfo) -> list[Stretch]:
    """The times on duty on one calendar day, in order and apart."""
    parts = ((_instant(day, start, zone), _instant(day, end, zone)) for start, end in _minutes_on(week, day))
    # A part within the hour that summer time skips is empty, or ends before it starts.
    return merged(part for part in parts if part[0] < part[1])


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Join the stretches that overlap or touch each other; the result is in order."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _stretches(week: Week, today: date, zone: ZoneInfo) -> Iterator[Stretch]:
    """Times on duty from yesterday to the horizon, in order; adjacent ones are merged."""
    current: Stretch | None = None
    for offset in range(-1, HORIZON_DAYS + 1):
        for stretch in stretches_of(week, today + timedelta(days=offset), zone):
            if current and stretch[0] <= current[1]:
                current = (current[0], max(current[1], stretch[1]))
            else:
                if current:
                    yield current
                current = stretch
    if current:
        yield current


def _minutes_on(week: Week, day: date) -> Iterator[tuple[int, int]]:
    """Minutes on duty on one calendar day. A span past midnight continues on the next day."""
    if week.absence(day) or _day_off(week, day):
        return
    if not week.spans:
        yield 0, DAY_MINUTES
    yesterday = (day.weekday() - 1) % 7
    for span in week.spans:
        overnight = span.end < span.start
        if day.weekday() in span.days:
            yield span.start, DAY_MINUTES if overnight else span.end
        if overnight and span.end and yesterday in span.days:
            yield 0, span.end


@lru_cache(maxsize=4096)
def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    # Hours are local time: 02:30, which is skipped when summer time begins, counts as 03:30.
    days, rest = divmod(minutes, DAY_MINUTES)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return wall.astimezone(UTC)


def _day_off(week: Week, day: date) -> bool:
    return day in week.closed or (week.country is not None and day in public_holidays(week.country, day.year))


def _off_duty(week: Week, today: date, until: datetime | None) -> Duty:
    absence = week.absence(today)
    match absence:
        case None:
            return Duty(on=False, why=_why_not(week, today), until=until)
        case Why.BEFORE:
            day = week.since
        case Why.OVER:
            day = week.until
        case _:
            day = _last_away(week, today)
    return Duty(on=False, why=absence, until=until, day=day)


def _last_away(week: Week, day: date) -> date:
    """The last of the days on end, from `day`, on which a contact is away."""
    for period in sorted(week.away, key=lambda each: each.first):
        if period.first <= day + timedelta(days=1):
            day = max(day, period.last)
    return day


def _why_not(week: Week, day: date) -> Why:
    if day in week.closed:
        return Why.CLOSED
    return Why.HOLIDAY if _day_off(week, day) else Why.OUTSIDE


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country (ISO 3166 code) in a year. Raises NotImplementedError."""
    return frozenset(holidays.country_holidays(country, years=year))
