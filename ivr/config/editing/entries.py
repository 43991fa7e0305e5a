"""The values of a municipality's file that a form shows and changes, as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ivr.config import source
from ivr.model.languages import LANGUAGES

Value = str | tuple[str, ...] | Mapping[str, str]
"""A text, a list, or the text in each language."""

LISTS: Final = frozenset({"hours", "away", "dialled", "callers", "closed", "mail"})
SETTINGS: Final = ("name", "dialled", "caller_id", "callers", "closed", "mail", "approve")
"""Settings of a municipality that a form has, apart from its contacts."""
CONTACT: Final = (
    "name",
    "number",
    "hours",
    "holidays",
    "accept",
    "ring",
    "confirmed",
    "from",
    "until",
    "away",
)
"""Settings of a contact that a form has."""
CONTACTS: Final = "contacts"


@dataclass(frozen=True, slots=True)
class ContactEntry:
    origin: int | None
    """Index of the contact in the file, which this one changes; None for a new one."""
    values: Mapping[str, Value]
    """Setting → its value. A setting that is left out is not in the file."""


@dataclass(frozen=True, slots=True)
class Entries:
    values: Mapping[str, Value]
    contacts: tuple[ContactEntry, ...]


def entries_of(text: str) -> Entries | None:
    """Return the values in the text of a file; None where it is no YAML file with settings.

    A value of another shape than the setting has is left out.
    """
    content = parsed(text)
    if not isinstance(content, dict):
        return None
    listed = content.get(CONTACTS)
    contacts = listed if isinstance(listed, list) else []
    return Entries(
        values_of(content, SETTINGS),
        tuple(ContactEntry(place, values_of(each, CONTACT)) for place, each in enumerate(contacts)),
    )


def parsed(text: str) -> Any:
    """Return the content of a file; None where it cannot be parsed."""
    return source.parse(text.removeprefix("\ufeff"), "").value


def values_of(content: Any, settings: tuple[str, ...]) -> dict[str, Value]:
    """Return the values of some settings."""
    if not isinstance(content, dict):
        return {}
    found = {name: value_of(name, content[name]) for name in settings if name in content}
    return {name: value for name, value in found.items() if value is not None}


def value_of(name: str, found: Any) -> Value | None:
    """Return the value of a setting from what a file has; None where that has another shape."""
    if name in LISTS:
        listed = [found] if isinstance(found, str) else found
        return (
            tuple(listed)
            if isinstance(listed, list) and all(isinstance(each, str) for each in listed)
            else None
        )
    if isinstance(found, str):
        return found
    if name == "name" and isinstance(found, dict) and found.keys() <= LANGUAGES.keys():
        return found if all(isinstance(each, str) for each in found.values()) else None
    return None


def same(one: Value | None, other: Value | None) -> bool:
    """Whether two values mean the same. Blanks around a text, and an empty list, mean nothing."""
    return _bare(one) == _bare(other)


def _bare(value: Value | None) -> object:
    match value:
        case None:
            return None
        case str():
            return value.strip()
        case tuple():
            return tuple(each.strip() for each in value) or None
        case _:
            return {language: text.strip() for language, text in value.items()} or None
