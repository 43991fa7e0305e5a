"""One short form: who is away, from when until when, and who stands in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from ivr.config.editing import ContactEntry, Entries, Value, edited, entries_of
from ivr.config.editing.layout import Unwritable
from ivr.console.context import reading
from ivr.console.editing.page import Notice, Page, edit_page, read_or_abort, today, unreadable_page
from ivr.console.editing.reading_forms import as_day
from ivr.console.editing.review import Review, review
from ivr.console.editing.state import State
from ivr.console.forms import FieldError, errors_at, typed
from ivr.console.municipalities import municipality_names
from ivr.console.words import language, say

pages = Blueprint("absence", __name__)

Answer = str | Response

OTHERS, NEW = "", "new"
"""Who stands in: the other contacts, or somebody who is no contact yet. Else: the place of a contact."""


@dataclass(frozen=True, slots=True)
class Absence:
    who: int
    first: date
    last: date
    cover: str
    name: str
    number: str
    confirmed: bool
    """Whether somebody rang the number of who stands in today."""


@pages.route("/gemeente/<slug>/afwezig", methods=["GET", "POST"])
def absence(slug: str) -> Answer:
    now = read_or_abort(slug)
    entries = None if now is None else entries_of(now)
    if now is None or entries is None:
        return unreadable_page(slug)
    if request.method == "GET":
        return _form(slug, entries, [])
    found = _absence(entries)
    if isinstance(found, list):
        return _form(slug, entries, found)
    try:
        page, seen = _looked_at(slug, now, with_absence(entries, found, today()))
        if seen.waits and found.first <= today() <= found.last:
            # Who is away today does not wait for somebody else; who stands in does.
            alone = replace(found, cover=OTHERS)
            page, seen = _looked_at(slug, now, with_absence(entries, alone, today()))
            if seen.difference.lines and not seen.waits:
                return edit_page(page, seen, Notice("absence.first-away", "info"))
            page, seen = _looked_at(slug, now, with_absence(entries, found, today()))
    except (Unwritable, OSError):
        page = Page(slug, now, State.of(now), entries)
        return edit_page(page, notice=Notice("edit.unwritable", "error"))
    return edit_page(page, seen)


def _looked_at(slug: str, now: str, entries: Entries) -> tuple[Page, Review]:
    return Page(slug, now, State.of(now), entries), review(slug, now, edited(now, entries))


def with_absence(entries: Entries, found: Absence, day: date) -> Entries:
    """Return the values of a file in which a contact is away. `day`: today."""
    contacts = list(entries.contacts)
    away = contacts[found.who]
    period = str(found.first) if found.first == found.last else f"{found.first} - {found.last}"
    listed = away.values.get("away")
    known = listed if isinstance(listed, tuple) else ()
    contacts[found.who] = _with(away, {"away": (*known, *([period] if period not in known else []))})
    days: dict[str, Value] = {"from": str(found.first), "until": str(found.last)}
    if found.cover == NEW:
        hours = {name: away.values[name] for name in ("hours", "holidays") if name in away.values}
        values = {"name": found.name, "number": found.number, **hours, **days}
        if found.confirmed:
            values["confirmed"] = str(day)
        contacts.insert(found.who + 1, ContactEntry(None, values))
    elif found.cover != OTHERS and _is_over(contacts[int(found.cover)], found.first):
        contacts[int(found.cover)] = _with(contacts[int(found.cover)], days)
    return replace(entries, contacts=tuple(contacts))


def _with(entry: ContactEntry, values: Mapping[str, Value]) -> ContactEntry:
    return replace(entry, values={**entry.values, **values})


def _is_over(entry: ContactEntry, first: date) -> bool:
    """Whether somebody who stood in before is not rung any more on the first day of the absence."""
    until = entry.values.get("until")
    return isinstance(until, str) and until < str(first)


def _absence(entries: Entries) -> Absence | list[FieldError]:
    """Return what was typed, or what is wrong in it."""
    who, cover = typed("who"), typed("cover")
    first, last = _day(typed("first")), _day(typed("last"))
    name, number = typed("name"), typed("number")
    places = {str(place) for place in range(len(entries.contacts))}
    new = cover == NEW
    errors = errors_at(
        who=None if who in places else "absence.who-missing",
        first=None if first else "absence.first-missing",
        last="absence.last-missing" if not last else "absence.reversed" if first and last < first else None,
        cover="absence.cover-self"
        if cover == who
        else None
        if cover in places | {OTHERS, NEW}
        else "absence.who-missing",
        name="absence.name-missing" if new and not name else None,
        number="absence.number-missing" if new and not number else None,
    )
    if errors or first is None or last is None:
        return errors
    return Absence(int(who), first, last, cover, name, number, "confirmed" in request.form)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(as_day(text))
    except ValueError:
        return None


def _form(slug: str, entries: Entries, errors: list[FieldError]) -> str:
    contacts = {str(place): _name(each) for place, each in enumerate(entries.contacts)}
    return render_template(
        "absence.html",
        slug=slug,
        name=municipality_names(reading()).get(slug, slug),
        contacts=contacts,
        form=request.form,
        today=today().isoformat(),
        errors=errors,
        covers={OTHERS: say("absence.cover-others"), **contacts, NEW: say("absence.cover-new")},
        chosen=request.form.get("cover", OTHERS),
    )


def _name(entry: ContactEntry) -> str:
    name = entry.values.get("name", "")
    if isinstance(name, Mapping):
        return name.get(language()) or next(iter(name.values()), "")
    return name if isinstance(name, str) else ""
