"""Reads the form of a municipality into the values of its file."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

from ivr.config.editing import ContactEntry, Entries, Value
from ivr.console.editing.fields import (
    CONTACT_LISTS,
    CONTACT_TEXTS,
    DAYS,
    MUNICIPALITY_LISTS,
    MUNICIPALITY_TEXTS,
    field_id,
    is_ticked,
    languages,
    shown_choice,
    shown_list,
)
from ivr.model.limits import CONTACTS
from ivr.model.numbers import read_endpoint

Form = Mapping[str, str]

_ADDED: Final = 5
"""Contacts in a form beyond those that a file may have: so that the finding is seen."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DUTCH_DAY: Final = re.compile(r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})")
_MOMENT: Final = re.compile(r"([0-9/-]+)(?:,? (?:om )?|T)([0-9]{1,2})[:.]([0-9]{2})(?: uur)?")
_UNTIL: Final = re.compile(r" - | ?(?:\u2013|t/m|tot en met) ?")
_BETWEEN: Final = re.compile(r"[\r\n]+|[,;]\s+")
_BETWEEN_HOURS: Final = re.compile(r"[\r\n;]+|(?<=[0-9])\s*,\s*(?=[^\W\d_])")
"""A comma after a time and before a day: `ma-do 08:30-17:00, vr 08:30-12:00`, but not `ma,wo 9:00-12:00`."""


def entries_in(form: Form, old: Entries, today: date) -> Entries:
    """Return the values that a form has. What it has no field for stays as it is in `old`."""
    contacts = tuple(
        _contact(form, place, origin, _values_of(old, origin), today)
        for place, origin in enumerate(origins(form, len(old.contacts)))
    )
    values = dict(old.values)
    for name in MUNICIPALITY_TEXTS:
        _put(values, name, _text(form, field_id(name), values.get(name)))
    for name in MUNICIPALITY_LISTS:
        _put(values, name, _list(form, field_id(name), name, values.get(name)))
    if field_id("name") in form:
        _put(values, "approve", _choice(form, "approve", values.get("approve"), usual=False))
    return Entries(values, contacts)


def origins(form: Form, count: int) -> Sequence[int | None]:
    """Return of which contact of the file each contact of the form is a change; None for a new one."""
    found: list[int | None] = []
    while len(found) < CONTACTS + _ADDED and (typed := form.get(f"contacts-{len(found)}-origin")) is not None:
        known = typed.isascii() and typed.isdigit() and int(typed) < count and int(typed) not in found
        found.append(int(typed) if known else None)
    return found


def _values_of(old: Entries, origin: int | None) -> Mapping[str, Value]:
    return {} if origin is None else old.contacts[origin].values


def _contact(
    form: Form, place: int, origin: int | None, old: Mapping[str, Value], today: date
) -> ContactEntry:
    values = dict(old)
    _put(values, "name", _name(form, place, old.get("name")))
    for name in CONTACT_TEXTS:
        _put(values, name, _text(form, field_id(name, place), old.get(name)))
    for name in CONTACT_LISTS:
        _put(values, name, _list(form, field_id(name, place), name, old.get(name)))
    _put(values, "accept", _choice(form, field_id("accept", place), old.get("accept"), usual=True))
    _put(values, "confirmed", _confirmed(form, place, old, values, today))
    return ContactEntry(origin, values)


def _put(values: dict[str, Value], name: str, value: Value | None) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def _text(form: Form, field: str, old: Value | None) -> Value | None:
    if field not in form:
        return old
    if field.endswith("holidays") and form[field] == shown_choice(old):
        return old  # another word for the same
    text = _clean(form[field])
    return (as_day(text) if field.rpartition("-")[2] in DAYS else text) or None


def _list(form: Form, field: str, name: str, old: Value | None) -> Value | None:
    if field not in form:
        return old
    if form[field].split() == shown_list(name, old).split():
        return old
    listed = (_BETWEEN_HOURS if name == "hours" else _BETWEEN).split(form[field])
    read: Callable[[str], str] = as_days if name in DAYS else str
    typed = [read(text) for each in listed if (text := _clean(each))]
    # What means the same stays as it was written.
    known = {read(_clean(each)): each for each in (old if isinstance(old, tuple) else ())}
    return tuple(known.get(each, each) for each in typed) or None


def _name(form: Form, place: int, old: Value | None) -> Value | None:
    """Return a contact's name: one for all languages, or one for each."""
    fields = {language: field_id("name", place, language) for language in languages()}
    if not any(field in form for field in fields.values()):
        return old
    first, *others = (_clean(form.get(field, "")) for field in fields.values())
    if not any(others):
        return first or None
    return dict(zip(fields, [first, *others], strict=True))


def _choice(form: Form, field: str, old: Value | None, *, usual: bool) -> Value | None:
    """Return yes or no. What is not changed stays as it is written. `usual`: what holds without it."""
    ticked = field in form
    if ticked == is_ticked(old, usual=usual):
        return old
    return str(ticked).lower()


def _confirmed(
    form: Form, place: int, old: Mapping[str, Value], new: Mapping[str, Value], today: date
) -> Value | None:
    """Return the day on which the number was checked. One that changed was not, unless somebody says so."""
    if field_id("confirmed", place) in form:
        return today.isoformat()
    return old.get("confirmed") if _endpoint(old) == _endpoint(new) else None


def _endpoint(values: Mapping[str, Value]) -> str:
    text = str(values.get("number", "")).strip()
    try:
        return read_endpoint(text)
    except ValueError:
        return text


def as_day(text: str) -> str:
    """Return a day as files have it (2026-12-24), from how people in the Netherlands write it (24-12-2026).

    Any other text stays as it is: the finding quotes what was typed.
    """
    found = _DUTCH_DAY.fullmatch(text)
    return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else text


def as_moment(text: str) -> str:
    """Return a moment as files have it (2026-12-24T08:30), from how people write it (24-12-2026 8:30).

    Any other text stays as it is.
    """
    found = _MOMENT.fullmatch(text)
    return f"{as_day(found[1])}T{found[2]:0>2}:{found[3]}" if found else text


def as_days(text: str) -> str:
    """The same for days, also for a row of them, such as `21-12-2026 t/m 3-1-2027`."""
    days = [as_day(each) for each in _UNTIL.split(" ".join(text.split()))]
    return " - ".join(days) if all(map(_DAY.fullmatch, days)) else text


def _clean(text: str) -> str:
    """Return a text without blanks around it, and without what no file can hold."""
    return text.encode(errors="replace").decode().strip()
