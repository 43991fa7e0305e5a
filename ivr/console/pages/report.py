"""The report, for managers: how often each item was used, and how forwardings ended.

It is not for coordinators: who knows who sat at the desk could conclude from a small figure who called
(docs/decisions/12-the-report.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import shorten

from flask import Blueprint, Response, render_template, request, url_for

from ivr import translations
from ivr.console import pictures
from ivr.console.context import note, outside, reading
from ivr.console.municipalities import municipality_names
from ivr.console.paging import Part, part_of
from ivr.console.phone_lines import LIVE, line_of
from ivr.console.words import language
from ivr.dialogue.usage import Outcome
from ivr.model.languages import LANGUAGES
from ivr.report.months import Items, Month, Times, to_months, total
from ivr.report.outline import describe
from ivr.store import counts
from ivr.store.act_limits import ONCE_AN_HOUR
from ivr.store.acts import Action
from ivr.store.opening import is_made

pages = Blueprint("report", __name__)

MUNICIPALITIES = 20
"""In one part of the report: the picture of more takes too long to draw."""
PICTURED = 12
"""Months in the picture: the last ones."""
_CHARACTERS = 45
"""Of what is heard in an item, beside its name."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: tuple[int, ...]
    """One for each outcome."""
    heard: str = ""
    """The first words that a caller hears in the item, as the menu is now; empty where it has none."""
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The counts of one municipality in one month."""

    slug: str
    name: str
    rows: tuple[Row, ...]


@pages.get("/verslag")
def report() -> str:
    _note_opening()
    known = _known_months()
    first = _asked(known)
    if first is None:
        apart = outside().engine.dialect.name == "sqlite" and not outside().demo
        return render_template("report.html", month=None, apart=apart)
    month = _month(first)
    names = municipality_names(reading())
    part = _part(month, names)
    return render_template(
        "report.html",
        month=str(month),
        months={f"{each:%Y-%m}": _named(each) for each in reversed(known)},
        named=_named(first),
        outcomes=[translations.say(f"outcome-{each.value}", language()) for each in Outcome],
        sheets=list(_sheets(month, part.shown, names, _heard())),
        together=_together(month),
        part=part,
    )


@pages.get("/verslag/plaatje.svg")
def picture() -> Response:
    """Answer with the last months of the municipalities that the page shows."""
    _note_opening()
    names = municipality_names(reading())
    known = _known_months()
    first = _asked(known)
    chosen: list[Month] = []
    shown: Sequence[str] = ()
    if first is not None:
        shown = _part(_month(first), names).shown
        since = known[-PICTURED:][0]
        chosen = to_months(counts.by_month(outside().engine, since=since, municipalities=shown))
    drawn = pictures.of_report(chosen, {slug: names.get(slug, slug) for slug in shown}, language())
    return Response(drawn, mimetype="image/svg+xml")


def _note_opening() -> None:
    """Record that somebody looks at the report: also at its picture alone."""
    note(Action.OPEN_PAGE, url_for("report.report"), limits=ONCE_AN_HOUR)


def _known_months() -> list[date]:
    """Return the first days of all months with counts. Raises what the database raises."""
    engine = outside().engine
    return counts.months(engine) if is_made(engine) else []


def _asked(known: Sequence[date]) -> date | None:
    """Return the month that the request asks for, or the last one. None where nothing was counted."""
    try:
        first = date.fromisoformat(f"{request.args.get('maand', '')}-01")
    except ValueError:
        first = None
    return first if first in known else known[-1] if known else None


def _named(first: date) -> str:
    """Return the name of a month, as people write it: `november 2026`."""
    return f"{LANGUAGES[language()].months[first.month - 1]} {first.year}"


def _month(first: date) -> Month:
    found = to_months(counts.by_month(outside().engine, first))
    return found[0] if found else Month(first)


def _part(month: Month, names: Mapping[str, str]) -> Part[str]:
    """Return the slugs of one part: of the municipalities with counts in a month, in order of name."""
    ordered = sorted(month.municipalities, key=lambda slug: (names.get(slug, slug), slug))
    return part_of(ordered, MUNICIPALITIES, "deel", "counts")


def _heard() -> Mapping[str, str]:
    """Return item → the first words that a caller hears in it."""
    line = line_of(LIVE, "")
    items = describe(line, language()) if line else []
    return {each.name: shorten(each.says[0], _CHARACTERS, placeholder=" …") for each in items if each.says}


def _sheets(
    month: Month, slugs: Sequence[str], names: Mapping[str, str], heard: Mapping[str, str]
) -> Iterator[Sheet]:
    for slug in slugs:
        items: Items = month.municipalities.get(slug, {})
        if items:
            own = (Row(name, _cells(times), heard.get(name, "")) for name, times in items.items())
            yield Sheet(slug, names.get(slug, slug), (*own, _own_total(items)))


def _together(month: Month) -> list[Row]:
    """Return the counts of all municipalities, and those of anonymous destinations if there are any."""
    rows = [_row(translations.say("report-municipalities", language()), _all(month))]
    if month.anonymous:
        rows.append(_row(translations.say("report-anonymous", language()), month.anonymous))
    return rows


def _own_total(items: Items) -> Row:
    return Row(translations.say("report-total", language()), _cells(total(items)), is_total=True)


def _all(month: Month) -> Times:
    return total({slug: total(items) for slug, items in month.municipalities.items()})


def _row(name: str, times: Times) -> Row:
    return Row(name, _cells(times))


def _cells(times: Times) -> tuple[int, ...]:
    return tuple(times[outcome] for outcome in Outcome)
