"""Gaps: times at which no contact of a municipality is on duty, though somebody usually is.

Somebody usually is on duty in the hours of each contact, whether or not that contact is absent:
- from its first day on;
- and after its last day, until HORIZON_DAYS later: what ends is missed unless somebody else takes over;
- but a contact with both, for less than HORIZON_DAYS, is a cover, and what it adds is not usual.
Where this leaves no contact, covers count too. Where there is no cover either, every contact counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from ivr.model.limits import HORIZON_DAYS
from ivr.model.schedule import Stretch, Week, merged, stretches_of

_HORIZON: Final = timedelta(days=HORIZON_DAYS)
_KEPT: Final = 2048
"""Municipalities whose gaps are cached: there are 342."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time during which no contact is on duty, in the line's time zone.

    It starts and ends with hours at which somebody usually is. Between them may be nights and free days.
    """

    start: datetime
    end: datetime | None
    """None: it goes on for longer than is looked for."""


@lru_cache(maxsize=_KEPT)
def gaps(weeks: tuple[Week, ...], today: date, zone: ZoneInfo) -> tuple[Gap, ...]:
    """The gaps that start in the HORIZON_DAYS from today. `weeks`: of all contacts of a municipality.

    Their ends are looked for HORIZON_DAYS further. Cached, because a reading looks at all municipalities
    after a change of one.
    """
    last = today + 2 * _HORIZON
    if not any(week.is_absent_between(today, last) for week in weeks):
        return ()
    found: list[Stretch] = []
    is_open = False  # nobody has been on duty since the last of `found`
    day = today
    while day < today + _HORIZON or (is_open and day < last):
        for (start, end), on_duty in _day(weeks, day, zone, is_open=is_open):
            if on_duty:
                is_open = False
            elif is_open:
                found[-1] = (found[-1][0], end)
            elif day < today + _HORIZON:
                found.append((start, end))
                is_open = True
        day += _DAY
    ends = [end.astimezone(zone) for _, end in found]
    return tuple(
        Gap(start.astimezone(zone), None if is_open and place == len(found) else end)
        for place, ((start, _), end) in enumerate(zip(found, ends, strict=True), 1)
    )


def usual(weeks: Sequence[Week], day: date) -> Sequence[Week]:
    """The weeks in whose hours somebody usually is on duty, as of a day."""
    current = [
        week
        for week in weeks
        if (week.since is None or week.since <= day) and (week.until is None or day <= week.until + _HORIZON)
    ]
    return [week for week in current if not _is_cover(week)] or current or weeks


def _is_cover(week: Week) -> bool:
    return week.since is not None and week.until is not None and week.until - week.since < _HORIZON


def _day(
    weeks: Sequence[Week], day: date, zone: ZoneInfo, *, is_open: bool
) -> Iterator[tuple[Stretch, bool]]:
    """The times of a day on duty (True), and those at which somebody lacks (False), in order."""
    present = [week for week in weeks if week.absence(day) is None]
    missed = [week for week in usual(weeks, day) if week.absence(day) is not None]
    if not missed and not is_open:
        return  # the usual day: the times on duty would end no gap
    on_duty = merged(stretch for week in present for stretch in stretches_of(week, day, zone))
    expected = merged(stretch for week in missed for stretch in stretches_of(week.undated(), day, zone))
    events = [(stretch, True) for stretch in on_duty]
    events += [(stretch, False) for stretch in _without(expected, on_duty)]
    yield from sorted(events)


def _without(stretches: Sequence[Stretch], others: Sequence[Stretch]) -> Iterator[Stretch]:
    """The parts of some stretches that are in none of others. Both are in order and apart."""
    for start, end in stretches:
        for other_start, other_end in others:
            if other_start >= end:
                break
            if other_end <= start:
                continue
            if other_start > start:
                yield start, other_start
            start = other_end  # noqa: PLW2901 - what is left of the stretch
        if start < end:
            yield start, end
