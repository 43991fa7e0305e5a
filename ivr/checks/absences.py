"""Checks of the days on which contacts are not rung: first and last day, absences, and gaps.

What is found because a day has come is a warning: time alone must not keep a reading out of use.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from ivr.model import files
from ivr.model.findings import Finding, Path, Severity
from ivr.model.gaps import Gap, gaps
from ivr.model.limits import ABSENCE_KEPT_DAYS, GAPS_SHOWN
from ivr.model.line import Line
from ivr.model.municipality import Contact
from ivr.model.schedule import Period, Week, stretches_of

_LOOKED_DAYS: Final = 370
"""How far a contact's days are searched for an hour on duty: every weekday and holiday comes in a year."""


def _dated(line: Line) -> Iterator[tuple[str, int, Contact]]:
    """The contacts that have a first or last day or an absence: slug, index, contact."""
    for slug, municipality in line.municipalities.items():
        for index, contact in enumerate(municipality.contacts):
            if contact.since or contact.until or contact.away:
                yield slug, index, contact


def _found(code: str, slug: str, path: Path, severity: Severity = Severity.WARNING, **values: Any) -> Finding:
    return Finding(code, files.municipality(slug), ("contacts", *path), values, severity=severity)


def _text(period: Period) -> str:
    return str(period.first) if period.first == period.last else f"{period.first} - {period.last}"


def no_contact_ends_before_it_begins(line: Line, _: date) -> Iterator[Finding]:
    for slug, index, contact in _dated(line):
        if contact.since and contact.until and contact.until < contact.since:
            yield _found(
                "until-before-from",
                slug,
                (index, "until"),
                Severity.ERROR,
                since=str(contact.since),
                until=str(contact.until),
            )


def no_contact_is_over(line: Line, today: date) -> Iterator[Finding]:
    for slug, index, contact in _dated(line):
        if contact.until and contact.until < today:
            yield _found("until-passed", slug, (index, "until"), text=str(contact.until))


def every_absence_means_something(line: Line, today: date) -> Iterator[Finding]:
    for slug, index, contact in _dated(line):
        for place, period in enumerate(contact.away):
            path = (index, "away", place)
            if _is_outside(period, contact):
                yield _found("away-outside", slug, path, text=_text(period))
            elif (today - period.last).days > ABSENCE_KEPT_DAYS:
                yield _found("away-past", slug, path, text=_text(period))
        ordered = sorted(enumerate(contact.away), key=lambda each: (each[1].first, each[1].last))
        for (_, one), (place, other) in pairwise(ordered):
            if other.first <= one.last:
                path = (index, "away", place)
                yield _found("away-overlap", slug, path, text=_text(other), other=_text(one))


def _is_outside(period: Period, contact: Contact) -> bool:
    too_early = contact.since is not None and period.last < contact.since
    return too_early or (contact.until is not None and period.first > contact.until)


def every_contact_with_an_end_is_rung_before_it(line: Line, today: date) -> Iterator[Finding]:
    for slug, index, contact in _dated(line):
        if contact.until is None or contact.until < max(today, contact.since or today):
            continue  # it has no end, or another finding
        week = line.municipalities[slug].week(contact, line.settings.holidays)
        if not _is_ever_on_duty(week, today, contact.until, line):
            yield _found("contact-unrung", slug, (index,), until=str(contact.until))


def _is_ever_on_duty(week: Week, today: date, until: date, line: Line) -> bool:
    """Whether a contact is on duty on any day from today to its last, as far as is looked."""
    first = max(today, week.since or today)
    days = (until - first).days
    if days > _LOOKED_DAYS:
        return True
    return any(
        stretches_of(week, first + timedelta(days=ahead), line.settings.timezone) for ahead in range(days + 1)
    )


def somebody_is_rung_when_somebody_usually_is(line: Line, today: date) -> Iterator[Finding]:
    zone, country = line.settings.timezone, line.settings.holidays
    for slug in dict.fromkeys(slug for slug, _, _ in _dated(line)):
        municipality = line.municipalities[slug]
        weeks = tuple(municipality.week(contact, country) for contact in municipality.contacts)
        found = gaps(weeks, today, zone)
        for gap in found[:GAPS_SHOWN]:
            yield _gap(slug, gap)
        if len(found) > GAPS_SHOWN:
            count = str(len(found) - GAPS_SHOWN)
            yield _found("gap-more", slug, (), count=count, since=found[-1].start)


def _gap(slug: str, gap: Gap) -> Finding:
    if gap.end is None:
        return _found("gap-open", slug, (), since=gap.start)
    return _found("gap", slug, (), since=gap.start, until=gap.end)


CHECKS: Final = (
    no_contact_ends_before_it_begins,
    no_contact_is_over,
    every_absence_means_something,
    every_contact_with_an_end_is_rung_before_it,
    somebody_is_rung_when_somebody_usually_is,
)
