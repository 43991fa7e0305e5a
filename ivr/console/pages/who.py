"""Who is rung at a moment, and why: with the files as they are, or with a draft."""

from datetime import datetime

from flask import Blueprint, render_template, request

from ivr.config.reading import Reading
from ivr.console.context import outside, reading
from ivr.console.editing.page import moment
from ivr.console.editing.waiting import draft_of
from ivr.console.forms import FieldError
from ivr.console.municipalities import municipality_names
from ivr.console.request import to_id
from ivr.console.trying import tried
from ivr.console.words import language, say, zone
from ivr.model.files import municipality
from ivr.model.menu import CONTACTS
from ivr.report.who import Listed
from ivr.report.who import who as rung

pages = Blueprint("who", __name__)


@pages.get("/gemeente/<slug>/wie")
def who(slug: str) -> str:
    found = reading()
    asked = request.args.get("concept", type=to_id)
    draft = None if asked is None else draft_of(slug, asked)
    if draft is not None:
        found = tried(municipality(slug), draft.content.encode()).after
    where = zone(found)
    typed = request.args.get("moment", "").strip()
    when = outside().clock().astimezone(where)
    errors: list[FieldError] = []
    if typed:
        try:
            when = datetime.fromisoformat(typed).replace(tzinfo=where)
        except ValueError:
            errors = [FieldError("moment", say("who.unreadable"))]
    known = municipality_names(reading())
    return render_template(
        "who.html",
        slug=slug,
        name=known.get(slug, slug),
        draft=draft,
        typed=typed or when.strftime("%Y-%m-%dT%H:%M"),
        when=moment(when),
        errors=errors,
        items=_items(found, slug, when),
        closed=bool(found.line and found.line.closed(when)),
    )


def _items(found: Reading, slug: str, when: datetime) -> list[tuple[bool, list[Listed]]] | None:
    """Return for each item of the menu whether it rings the contacts, and who is rung or not.

    None while the files have an error.
    """
    if found.line is None or slug not in found.line.municipalities:
        return None
    own = found.line.municipalities[slug]
    items: dict[str, list[Listed]] = {}
    for each in rung(found.line, own, when, language()):
        items.setdefault(each.item, []).append(each)
    menu = found.line.menu.items
    return [(menu[item].dial == CONTACTS, people) for item, people in items.items()]
