"""The page of one draft: what it would do, for whom it waits, and publishing it."""

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response

from ivr.console.context import note, reading, stores
from ivr.console.editing.file_difference import file_difference
from ivr.console.editing.page import Notice, moment, read_or_abort, unreadable_page, who_made
from ivr.console.editing.publishing import Write, publish, since
from ivr.console.editing.review import Review, review
from ivr.console.editing.state import digest
from ivr.console.editing.waiting import draft_of, is_mine, waits_for
from ivr.console.forms import see_other
from ivr.console.municipalities import municipality_names
from ivr.console.publishing import Outcome, tell
from ivr.console.words import local, say
from ivr.store.acts import Action, Result
from ivr.store.drafts import Draft

pages = Blueprint("drafts", __name__)

Answer = str | Response


@pages.route("/gemeente/<slug>/concept/<id:draft>", methods=["GET", "POST"])
def draft(slug: str, draft: int) -> Answer:
    found = draft_of(slug, draft)
    now = read_or_abort(slug)
    if now is None or found is None:
        return unreadable_page(slug)
    if request.method == "GET":
        return _page(slug, found, now)
    match request.form.get("do"):
        case "publish":
            return _publish(slug, found, now)
        case "back":
            return _send_back(slug, found)
        case _:
            return _remove(slug, found)


def _publish(slug: str, found: Draft, now: str) -> Answer:
    """Publish a draft exactly as it was looked at."""
    seen = review(slug, now, found.content)
    refused = digest(now) != found.base or seen.barrier or (seen.waits and is_mine(found))
    if refused or request.form.get("reviewed") != seen.digest:
        note(Action.PUBLISH, slug, Result.REFUSED)
        return _page(slug, found, now, seen)
    reason = found.reason
    if not is_mine(found):  # the version has one author: who published it; both names are in its reason
        reason = f"{found.reason} ({say('draft.written-by', name=found.author)})".strip()
    outcome = publish(Write(slug, now.encode(), found.content.encode(), Action.PUBLISH, reason=reason))
    if outcome is Outcome.OUTDATED:
        return _page(slug, found, read_or_abort(slug) or "")
    if outcome is Outcome.UNWRITTEN:
        return _page(slug, found, now, seen, Notice("publish.unwritten", "error"))
    stores().drafts.remove(found.id)
    tell(outcome)
    return see_other("municipality.edit", slug=slug)


def _send_back(slug: str, found: Draft) -> Answer:
    """Let a draft wait no longer; its author goes on with it."""
    stores().drafts.save(
        found.file,
        found.content,
        base=found.base,
        author=found.author,
        account=found.account,
        reason=found.reason,
    )
    note(Action.SEND_BACK, slug)
    flash(say("draft.sent-back", name=found.author), "ok")
    return see_other("municipality.edit", slug=slug)


def _remove(slug: str, found: Draft) -> Answer:
    stores().drafts.remove(found.id)
    note(Action.DRAFT_REMOVE, slug)
    flash(say("draft.removed"), "ok")
    return see_other("municipality.edit", slug=slug)


def _page(slug: str, found: Draft, now: str, seen: Review | None = None, notice: Notice | None = None) -> str:
    outdated = digest(now) != found.base
    past = since(slug, found.base) if outdated else None
    return render_template(
        "draft.html",
        slug=slug,
        name=municipality_names(reading()).get(slug, slug),
        draft=found,
        mine=is_mine(found),
        waits_for=waits_for(slug, found),
        review=seen or review(slug, past.base if past and past.base else now, found.content),
        notice=notice,
        outdated=outdated,
        versions=past.versions if past else [],
        theirs=file_difference(past.base, now) if past and past.base else None,
        who=who_made,
        moment=moment,
        local=local,
    )
