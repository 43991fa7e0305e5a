"""The first page: my municipalities, and what wants doing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request

from ivr.config.reading import Reading
from ivr.console.context import outside, reading, stores
from ivr.console.editing.approval import is_by
from ivr.console.findings import municipality_of, shown
from ivr.console.municipalities import municipality_names
from ivr.console.paging import part_of
from ivr.console.viewer import Viewer, signed_in
from ivr.model.closure import Closure
from ivr.model.files import slug_of
from ivr.model.findings import Finding, Severity

pages = Blueprint("overview", __name__)

FINDINGS = 15
"""Points in one part of what wants doing: they can be read in one sitting."""
MUNICIPALITIES = 50
"""In one part of the list."""
_CLOSED = "line-closed"
"""Code of the finding that the line is closed, which the page says to everybody in its own words."""


@dataclass(frozen=True, slots=True)
class Row:
    """One municipality of the overview."""

    slug: str
    name: str
    contacts: int | None
    """None if its file has an error."""
    errors: int
    warnings: int


@pages.get("/")
def overview() -> str:
    found, who = reading(), signed_in()
    named = municipality_names(found)
    mine = {slug: name for slug, name in named.items() if who.may_see(slug)}
    sought = request.args.get("zoek", "").strip()[:100]
    listed = {slug: name for slug, name in mine.items() if sought.casefold() in name.casefold()}
    findings = _ordered(_of(found.findings, listed, who, whole=not sought))
    rows = _rows(listed, found)
    part = part_of(findings, FINDINGS, "punten", "todo")
    waiting = [
        (each, mine[slug], slug, is_by(each, who))
        for each in stores().drafts.all()
        if each.waiting and (slug := slug_of(each.file)) in listed
    ]
    return render_template(
        "overview.html",
        closure=_closure(found, outside().clock()),
        sought=sought,
        searchable=len(mine) > 1,
        waiting=waiting,
        findings=[shown(each, named) for each in part.shown],
        errors=sum(each.severity is Severity.ERROR for each in findings),
        warnings=sum(each.severity is not Severity.ERROR for each in findings),
        part=part,
        rows=part_of(rows, MUNICIPALITIES, "gemeenten", "municipalities"),
    )


def _closure(found: Reading, now: datetime) -> Closure | None:
    """Return the closure of the line if it is closed now."""
    return found.line.closure if found.line and found.line.closed(now) else None


def _of(findings: Iterable[Finding], listed: Iterable[str], who: Viewer, *, whole: bool) -> Iterable[Finding]:
    """Yield the findings of some municipalities, and for managers those of the line as a `whole`."""
    slugs = frozenset(listed)
    for each in findings:
        slug = municipality_of(each)
        if each.code != _CLOSED and (slug in slugs if slug is not None else whole and who.manager):
            yield each


def _rows(listed: dict[str, str], found: Reading) -> list[Row]:
    """Return the rows of some municipalities: those with an error first, then those with anything else."""
    own: dict[str, list[Finding]] = defaultdict(list)
    for each in found.findings:
        own[municipality_of(each) or ""].append(each)
    rows = [_row(slug, name, found, own[slug]) for slug, name in listed.items()]
    return sorted(rows, key=lambda row: (-bool(row.errors), -bool(row.warnings), row.name.casefold()))


def _row(slug: str, name: str, found: Reading, own: Sequence[Finding]) -> Row:
    municipality = found.line.municipalities.get(slug) if found.line else None
    errors = sum(each.severity is Severity.ERROR for each in own)
    contacts = len(municipality.contacts) if municipality else None
    return Row(slug, name, contacts, errors, len(own) - errors)


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first. `sorted` keeps the order of the rest."""
    return sorted(findings, key=lambda each: each.severity is not Severity.ERROR)
