"""Letters: who is mailed what on a day, so that nobody gets the same thing again before a week has passed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from ivr.mail.matters import Kind, Matter

WEEK: Final = timedelta(days=7)
_MISSED: Final = timedelta(days=1)
"""A matter that was not seen for longer has ended, and begins anew. Matters are looked at daily."""

Key = tuple[str, str, str, str, str]
"""What is remembered of a matter: recipient (a digest), slug, kind, place, mark."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """When a recipient was mailed a matter, and when it was last seen to be so."""

    mailed: date
    seen: date


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one recipient about one municipality, or about the line."""

    address: str
    index: int
    """Place of the address in the list that it comes from: shown where the address must not be."""
    slug: str
    matters: tuple[Matter, ...]
    """What is to be told now. Empty: nothing is."""
    known: tuple[Matter, ...]
    """What lasts and was told less than a week ago."""

    def keys(self, matters: Iterable[Matter]) -> list[Key]:
        """What to remember of some of its matters."""
        return [key(self.address, self.slug, matter) for matter in matters]


def letters(
    slug: str,
    matters: Sequence[Matter],
    addresses: Iterable[str],
    remembered: Mapping[Key, Remembered],
    today: date,
) -> Iterator[Letter]:
    """One letter for each address, however often and in whatever case it is written."""
    written = {address.lower(): (place, address) for place, address in reversed(list(enumerate(addresses)))}
    for place, address in sorted(written.values()):
        mine = [matter for matter in matters if not _is_by(matter, address)]
        due = [each for each in mine if is_due(each, remembered.get(key(address, slug, each)), today)]
        known = tuple(matter for matter in mine if matter not in due and matter.kind is not Kind.CHANGED)
        yield Letter(address, place, slug, tuple(due), known)


def is_due(matter: Matter, known: Remembered | None, today: date) -> bool:
    """Whether a matter is to be mailed: when it begins, and once a week while it lasts."""
    if known is None:
        return True
    if matter.kind is Kind.CHANGED:
        return False
    # A day that is still to come was written while the clock was wrong.
    is_new = not lasts(known.seen, today) or known.mailed > today
    return is_new or known.mailed + WEEK <= today


def lasts(seen: date, today: date) -> bool:
    """Whether what was seen on a day, and is so today, has lasted meanwhile."""
    return seen + _MISSED >= today


def key(address: str, slug: str, matter: Matter) -> Key:
    """What is remembered of a matter. The address itself is not."""
    return digest(address), slug, matter.kind.value, matter.place, matter.mark


def digest(address: str) -> str:
    """A short text that stands for an address, in whatever case it is written."""
    return sha256(address.lower().encode()).hexdigest()[:16]


def _is_by(matter: Matter, address: str) -> bool:
    return address.lower() == matter.author.lower()
