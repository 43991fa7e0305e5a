"""The versions of a municipality's file: who changed what, when and why; and putting one back."""

from dataclasses import replace
from typing import Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from ivr.config.restoring import Restoration, restoration
from ivr.config.versions import Change, Kind, Unusable, Version, Versions
from ivr.console.context import note, outside, reading
from ivr.console.editing.approval import still_needing_two
from ivr.console.editing.file_difference import file_difference
from ivr.console.editing.page import Notice, moment, today, who_made
from ivr.console.editing.publishing import Write, publish
from ivr.console.editing.review import Review, review
from ivr.console.editing.state import digest
from ivr.console.forms import see_other
from ivr.console.municipalities import municipality_names
from ivr.console.publishing import Outcome, tell
from ivr.console.words import local
from ivr.store.acts import Action, Result

pages = Blueprint("history", __name__)

Answer = str | Response

SHOWN: Final = 50
"""Versions on one page; there is a link to all."""


@pages.get("/gemeente/<slug>/geschiedenis")
def versions(slug: str) -> str:
    most = None if "alles" in request.args else SHOWN + 1
    try:
        found = Versions(outside().home).listed(slug, most=most)
        behind = Versions(outside().home).behind()
    except Unusable:
        return _page(slug, [], unusable=True)
    if not found and slug not in municipality_names(reading()):
        abort(404)
    more = most is not None and len(found) > SHOWN
    return _page(slug, found[:SHOWN] if more else found, more=more, behind=behind)


@pages.route("/gemeente/<slug>/geschiedenis/<ident>", methods=["GET", "POST"])
def version(slug: str, ident: str) -> Answer:
    known = Versions(outside().home)
    try:
        found = known.find(ident)
        if found is None or slug not in found.slugs:
            abort(404)
        changes = known.changes(found, slug)
        back = restoration(known, slug, today(), found)
    except (Unusable, OSError):
        return _page(slug, [], unusable=True)
    if back is not None:
        back = replace(back, since=still_needing_two(back.before, back.since))
    if request.method == "GET" or back is None:
        return _version_page(slug, found, changes, back)
    return _restore(slug, found, changes, back)


def _restore(slug: str, found: Version, changes: list[Change], back: Restoration) -> Answer:
    """Put a version back as it was looked at. It never waits for somebody else."""
    seen = _review(slug, back)
    if seen is None or seen.barrier or request.form.get("reviewed") != _seen(back):
        note(Action.RESTORE, slug, Result.REFUSED)
        return _version_page(slug, found, changes, back, Notice("history.look-again", "warning"))
    outcome = publish(
        Write(slug, back.before, back.since, Action.RESTORE, kind=Kind.UNDO, restored=back.version.id)
    )
    if outcome is Outcome.OUTDATED:
        return _version_page(slug, found, changes, back, Notice("history.look-again", "warning"))
    if outcome is Outcome.UNWRITTEN:
        return _version_page(slug, found, changes, back, Notice("publish.unwritten", "error"))
    tell(outcome)
    return see_other("history.versions", slug=slug)


def _review(slug: str, back: Restoration) -> Review | None:
    try:
        return review(slug, _text(back.before), back.since.decode(), restored=True)
    except (OSError, UnicodeDecodeError):
        return None


def _seen(back: Restoration) -> str:
    """Return what identifies both texts of a restoration."""
    return digest(digest(back.before or b"") + digest(back.since))


def _page(
    slug: str, found: list[Version], *, more: bool = False, behind: bool = False, unusable: bool = False
) -> str:
    return render_template(
        "history.html",
        slug=slug,
        name=municipality_names(reading()).get(slug, slug),
        versions=found,
        more=more,
        behind=behind,
        unusable=unusable,
        who=who_made,
        local=local,
    )


def _version_page(
    slug: str, found: Version, changes: list[Change], back: Restoration | None, notice: Notice | None = None
) -> str:
    changed = back is not None and back.since != back.before
    return render_template(
        "version.html",
        slug=slug,
        name=municipality_names(reading()).get(slug, slug),
        version=found,
        differences=[file_difference(each.before or "", each.since or "") for each in changes],
        review=_review(slug, back) if back and changed else None,
        seen=_seen(back) if back else "",
        notice=notice,
        who=who_made,
        moment=moment,
        local=local,
    )


def _text(content: bytes | None) -> str:
    return (content or b"").decode(errors="replace")
