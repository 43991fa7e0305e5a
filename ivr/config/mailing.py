"""What of a home wants doing, and who is told of it by mail."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from ivr.checks.confirmations import Confirmations
from ivr.config import source
from ivr.config.home import Home
from ivr.config.reading import Reading, municipalities, read
from ivr.mail.matters import (
    OPERATOR,
    Change,
    Kind,
    Matter,
    Matters,
    of_changes,
    of_findings,
    slug_of,
    together,
)
from ivr.model import files, numbers
from ivr.model.fields import MailAddress
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.settings import Settings

_ADDRESS: Final[TypeAdapter[str]] = TypeAdapter(MailAddress)
_ZONE: Final[ZoneInfo] = Settings.model_fields["timezone"].default

RingChecked = Callable[[str, str], date | None]
"""Slug and number of a contact → the day of its last ring check, if nobody confirmed it; else None."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a home."""

    today: date
    """In the line's time zone."""
    matters: Matters
    addresses: Mapping[str, tuple[str, ...]]
    """Slug, or OPERATOR → mail addresses."""
    unexamined: frozenset[str]
    """Slugs of which an error hides what else there is to find."""
    former: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Slug → addresses that are told of changes alone: a change took them out of the file."""


def look(  # noqa: PLR0913 - each part of the outside world is an argument
    home: Home,
    moment: datetime,
    *,
    operator: tuple[str, ...],
    ring_checked: RingChecked,
    changes: Iterable[Change],
    last_good: Callable[[], Line | None],
    before: Confirmations | None,
    erases: bool,
) -> Look:
    """Look what wants doing in a home at a moment (aware). Raises nothing but what the arguments raise.

    `last_good`: the last reading without errors; it has the addresses of a file that cannot be read now.
    `before`: what that reading knew of the contacts.
    """
    reading = read(home, moment, before=before, erases=erases)
    today = moment.astimezone(reading.line.settings.timezone if reading.line else _ZONE).date()
    good = municipalities(home)
    examples = {slug for slug, each in good.items() if each.example}
    listed = list(changes)
    found = together(
        of_findings(reading.findings), _ring_checks(good, ring_checked, today), of_changes(listed)
    )
    addresses = {slug: each.mail for slug, each in good.items()}
    for slug in found.keys() - addresses.keys() - {OPERATOR}:
        addresses[slug] = _typed(home, slug) or _kept(last_good(), slug)
    addresses[OPERATOR] = operator
    own = {slug: each for slug, each in found.items() if slug not in examples}
    unexamined = good.keys() if reading.unproven else _broken(reading)
    former = {slug: _former(slug, listed, addresses[slug]) for slug in own if slug != OPERATOR}
    return Look(today, _with_orphans(own, addresses), addresses, frozenset(unexamined), former)


def _former(slug: str, changes: Iterable[Change], present: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses that a change of the last days took out of a file: they are told of changes."""
    known = {each.lower() for each in present}
    before = (each for change in changes if change.slug == slug for each in change.told_before)
    return tuple(dict.fromkeys(each for each in before if each.lower() not in known))


def addresses_in(text: str) -> tuple[str, ...]:
    """Return the mail addresses in the text of a municipality's file, as far as they can be read."""
    return _listed(source.parse(text.removeprefix("\ufeff"), "").value)


def _broken(reading: Reading) -> set[str]:
    return {slug_of(finding.file) for finding in reading.errors} - {OPERATOR}


def _ring_checks(good: Mapping[str, Municipality], ring_checked: RingChecked, today: date) -> Matters:
    found: dict[str, tuple[Matter, ...]] = {}
    for slug, municipality in good.items():
        found[slug] = tuple(_unanswered(slug, municipality, ring_checked, today))
    return found


def _unanswered(
    slug: str, municipality: Municipality, ring_checked: RingChecked, today: date
) -> Iterator[Matter]:
    for index, contact in enumerate(municipality.contacts):
        day = ring_checked(slug, numbers.tidy(contact.number))
        is_over = contact.until is not None and contact.until < today
        if day is None or is_over or (contact.confirmed is not None and contact.confirmed >= day):
            continue
        yield Matter(Kind.RING_CHECK, f"contacts[{index}].number", mark=str(day))


def _typed(home: Home, slug: str) -> tuple[str, ...]:
    """The addresses in a file with an error, as far as they can be read."""
    file = files.municipality(slug)
    return _listed(source.read(home.root / file, file).value)


def _listed(value: Any) -> tuple[str, ...]:
    mail = value.get("mail") if isinstance(value, dict) else None
    listed = [mail] if isinstance(mail, str) else mail if isinstance(mail, list) else []
    return tuple(address for each in listed if (address := _address(each)))


def _address(value: Any) -> str | None:
    try:
        return _ADDRESS.validate_python(value)
    except ValidationError:
        return None


def _kept(line: Line | None, slug: str) -> tuple[str, ...]:
    municipality = line.municipalities.get(slug) if line else None
    return municipality.mail if municipality else ()


def _with_orphans(found: Matters, addresses: Mapping[str, tuple[str, ...]]) -> Matters:
    """The operator is told of errors in files of which nobody else is told."""
    orphans = tuple(
        Matter(Kind.ERROR, files.municipality(slug))
        for slug, matters in found.items()
        if slug != OPERATOR and not addresses[slug] and any(each.kind is Kind.ERROR for each in matters)
    )
    return together(found, {OPERATOR: orphans})
