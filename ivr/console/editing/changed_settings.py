"""Which settings of a municipality's file differ, for the log of acts: their places alone, no value."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ivr.config.editing.entries import CONTACTS, parsed
from ivr.mail.matters import setting

Content = Mapping[str, Any]

_NUMBER: Final = "number"
_NAME: Final = "name"
_WEIGHTY: Final = frozenset({CONTACTS, _NUMBER, "callers", "approve"})
"""Settings that decide who is rung, or who may decide it. So does a contact as a whole."""


def changed_settings(before: bytes | None, since: bytes) -> list[str]:
    """Return the settings that differ between two texts of a file, as `contacts[0].number`.

    Those that decide who is rung stand first. Contacts are counted as they are since. `contacts` alone: one
    is gone, or the order differs. A text that cannot be parsed has no settings.
    """
    old, new = _content(before or b""), _content(since)
    own = ((name,) for name in _differing(old, new) if name != CONTACTS)
    places = [*own, *_of_contacts(_contacts(old), _contacts(new))]
    places.sort(key=lambda place: not _is_weighty(place))
    return list(dict.fromkeys(found for place in places if (found := setting(place))))


def _is_weighty(place: tuple[str | int, ...]) -> bool:
    return place[-1] in _WEIGHTY or isinstance(place[-1], int)


def _of_contacts(old: Sequence[Content], new: Sequence[Content]) -> Iterator[tuple[str | int, ...]]:
    origins = _origins(old, new)
    known = [each for each in origins if each is not None]
    if len(known) < len(old) or known != sorted(known):
        yield (CONTACTS,)
    for place, (origin, contact) in enumerate(zip(origins, new, strict=True)):
        if origin is None:
            yield CONTACTS, place
        else:
            yield from ((CONTACTS, place, name) for name in _differing(old[origin], contact))


def _origins(old: Sequence[Content], new: Sequence[Content]) -> list[int | None]:
    """Return of which old contact each new one is a change: by its number, else its name, else its place."""
    found: list[int | None] = [None] * len(new)

    def free(origin: int) -> bool:
        return origin not in found

    for name in (_NUMBER, _NAME):
        for place, contact in enumerate(new):
            if found[place] is None and contact.get(name):
                same = (origin for origin, each in enumerate(old) if each.get(name) == contact[name])
                found[place] = next(filter(free, same), None)
    if len(old) == len(new):
        for place in range(len(new)):
            if found[place] is None and free(place):
                found[place] = place
    return found


def _differing(old: Content, new: Content) -> list[str]:
    return [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]


def _content(text: bytes) -> Content:
    found = parsed(text.decode(errors="replace"))
    return found if isinstance(found, dict) else {}


def _contacts(content: Content) -> list[Content]:
    listed = content.get(CONTACTS)
    return [each if isinstance(each, dict) else {} for each in listed] if isinstance(listed, list) else []
