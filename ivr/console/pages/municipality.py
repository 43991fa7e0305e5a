"""The page of a municipality: its form, what a change would do, and publishing it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from flask import Blueprint, abort, flash, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from ivr.config.editing import ContactEntry, Entries, Unwritable, edited, entries_of, merged
from ivr.console.context import note, outside, stores
from ivr.console.editing.page import Notice, Page, edit_page, read_or_abort, today, unreadable_page
from ivr.console.editing.publishing import Write, publish
from ivr.console.editing.reading_forms import entries_in
from ivr.console.editing.review import review, waits
from ivr.console.editing.state import State
from ivr.console.editing.waiting import draft_of, state_of_draft
from ivr.console.forms import see_other, typed
from ivr.console.publishing import Outcome, tell
from ivr.console.request import to_id
from ivr.console.viewer import signed_in
from ivr.console.words import say
from ivr.model.files import municipality
from ivr.store.acts import Action, Result

pages = Blueprint("municipality", __name__)

Answer = str | Response

REASON_CHARACTERS: Final = 200


@pages.route("/gemeente/<slug>", methods=["GET", "POST"])
def edit(slug: str) -> Answer:
    now = read_or_abort(slug)
    if now is None:
        return unreadable_page(slug)
    if request.method == "GET":
        return _first_page(slug, now)
    state = State.unpacked(request.form.get("state", ""), outside().secret, slug)
    old = entries_of(state.text) if state else None
    if state is None or old is None:
        abort(400)
    page = Page(slug, now, state, entries_in(request.form, old, today()), draft=_draft_id(slug))
    action, _, place = request.form.get("do", "check").partition("-")
    act = _ACTIONS.get(action)
    if act is not None:
        return act(page)
    move = _MOVES.get(action)
    contacts = page.entries.contacts
    if move is None or not (place or "0").isdigit() or int(place or "0") >= max(1, len(contacts)):
        abort(400)
    moved = move(contacts, int(place or "0"))
    return edit_page(replace(page, entries=Entries(page.entries.values, moved)))


def _first_page(slug: str, now: str) -> Answer:
    """Return the form with the file as it is, or with a draft."""
    asked = request.args.get("concept", type=to_id)
    draft = None if asked is None else draft_of(slug, asked)
    state = State.of(now) if draft is None else state_of_draft(slug, draft, now)
    entries = entries_of(state.text)
    if entries is None:
        return unreadable_page(slug)
    page = Page(
        slug, now, state, entries, draft=draft.id if draft else None, reason=draft.reason if draft else ""
    )
    return edit_page(page) if draft is None else _checked(page)


def _checked(page: Page) -> str:
    """Show what a change would do."""
    try:
        then = edited(page.state.text, page.entries)
    except Unwritable:
        return edit_page(page, notice=Notice("edit.unwritable", "error"))
    try:
        return edit_page(page, review(page.slug, page.base, then))
    except OSError:
        return edit_page(page, notice=Notice("edit.unchecked", "error"))


def check(page: Page) -> Answer:
    return _checked(replace(page, reason=typed("reason", REASON_CHARACTERS)))


def publish_(page: Page) -> Answer:
    """Publish what somebody has looked at. Anything else is shown first."""
    page = replace(page, reason=typed("reason", REASON_CHARACTERS))
    try:
        then = edited(page.state.text, page.entries)
        seen = review(page.slug, page.base, then)
    except (Unwritable, OSError):
        return _checked(page)
    if request.form.get("reviewed") != seen.digest:
        return edit_page(page, seen, Notice("edit.look-first", "warning"))
    if page.is_outdated or seen.barrier or seen.waits or not seen.difference.lines:
        note(Action.PUBLISH, page.slug, Result.REFUSED)
        return edit_page(page, seen)
    outcome = publish(Write(page.slug, page.now.encode(), then.encode(), Action.PUBLISH, reason=page.reason))
    if outcome is Outcome.OUTDATED:
        return _checked(replace(page, now=read_or_abort(page.slug) or ""))
    if outcome is Outcome.UNWRITTEN:
        return edit_page(page, seen, Notice("publish.unwritten", "error"))
    if page.draft is not None:
        stores().drafts.remove(page.draft)
    tell(outcome)
    return see_other("municipality.edit", slug=page.slug)


def keep(page: Page, *, waiting: bool = False) -> Answer:
    """Keep a draft, also with errors in it; nothing that does not come back as it was typed."""
    page = replace(page, reason=typed("reason", REASON_CHARACTERS))
    try:
        then = edited(page.state.text, page.entries)
        seen = review(page.slug, page.base, then) if waiting else None
    except (Unwritable, OSError):
        return _checked(page)
    if seen and (seen.barrier or page.is_outdated or not seen.difference.lines):
        return edit_page(page, seen)
    who = signed_in()
    try:
        draft = stores().drafts.save(
            municipality(page.slug),
            then,
            base=page.state.digest,
            author=who.name,
            account=who.account,
            reason=page.reason,
            waiting=waiting,
        )
    except SQLAlchemyError:
        return edit_page(page, notice=Notice("edit.unkept", "error"))
    note(Action.SUBMIT if waiting else Action.DRAFT, page.slug)
    if waiting:
        flash(say("draft.submitted"), "ok")
        return see_other("drafts.draft", slug=page.slug, draft=draft)
    flash(say("draft.kept"), "ok")
    return see_other("municipality.edit", slug=page.slug, concept=draft)


def submit(page: Page) -> Answer:
    """Keep a draft that waits for somebody else to publish it."""
    then = _text_or_none(page)
    return keep(page, waiting=then is not None and waits(page.base, then, today()))


def renew(page: Page) -> Answer:
    """Bring the change over to the file as it is now, and show what it then does."""
    now = entries_of(page.now)
    base = entries_of(page.state.base if page.state.base is not None else page.now)
    if now is None or base is None:
        return unreadable_page(page.slug)
    entries = merged(base, page.entries, now)
    page = replace(page, state=State.of(page.now), entries=entries, reason=typed("reason", REASON_CHARACTERS))
    return _checked(page)


def _text_or_none(page: Page) -> str | None:
    try:
        return edited(page.state.text, page.entries)
    except Unwritable:
        return None


def _draft_id(slug: str) -> int | None:
    """Return the draft that the form was opened with, if it is one of this municipality."""
    found = request.form.get("draft", type=int)
    return None if found is None or draft_of(slug, found, missing_ok=True) is None else found


Contacts = tuple[ContactEntry, ...]


def _add(contacts: Contacts, _place: int) -> Contacts:
    return (*contacts, ContactEntry(None, {}))


def _remove(contacts: Contacts, place: int) -> Contacts:
    return (*contacts[:place], *contacts[place + 1 :])


def _up(contacts: Contacts, place: int) -> Contacts:
    if place == 0:
        return contacts
    return (*contacts[: place - 1], contacts[place], contacts[place - 1], *contacts[place + 1 :])


def _down(contacts: Contacts, place: int) -> Contacts:
    return _up(contacts, place + 1) if place + 1 < len(contacts) else contacts


_ACTIONS: Final[dict[str, Callable[[Page], Answer]]] = {
    "check": check,
    "publish": publish_,
    "keep": keep,
    "submit": submit,
    "renew": renew,
}
"""What a button of the form does."""
_MOVES: Final[dict[str, Callable[[Contacts, int], Contacts]]] = {
    "add": _add,
    "remove": _remove,
    "up": _up,
    "down": _down,
}
"""Buttons that change the list of contacts in the form, with the place in it: up-1."""
