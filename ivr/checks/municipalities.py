"""Checks of the municipalities: their numbers, contacts and hours."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from ivr.model import files, numbers, schedule
from ivr.model.findings import Finding, Path, Severity
from ivr.model.limits import CONFIRMED_DAYS
from ivr.model.line import Line
from ivr.model.municipality import Contact, Municipality


def _contacts(line: Line) -> Iterator[tuple[str, Municipality, int, Contact]]:
    """All contacts: slug and municipality, index and contact."""
    for slug, municipality in line.municipalities.items():
        for index, contact in enumerate(municipality.contacts):
            yield slug, municipality, index, contact


def _contact(slug: str, index: int, setting: str) -> tuple[str, Path]:
    """File and path of a contact's setting."""
    return files.municipality(slug), ("contacts", index, setting)


def _owners(line: Line) -> dict[str, str]:
    """Dialled endpoint, as `numbers.tidy` returns it → slug of the first municipality that has it."""
    owners: dict[str, str] = {}
    for slug, municipality in line.municipalities.items():
        for endpoint in municipality.dialled:
            owners.setdefault(numbers.tidy(endpoint), slug)
    return owners


def _owner(endpoint: str, owners: Mapping[str, str]) -> str | None:
    """The slug of the municipality whose line an endpoint may reach, or None."""
    return next((owners[each] for each in numbers.reached(endpoint) if each in owners), None)


def examples_stay_at_home(line: Line, *, public: bool) -> Iterator[Finding]:
    """No example is public or among real municipalities. Not in CHECKS, because it needs `public`."""
    real = any(not municipality.example for municipality in line.municipalities.values())
    if public or real:
        for slug, municipality in line.municipalities.items():
            if municipality.example:
                yield Finding("example-live", files.municipality(slug), ("example",))


def no_two_share_a_dialled_number(line: Line, _: date) -> Iterator[Finding]:
    owners = _owners(line)
    for slug, municipality in line.municipalities.items():
        seen = set[str]()
        for index, endpoint in enumerate(municipality.dialled):
            same = numbers.tidy(endpoint)
            if owners[same] != slug or same in seen:
                values = {"text": numbers.written(endpoint), "other": files.municipality(owners[same])}
                yield Finding("dialled-twice", files.municipality(slug), ("dialled", index), values)
            seen.add(same)


def no_number_rings_a_line(line: Line, _: date) -> Iterator[Finding]:
    owners = _owners(line)
    for slug, _municipality, index, contact in _contacts(line):
        owner = _owner(contact.number, owners)
        if owner is not None:
            code = "number-of-line" if owner == slug else "number-of-other-line"
            yield Finding(
                code,
                *_contact(slug, index, "number"),
                {"text": numbers.written(contact.number), "other": files.municipality(owner)},
            )
    for name, destination in line.settings.destinations.items():
        for index, number in enumerate(destination.numbers):
            owner = _owner(number, owners)
            if owner is not None:
                path = ("destinations", name, "numbers", index)
                values = {"text": numbers.written(number), "other": files.municipality(owner)}
                yield Finding("number-of-other-line", files.SETTINGS, path, values)


def every_municipality_shows_a_number(line: Line, _: date) -> Iterator[Finding]:
    for slug, municipality in line.municipalities.items():
        if municipality.shown is None:
            yield Finding("caller-id-missing", files.municipality(slug), ("caller_id",))


def not_everybody_is_put_through(line: Line, _: date) -> Iterator[Finding]:
    for slug, municipality in line.municipalities.items():
        if municipality.callers is None:
            yield Finding(
                "callers-missing", files.municipality(slug), ("callers",), severity=Severity.WARNING
            )


def every_municipality_has_a_contact(line: Line, _: date) -> Iterator[Finding]:
    for slug, municipality in line.municipalities.items():
        if not municipality.contacts:
            yield Finding("contacts-none", files.municipality(slug), ("contacts",), severity=Severity.WARNING)


def no_contact_is_rung_twice(line: Line, _: date) -> Iterator[Finding]:
    for slug, municipality, index, contact in _contacts(line):
        earlier = {numbers.tidy(each.number) for each in municipality.contacts[:index]}
        if numbers.tidy(contact.number) in earlier:
            yield Finding(
                "contact-twice", *_contact(slug, index, "number"), {"text": numbers.written(contact.number)}
            )


def contacts_are_ordinary_numbers(line: Line, _: date) -> Iterator[Finding]:
    for slug, municipality in line.municipalities.items():
        yield from costly_numbers(slug, municipality)


