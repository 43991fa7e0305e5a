"""Counts grouped by month, municipality and item."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from ivr.dialogue.usage import Outcome
from ivr.store.counts import Counted

Times = Counter[Outcome]
"""Outcome → how often."""
Items = dict[str, Times]
"""Name of an item → its counts."""


@dataclass(frozen=True, slots=True)
class Month:
    """The counts of one month."""

    first: date
    """Its first day."""
    municipalities: dict[str, Items] = field(default_factory=dict)
    """Slug → counts of its items, without anonymous destinations."""
    anonymous: Times = field(default_factory=Counter)
    """Counts of the anonymous destinations, for all municipalities together."""

    def __str__(self) -> str:
        return self.first.isoformat()[:7]


def to_months(rows: Iterable[Counted]) -> list[Month]:
    """Group rows of `ivr.store.counts.by_month` by month; the earliest month first.

    A month without rows is left out.
    """
    months: dict[date, Month] = {}
    for row in rows:
        month = months.setdefault(row.month, Month(row.month))
        if row.municipality is None or row.item is None:
            month.anonymous[row.outcome] += row.times
        else:
            items = month.municipalities.setdefault(row.municipality, {})
            items.setdefault(row.item, Counter())[row.outcome] += row.times
    return [month for _, month in sorted(months.items())]


def total(items: Mapping[str, Times]) -> Times:
    """Add up the counts of items."""
    return sum(items.values(), Times())
