"""The fields of the form of a municipality, with the values that they show."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ivr.config.editing import Entries, Value
from ivr.model.fields import read_holidays, read_yes_or_no
from ivr.model.findings import Path
from ivr.model.languages import LANGUAGES

MUNICIPALITY_TEXTS: Final = ("name", "caller_id")
MUNICIPALITY_LISTS: Final = ("dialled", "callers", "closed", "mail")
CONTACT_TEXTS: Final = ("number", "holidays", "ring", "from", "until")
CONTACT_LISTS: Final = ("hours", "away")
DAYS: Final = frozenset({"from", "until", "away", "closed"})
"""Settings that hold days."""

_OF_MUNICIPALITY: Final = frozenset({"approve", *MUNICIPALITY_TEXTS, *MUNICIPALITY_LISTS})
_OF_CONTACT: Final = frozenset({"name", "accept", "confirmed", *CONTACT_TEXTS, *CONTACT_LISTS})
_UNTIL: Final = re.compile(r" - | ?(?:\u2013|t/m) ?")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Field:
    id: str
    """Of the element, and its name in the form."""
    kind: str
    """text, tel, date, lines, choice or tick."""
    label: str
    """A word of ivr/translations/console."""
    help: str = ""
    """The same; empty where there is none."""
    value: str = ""
    ticked: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    """Of a choice: value → word."""


@dataclass(frozen=True, slots=True)
class ContactFields:
    place: int
    id: str
    origin: int | None
    name: str
    """In the language of the page; empty where there is none yet."""
    fields: Sequence[Field]
    more: Sequence[Field]
    """Those that few contacts need."""
    more_open: bool
    """Whether they are shown at once: this contact has a first or a last day."""
    confirmed: str
    """The last day on which somebody checked the number, as people write it; empty where there is none."""
    number_is_new: bool
    tick: Field
    """Says that the number was checked today."""


HOLIDAYS: Final = {
    "": "edit.holidays-usual",
    "closed": "edit.holidays-closed",
    "open": "edit.holidays-open",
}


def field_id(name: str, place: int | None = None, language: str = "") -> str:
    """Return the id of the field of a setting, as `id_of` returns it for the path of a finding."""
    parts = [*([] if place is None else ["contacts", str(place)]), name]
    others = languages()[1:]
    return "-".join([*parts, *([language] if language in others else [])])


def id_of(path: Path) -> str:
    """Return the id of the element that shows a place in the file; empty for what is not in the form."""
    match path:
        case ("contacts", int(place), str(name), *rest) if name in _OF_CONTACT:
            return field_id(name, place, str(rest[0]) if rest and name == "name" else "")
        case ("contacts", int(place), *_):
            return f"contacts-{place}"
        case ("contacts",):
            return "contacts"
        case (str(name), *_) if name in _OF_MUNICIPALITY:
            return name
        case _:
            return ""


def label_of(path: Path) -> str:
    """Return the label of the field of a place in the file, a word of ivr/translations/console.

    It is empty for what is no field of the form.
    """
    match path:
        case ("contacts", int(), "name", str(language), *_) if language in languages()[1:]:
            return f"contact-name.{language}"
        case ("contacts", int(), "confirmed", *_):
            return "edit.confirmed-day"
        case ("contacts", int(), str(name), *_) if name in _OF_CONTACT:
            return f"edit.{name}"
        case ("contacts", *_):
            return ""
        case ("name", *_):
            return "edit.municipality"
        case (str(name), *_) if name in _OF_MUNICIPALITY:
            return f"edit.{name.replace('_', '-')}"
        case _:
            return ""


def languages() -> tuple[str, ...]:
    return tuple(LANGUAGES)


def is_ticked(value: Value | None, *, usual: bool) -> bool:
    """Whether a setting says yes. `usual`: what holds where it is left out."""
    if value is None:
        return usual
    try:
        return read_yes_or_no(str(value).strip())
    except ValueError:
        return False


def municipality_fields(entries: Entries) -> list[Field]:
    """Return the fields apart from the contacts."""
    values = entries.values
    return [
        _lines("closed", None, values, "edit.closed", "edit.closed-help"),
        _lines("callers", None, values, "edit.callers", "edit.callers-help"),
        _lines("dialled", None, values, "edit.dialled", "edit.dialled-help"),
        Field("caller_id", "text", "edit.caller-id", "edit.caller-id-help", _shown(values.get("caller_id"))),
        _lines("mail", None, values, "edit.mail", "edit.mail-help"),
        Field("name", "text", "edit.municipality", "edit.municipality-help", _shown(values.get("name"))),
        Field(
            "approve",
            "tick",
            "edit.approve",
            "edit.approve-help",
            ticked=is_ticked(values.get("approve"), usual=False),
        ),
    ]


def contact_fields(entries: Entries, old: Entries, language: str, today: date) -> list[ContactFields]:
    """Return the fields of each contact. `old`: the values of the file whose contacts these change."""
    return [_contact(place, entries, old, language, today) for place in range(len(entries.contacts))]


def _contact(place: int, entries: Entries, old: Entries, language: str, today: date) -> ContactFields:
    entry = entries.contacts[place]
    values = entry.values
    before = {} if entry.origin is None else old.contacts[entry.origin].values
    confirmed = str(values.get("confirmed", "")).strip()
    return ContactFields(
        place,
        f"contacts-{place}",
        entry.origin,
        contact_name(values, language),
        usual_fields(place, values),
        more_fields(place, values),
        bool(values.get("from") or values.get("until")),
        as_people_write(confirmed) if _is_day(confirmed) else "",
        entry.origin is None or str(values.get("number")) != str(before.get("number")),
        Field(field_id("confirmed", place), "tick", "edit.confirmed", ticked=confirmed == today.isoformat()),
    )


def contact_name(values: Mapping[str, Value], language: str) -> str:
    """Return the name of a contact in a language, else in the first one; empty where there is none yet."""
    names = _names(values.get("name"))
    return names.get(language) or names.get(languages()[0], "")


def usual_fields(place: int, values: Mapping[str, Value]) -> list[Field]:
    """Return the fields that each contact needs."""
    name = _names(values.get("name")).get(languages()[0], "")
    number = _shown(values.get("number"))
    return [
        Field(field_id("name", place), "text", "edit.name", "edit.name-help", name),
        Field(field_id("number", place), "tel", "edit.number", "edit.number-help", number),
        _lines("hours", place, values, "edit.hours", "edit.hours-help"),
        Field(
            field_id("holidays", place),
            "choice",
            "edit.holidays",
            "edit.holidays-help",
            value=shown_choice(values.get("holidays")),
            options=HOLIDAYS,
        ),
        _lines("away", place, values, "edit.away", "edit.away-help"),
        Field(
            field_id("accept", place),
            "tick",
            "edit.accept",
            "edit.accept-help",
            ticked=is_ticked(values.get("accept"), usual=True),
        ),
    ]


def more_fields(place: int, values: Mapping[str, Value]) -> list[Field]:
    """Return the fields that few contacts need."""
    names = _names(values.get("name"))
    return [
        *(
            Field(field_id("name", place, each), "text", f"contact-name.{each}", value=names.get(each, ""))
            for each in languages()[1:]
        ),
        _day("from", place, values, "edit.from", "edit.from-help"),
        _day("until", place, values, "edit.until", "edit.until-help"),
        Field(field_id("ring", place), "text", "edit.ring", "edit.ring-help", _shown(values.get("ring"))),
    ]


def _names(value: Value | None) -> Mapping[str, str]:
    if isinstance(value, Mapping):
        return value
    return {languages()[0]: _shown(value)}


def _shown(value: Value | None) -> str:
    return value if isinstance(value, str) else ""


def _lines(name: str, place: int | None, values: Mapping[str, Value], label: str, help_: str) -> Field:
    return Field(field_id(name, place), "lines", label, help_, shown_list(name, values.get(name)))


def shown_list(name: str, value: Value | None) -> str:
    """Return the lines of the field of a list."""
    listed = value if isinstance(value, tuple) else ()
    return "\n".join(as_people_write(each) if name in DAYS else each for each in listed)


def shown_choice(value: Value | None) -> str:
    """Return which of HOLIDAYS a setting means."""
    found = read_holidays(value) if isinstance(value, str) and value.strip() else ""
    return found if found in HOLIDAYS else ""


def _day(name: str, place: int, values: Mapping[str, Value], label: str, help_: str) -> Field:
    text = _shown(values.get(name)).strip()
    # A field for a date shows nothing else; what is no date must be seen, to be corrected.
    return Field(field_id(name, place), "date" if not text or _is_day(text) else "text", label, help_, text)


def _is_day(text: str) -> bool:
    try:
        return bool(_ISO.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def as_people_write(text: str) -> str:
    """Return days as people in the Netherlands write them: `21-12-2026 t/m 3-1-2027`."""
    days = [_ISO.fullmatch(each) for each in _UNTIL.split(" ".join(text.split()))]
    shown = [f"{int(each[3])}-{int(each[2])}-{each[1]}" for each in days if each]
    return " t/m ".join(shown) if len(shown) == len(days) else text
