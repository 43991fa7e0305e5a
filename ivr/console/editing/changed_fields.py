"""Which values a change of a municipality's file makes others, in the words of its form."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.config.editing import Entries, Value, entries_of
from ivr.config.editing.merging import paired
from ivr.console.editing.fields import (
    Field,
    as_people_write,
    contact_name,
    more_fields,
    municipality_fields,
    usual_fields,
)

Say = Callable[[str], str]
"""Word of ivr/translations/console → its text."""

_TICKED: Final = {True: "edit.ticked", False: "edit.not-ticked"}


@dataclass(frozen=True, slots=True)
class ChangedField:
    contact: str
    """Name of the contact; empty for a setting of the municipality."""
    label: str
    """Of the field, as the form has it."""
    old: str
    """What stood there, a line for each value; empty for nothing."""
    new: str


def changed_fields(old: str, new: str, language: str, say: Say) -> list[ChangedField]:
    """Return the fields that differ between two texts of a file; none where one of them is no form."""
    before, since = entries_of(old), entries_of(new)
    return list(_changed(before, since, language, say)) if before and since else []


def _changed(before: Entries, since: Entries, language: str, say: Say) -> Iterator[ChangedField]:
    pairs = paired(since.contacts, before.contacts)
    if [pairs.get(place) for place in range(len(since.contacts))] != list(range(len(before.contacts))):
        yield ChangedField("", say("edit.contacts"), _order(before, language), _order(since, language))
    for place, contact in enumerate(since.contacts):
        name = contact_name(contact.values, language)
        was = _of_contact(before.contacts[pairs[place]].values, say) if place in pairs else {}
        yield from _differing(name, was, _of_contact(contact.values, say))
    yield from _differing("", _of_municipality(before, say), _of_municipality(since, say))


def _differing(contact: str, was: Mapping[str, str], becomes: Mapping[str, str]) -> Iterator[ChangedField]:
    for label, new in becomes.items():
        old = was.get(label, "")
        if old != new:
            yield ChangedField(contact, label, old, new)


def _order(entries: Entries, language: str) -> str:
    names = (contact_name(each.values, language) for each in entries.contacts)
    return "\n".join(f"{place}. {name}" for place, name in enumerate(names, start=1))


def _of_contact(values: Mapping[str, Value], say: Say) -> dict[str, str]:
    """Return label → value of the fields of one contact."""
    confirmed = Field("", "date", "edit.confirmed-day", value=str(values.get("confirmed", "")).strip())
    return _shown([*usual_fields(0, values), *more_fields(0, values), confirmed], say)


def _of_municipality(entries: Entries, say: Say) -> dict[str, str]:
    return _shown(municipality_fields(entries), say)


def _shown(fields: list[Field], say: Say) -> dict[str, str]:
    return {say(each.label): _value(each, say) for each in fields}


def _value(field: Field, say: Say) -> str:
    match field.kind:
        case "tick":
            return say(_TICKED[field.ticked])
        case "choice":
            return say(field.options[field.value])
        case "date":
            return as_people_write(field.value)
        case _:
            return field.value
