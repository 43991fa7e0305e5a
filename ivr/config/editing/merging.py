"""Brings a change that somebody made on an older file over to the file as it is now.

It is shown before it is published: what two people changed in the same place is the later one's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ivr.config.editing.entries import CONTACT, SETTINGS, ContactEntry, Entries, Value, same

Contacts = Sequence[ContactEntry]


def merged(base: Entries, mine: Entries, now: Entries) -> Entries:
    """Return the values of the file as it is now, with those that `mine` has otherwise than `base`."""
    old = paired(mine.contacts, base.contacts)
    since = paired(base.contacts, now.contacts)
    contacts = [
        _contact(base.contacts[old[place]], each, now.contacts[since[old[place]]], since[old[place]])
        if place in old
        else replace(each, origin=None)
        for place, each in enumerate(mine.contacts)
        if place not in old or old[place] in since
    ]
    others = [place for place in range(len(now.contacts)) if place not in since.values()]
    contacts += [replace(now.contacts[place], origin=place) for place in others]
    if [old.get(place) for place in range(len(mine.contacts))] == list(range(len(base.contacts))):
        contacts.sort(key=lambda each: each.origin or 0)  # their order is that of the file as it is now
    return Entries(_values(base.values, mine.values, now.values, SETTINGS), tuple(contacts))


def paired(ones: Contacts, others: Contacts) -> dict[int, int]:
    """Return which contacts of two files are the same: place in the one → place in the other.

    Those with the same number are, then those with the same name, then those at the same place.
    """
    pairs: dict[int, int] = {}
    for key in (_number, _name):
        free = {key(others[place]): place for place in _without(len(others), pairs.values())}
        for place in _without(len(ones), pairs):
            found = free.pop(key(ones[place]), None)
            if found is not None:
                pairs[place] = found
    if len(ones) == len(others):
        both = set(_without(len(ones), pairs)) & set(_without(len(others), pairs.values()))
        pairs |= {place: place for place in both}
    return pairs


def _number(entry: ContactEntry) -> str:
    return str(entry.values.get("number", "")).strip()


def _name(entry: ContactEntry) -> str:
    return str(entry.values.get("name", "")).strip()


def _without(count: int, taken: Iterable[int]) -> list[int]:
    gone = set(taken)
    return [place for place in range(count) if place not in gone]


def _contact(base: ContactEntry, mine: ContactEntry, now: ContactEntry, origin: int) -> ContactEntry:
    return ContactEntry(origin, _values(base.values, mine.values, now.values, CONTACT))


def _values(
    base: Mapping[str, Value], mine: Mapping[str, Value], now: Mapping[str, Value], names: Sequence[str]
) -> dict[str, Value]:
    """Return the values of `now`, but for those that `mine` has otherwise than `base`."""
    kept = {name for name in names if same(mine.get(name), base.get(name))}
    found = {name: (now if name in kept else mine).get(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}
