"""Drafts of a municipality's file: whose they are, what they stand on, and for whom they wait."""

from collections.abc import Sequence

from flask import abort

from ivr.console.context import stores
from ivr.console.editing.approval import is_by
from ivr.console.editing.publishing import since
from ivr.console.editing.state import State, digest
from ivr.console.request import to_id
from ivr.console.trying import tried
from ivr.console.viewer import signed_in
from ivr.model.files import municipality
from ivr.model.line import Line
from ivr.store.drafts import Draft


def drafts_of(slug: str) -> Sequence[Draft]:
    """Return the drafts of a municipality's file, the newest first."""
    return stores().drafts.of(municipality(slug))


def draft_of(slug: str, ident: int, *, missing_ok: bool = False) -> Draft | None:
    """Return a draft of a municipality. One that is not there is answered with 404, unless `missing_ok`."""
    found = stores().drafts.by_id(ident)
    if found is not None and found.file == municipality(slug):
        return found
    if not missing_ok:
        abort(404)
    return None


def state_of_draft(slug: str, draft: Draft, now: str) -> State:
    """Return what a form stands on that goes on with a draft. `now`: the file as it is."""
    base = now if digest(now) == draft.base else since(slug, draft.base).base
    return State(draft.content, base, draft.base)


def line_of_draft(ident: str, slug: str) -> Line | None:
    """Return the line as a draft of a municipality would make it; None without such a draft, or with errors.

    `ident`: as a URL has it.
    """
    try:
        draft = draft_of(slug, to_id(ident), missing_ok=True)
    except ValueError:
        return None
    if draft is None:
        return None
    try:
        return tried(draft.file, draft.content.encode()).after.line
    except OSError:
        return None


def waits_for(slug: str, draft: Draft) -> Sequence[str]:
    """Return the names of who may publish a draft that waits: all but its author."""
    return [
        each.name
        for each in stores().accounts.all()
        if each.id != draft.account and (each.manager or slug in each.municipalities)
    ]


def is_mine(draft: Draft) -> bool:
    return is_by(draft, signed_in())
