"""A number that changed while the day on which it was checked did not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ivr.model import files, numbers
from ivr.model.findings import Finding, Severity
from ivr.model.line import Line
from ivr.model.municipality import Contact, Municipality

Days = Mapping[str, Mapping[str, str]]
"""Slug → endpoint, as `numbers.tidy` returns it → a day (ISO 8601); empty where nobody confirmed it."""


@dataclass(frozen=True, slots=True)
class Confirmations:
    """What is known of the contacts since the last good reading."""

    own: Days = field(default_factory=dict)
    """The day that was written for this endpoint."""
    taken: Days = field(default_factory=dict)
    """The day that was another endpoint's before. It stays here until the day in the file changes."""


def changed_numbers_are_checked_anew(line: Line, before: Confirmations, today: date) -> Iterator[Finding]:
    """Not in a list of CHECKS, because it needs what was known before."""
    for slug, municipality in line.municipalities.items():
        for index in _taken(slug, municipality, before, today):
            day = municipality.contacts[index].confirmed
            path = ("contacts", index, "confirmed")
            values = {"text": str(day)}
            yield Finding("number-changed", files.municipality(slug), path, values, severity=Severity.WARNING)


def confirmations(
    municipalities: Mapping[str, Municipality], before: Confirmations, today: date
) -> Confirmations:
    """Return what is known of the contacts after a good reading. `municipalities`: by their slugs."""
    own: dict[str, dict[str, str]] = {}
    taken: dict[str, dict[str, str]] = {}
    for slug, municipality in municipalities.items():
        found = _taken(slug, municipality, before, today)
        days = [(numbers.tidy(each.number), _day(each)) for each in municipality.contacts]
        taken[slug] = {number: day for index, (number, day) in enumerate(days) if index in found}
        # Of an endpoint that is gone its day is still needed, in case it comes back.
        gone = {n: day for n, day in before.own.get(slug, {}).items() if day in taken[slug].values()}
        own[slug] = gone | {number: day for index, (number, day) in enumerate(days) if index not in found}
    return Confirmations(own, taken)


def _taken(slug: str, municipality: Municipality, before: Confirmations, today: date) -> frozenset[int]:
    """The indexes of the contacts whose day was another endpoint's. Today's day may be anybody's."""
    own, taken = before.own.get(slug, {}), before.taken.get(slug, {})
    days = {*own.values(), *taken.values()}
    found = set()
    for index, contact in enumerate(municipality.contacts):
        number, day = numbers.tidy(contact.number), _day(contact)
        is_new = number not in own and number not in taken and contact.confirmed != today and day in days
        if day and (is_new or taken.get(number) == day):
            found.add(index)
    return frozenset(found)


def _day(contact: Contact) -> str:
    return str(contact.confirmed or "")
