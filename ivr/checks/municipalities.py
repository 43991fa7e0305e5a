"""Promises about the municipalities: no number rings the wrong desk, and somebody looks after each."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from ivr.model import files, numbers, schedule
from ivr.model.findings import Finding, Severity
from ivr.model.limits import CONFIRMED_DAYS
from ivr.model.line import Line
from ivr.model.municipality import Contact, Municipality


def _contacts(line: Line) -> Iterator[tuple[str, Municipality, int, Contact]]:
    for name, municipality in line.municipalities.items():
        for place, contact in enumerate(municipality.contacts):
            yield name, municipality, place, contact


def _contact(name: str, place: int, setting: str) -> tuple[str, tuple[str, ...]]:
    return files.municipality(name), ("contacts", str(place), setting)


def _owners(line: Line) -> dict[str, str]:
    """Each dialled address, as `numbers.tidy` has it → the first municipality that has it."""
    owners: dict[str, str] = {}
    for name, municipality in line.municipalities.items():
        for address in municipality.dialled:
            owners.setdefault(numbers.tidy(address), name)
    return owners


def _owner(address: str, owners: Mapping[str, str]) -> str | None:
    """The municipality whose line an address rings, if any."""
    return next((owners[each] for each in numbers.reached(address) if each in owners), None)


def examples_stay_at_home(line: Line, *, public: bool) -> Iterator[Finding]:
    """An example is right as long as nobody calls it; beside real ones it was forgotten."""
    real = any(not municipality.example for municipality in line.municipalities.values())
    if public or real:
        for name, municipality in line.municipalities.items():
            if municipality.example:
                yield Finding("example-live", files.municipality(name), ("example",))


def no_two_share_a_dialled_number(line: Line, _: date) -> Iterator[Finding]:
    owners = _owners(line)
    for name, municipality in line.municipalities.items():
        seen = set[str]()
        for place, address in enumerate(municipality.dialled):
            same = numbers.tidy(address)
            if owners[same] != name or same in seen:
                values = {"text": numbers.written(address), "other": files.municipality(owners[same])}
                yield Finding("dialled-twice", files.municipality(name), ("dialled", str(place)), values)
            seen.add(same)


def no_number_rings_a_line(line: Line, _: date) -> Iterator[Finding]:
    owners = _owners(line)
    for name, _municipality, place, contact in _contacts(line):
        owner = _owner(contact.number, owners)
        if owner is not None:
            code = "number-of-line" if owner == name else "number-of-other-line"
            yield Finding(
                code,
                *_contact(name, place, "number"),
                {"text": numbers.written(contact.number), "other": files.municipality(owner)},
            )
    for word, destination in line.settings.destinations.items():
        for place, number in enumerate(destination.numbers):
            owner = _owner(number, owners)
            if owner is not None:
                path = ("destinations", word, "numbers", str(place))
                values = {"text": numbers.written(number), "other": files.municipality(owner)}
                yield Finding("number-of-other-line", files.SETTINGS, path, values)


def every_municipality_shows_a_number(line: Line, _: date) -> Iterator[Finding]:
    for name, municipality in line.municipalities.items():
        if municipality.shown is None:
            yield Finding("caller-id-missing", files.municipality(name))


def not_everybody_is_put_through(line: Line, _: date) -> Iterator[Finding]:
    for name, municipality in line.municipalities.items():
        if municipality.callers is None:
            yield Finding("callers-missing", files.municipality(name), severity=Severity.WARNING)


def every_municipality_has_a_contact(line: Line, _: date) -> Iterator[Finding]:
    for name, municipality in line.municipalities.items():
        if not municipality.contacts:
            yield Finding("contacts-none", files.municipality(name), ("contacts",), severity=Severity.WARNING)


def no_contact_is_rung_twice(line: Line, _: date) -> Iterator[Finding]:
    for name, municipality, place, contact in _contacts(line):
        earlier = {numbers.tidy(each.number) for each in municipality.contacts[:place]}
        if numbers.tidy(contact.number) in earlier:
            yield Finding(
                "contact-twice", *_contact(name, place, "number"), {"text": numbers.written(contact.number)}
            )


def contacts_are_ordinary_numbers(line: Line, _: date) -> Iterator[Finding]:
    for name, _municipality, place, contact in _contacts(line):
        where, values = _contact(name, place, "number"), {"text": numbers.written(contact.number)}
        if not numbers.is_domestic(contact.number):
            yield Finding("number-abroad", *where, values, severity=Severity.WARNING)
        elif numbers.is_premium(contact.number):
            yield Finding("number-premium", *where, values, severity=Severity.WARNING)


def no_voicemail_takes_a_call(line: Line, _: date) -> Iterator[Finding]:
    for name, _municipality, place, contact in _contacts(line):
        if not contact.accept:
            yield Finding("accept-off", *_contact(name, place, "accept"), severity=Severity.WARNING)


def contacts_were_checked_lately(line: Line, today: date) -> Iterator[Finding]:
    for name, _municipality, place, contact in _contacts(line):
        where = _contact(name, place, "confirmed")
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
    for name, municipality, place, contact in _contacts(line):
        duty = schedule.opening(municipality.week(contact, line.settings.holidays), noon, zone)
        if not duty.on and duty.until is None:
            yield Finding("contact-never", *_contact(name, place, "hours"), severity=Severity.WARNING)


def closed_days_mean_something(line: Line, _: date) -> Iterator[Finding]:
    for name, municipality in line.municipalities.items():
        if municipality.closed and not any(contact.hours for contact in municipality.contacts):
            yield Finding(
                "closed-without-hours", files.municipality(name), ("closed",), severity=Severity.WARNING
            )


def moments(municipality: Municipality, line: Line, today: date) -> Iterator[datetime]:
    """The moments at which something may change: a week's hours, a holiday, a closed day."""
    holidays = sorted(
        day
        for year in (today.year, today.year + 1)
        for day in schedule.public_holidays(line.settings.holidays, year)
        if day >= today
    )
    closed = sorted(day for day in municipality.closed if day >= today)
    # Each holiday is like the next, and each closed day: the next of them stands for all.
    days = [*(today + timedelta(days=ahead) for ahead in range(7)), *holidays[:1], *closed[:1]]
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
