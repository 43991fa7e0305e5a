"""The counts as text: a table for people, and CSV for programs."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Final

from ivr import translations
from ivr.dialogue.usage import Outcome
from ivr.report.months import Month, Times, total
from ivr.store.counts import Counted

COLUMNS: Final = ("month", "municipality", "item", "outcome", "times")
_NONE: Final = "-"
"""Shown instead of 0."""
_GAP: Final = 2
"""Spaces between two columns, and before an item."""


def as_csv(rows: Iterable[Counted]) -> str:
    """Return rows as CSV (RFC 4180). Rows of an anonymous destination have no municipality and no item.

    No spreadsheet takes a value for a formula: months and times begin with a digit, and slugs and items with
    a letter (`ivr.model.fields.read_slug`).
    """
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(
        (row.month.isoformat()[:7], row.municipality or "", row.item or "", row.outcome.value, row.times)
        for row in rows
    )
    return text.getvalue()


def as_table(months: Sequence[Month], names: Mapping[str, str], language: str) -> str:
    """Return a table for each month. `names`: slug → name, or else the slug is shown."""
    labels = [translations.say(f"outcome-{outcome.value}", language) for outcome in Outcome]
    own, everybody, anonymous = (
        translations.say(f"report-{name}", language) for name in ("total", "municipalities", "anonymous")
    )
    items = {f"{'':{_GAP}}{item}" for m in months for each in m.municipalities.values() for item in each}
    width = max(len(each) for each in (own, everybody, anonymous, *items))

    def row(label: str, cells: Iterable[object]) -> str:
        columns = zip(cells, labels, strict=True)
        return f"{label:{width}}" + "".join(f"{cell!s:>{len(name) + _GAP}}" for cell, name in columns)

    def counts(label: str, times: Times) -> str:
        return row(label, (times[outcome] or _NONE for outcome in Outcome))

    def rows(month: Month) -> Iterator[str]:
        yield row(str(month), labels)
        for slug, each in month.municipalities.items():
            yield names.get(slug, slug)
            for item, times in each.items():
                yield counts(f"{'':{_GAP}}{item}", times)
            yield counts(f"{'':{_GAP}}{own}", total(each))
        if len(month.municipalities) > 1:
            yield counts(everybody, total({slug: total(each) for slug, each in month.municipalities.items()}))
        if month.anonymous:
            yield counts(anonymous, month.anonymous)

    return "\n\n".join("\n".join(rows(month)) for month in months)
