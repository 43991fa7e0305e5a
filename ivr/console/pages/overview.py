"""The first page: my municipalities, and what wants doing."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template

from ivr.config.reading import Reading
from ivr.console.context import reading, stores
from ivr.console.editing.approval import is_by
from ivr.console.findings import ShownFinding, municipality_of, shown
from ivr.console.municipalities import municipality_names
from ivr.console.viewer import Viewer, signed_in
from ivr.model.files import slug_of
from ivr.model.findings import Finding

pages = Blueprint("overview", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One municipality of the overview."""

    slug: str
    name: str
    contacts: int | None
    """None if its file has an error."""
    findings: list[ShownFinding]

    @property
    def errors(self) -> int:
        return sum(each.is_error for each in self.findings)


@pages.get("/")
def overview() -> str:
    found, who = reading(), signed_in()
    named = municipality_names(found)
    rows = [_row(slug, name, found) for slug, name in named.items() if who.may_see(slug)]
    mine = [shown(each, named) for each in _ordered(found.findings) if _concerns(each, who)]
    waiting = [
        (each, named[slug], slug, is_by(each, who))
        for each in stores().drafts.all()
        if each.waiting and (slug := slug_of(each.file)) in named and who.may_see(slug)
    ]
    return render_template("overview.html", rows=rows, findings=mine, waiting=waiting)


def _row(slug: str, name: str, found: Reading) -> Row:
    municipality = found.line.municipalities.get(slug) if found.line else None
    own = [shown(each, {slug: name}) for each in found.findings if municipality_of(each) == slug]
    return Row(slug, name, len(municipality.contacts) if municipality else None, own)


def _concerns(finding: Finding, who: Viewer) -> bool:
    """Whether a finding is for somebody: of an own municipality, or for managers of the line as a whole."""
    slug = municipality_of(finding)
    return who.manager if slug is None else who.may_see(slug)


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first. `sorted` keeps the order of the rest."""
    return sorted(findings, key=lambda each: each.severity != "error")