def costly_numbers(slug: str, municipality: Municipality) -> Iterator[Finding]:
    """Yield a finding for each contact that costs extra to ring, at `("contacts", index, "number")`.

    A SIP address may make an exchange ring the number before its `@`.
    """
    for index, contact in enumerate(municipality.contacts):
        where, values = _contact(slug, index, "number"), {"text": numbers.written(contact.number)}
        rung = numbers.reached(contact.number)
        if not all(map(numbers.is_domestic, rung)):
            yield Finding("number-abroad", *where, values, severity=Severity.WARNING)
        elif any(map(numbers.is_premium, rung)):
            yield Finding("number-premium", *where, values, severity=Severity.WARNING)


def no_voicemail_takes_a_call(line: Line, _: date) -> Iterator[Finding]:
    for slug, _municipality, index, contact in _contacts(line):
        if not contact.accept:
            yield Finding("accept-off", *_contact(slug, index, "accept"), severity=Severity.WARNING)


def contacts_were_checked_lately(line: Line, today: date) -> Iterator[Finding]:
    for slug, _municipality, index, contact in _contacts(line):
        where = _contact(slug, index, "confirmed")
        if contact.until is not None and contact.until < today:
            continue  # nobody rings this number any more
        if contact.confirmed is None:
            yield Finding("contact-unconfirmed", *where, severity=Severity.WARNING)
        elif contact.confirmed > today:
            yield Finding("confirmed-ahead", *where, {"text": str(contact.confirmed)})
        elif (today - contact.confirmed).days > CONFIRMED_DAYS:
            yield Finding(
                "contact-stale",
                *where,
                {"text": str(contact.confirmed), "days": CONFIRMED_DAYS},
                severity=Severity.WARNING,
            )


def every_contact_is_on_duty_some_day(line: Line, today: date) -> Iterator[Finding]:
    zone = line.settings.timezone
    noon = datetime.combine(today, time(12), zone)
    for slug, municipality, index, contact in _contacts(line):
        # Its first and last day and its absences have findings of their own.
        week = municipality.week(contact, line.settings.holidays).undated()
        duty = schedule.opening(week, noon, zone)
        if not duty.on and duty.until is None:
            yield Finding("contact-never", *_contact(slug, index, "hours"), severity=Severity.WARNING)


def closed_days_mean_something(line: Line, _: date) -> Iterator[Finding]:
    for slug, municipality in line.municipalities.items():
        if municipality.closed and not any(contact.hours for contact in municipality.contacts):
            yield Finding(
                "closed-without-hours", files.municipality(slug), ("closed",), severity=Severity.WARNING
            )


def moments(municipality: Municipality, line: Line, today: date) -> Iterator[datetime]:
    """The moments at which a contact may go on or off duty in the next week, and the minute before each.

    The next public holiday, the next closed day and the next day on which a contact comes, goes, is away
    or is back are included, wherever they are.
    """
    holidays = sorted(
        day
        for year in (today.year, today.year + 1)
        for day in schedule.public_holidays(line.settings.holidays, year)
        if day >= today
    )
    closed = sorted(day for day in municipality.closed if day >= today)
    changes = (
        [day for day in (contact.since, contact.until and contact.until + timedelta(days=1)) if day]
        + [day for period in contact.away for day in (period.first, period.last + timedelta(days=1))]
        for contact in municipality.contacts
    )
    next_changes = [min((day for day in each if day >= today), default=today) for each in changes]
    # All holidays are alike, and so are all closed days: one of each is enough.
    week = (today + timedelta(days=ahead) for ahead in range(7))
    days = [*week, *holidays[:1], *closed[:1], *next_changes]
    edges = {0} | {
        edge for contact in municipality.contacts for span in contact.hours for edge in (span.start, span.end)
    }
    for day in sorted(set(days)):
        midnight = datetime.combine(day, time(), line.settings.timezone)
        for edge in sorted(edges):
            yield midnight + timedelta(minutes=edge)
            yield midnight + timedelta(minutes=edge - 1)


CHECKS: Final = (
    no_two_share_a_dialled_number,
    no_number_rings_a_line,
    every_municipality_shows_a_number,
    not_everybody_is_put_through,
    every_municipality_has_a_contact,
    no_contact_is_rung_twice,
    contacts_are_ordinary_numbers,
    no_voicemail_takes_a_call,
    contacts_were_checked_lately,
    every_contact_is_on_duty_some_day,
    closed_days_mean_something,
)
