"""Counts put together by month, municipality and item."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from ivr.dialogue.usage import Outcome
from ivr.store.counts import Counted

Times = Counter[Outcome]
Items = dict[str, Times]


@dataclass(frozen=True, slots=True)
class Month:
    """What was counted in a month."""

    first: date
    """Its first day."""
    municipalities: dict[str, Items] = field(default_factory=dict)
    """By the name of their file; never anything of an anonymous destination."""
    anonymous: Times = field(default_factory=Counter)
    """Of the anonymous destinations, for all municipalities together."""

    def __str__(self) -> str:
        return self.first.isoformat()[:7]


def to_months(rows: Iterable[Counted]) -> list[Month]:
    """Group rows of `ivr.store.counts.by_month` by municipality and item. The earliest month comes first."""
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
    """Put the counts of items together."""
    return sum(items.values(), Times())
