"""The log of acts, for managers."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for

from ivr.console.context import note, reading, stores
from ivr.console.request import to_id
from ivr.console.words import local, say, zone
from ivr.store.act_limits import ONCE_AN_HOUR
from ivr.store.acts import PAGE, Act, Action, Detail, Filter, Result

pages = Blueprint("log", __name__)

_OF_FILE: Final = frozenset({Action.PUBLISH, Action.RESTORE})
"""Acts that change a municipality's file, whose version has a page."""
_OF_ACCOUNT: Final = frozenset({Action.ACCOUNT_ADD, Action.ACCOUNT_RIGHTS})
"""Acts that change rights: slugs, and that of a manager."""
_OF_CONTACT: Final = re.compile(r"contacts\[([0-9]+)\](?:\.([a-z_]+))?")
_WORDS: Final = {"caller_id": "edit.caller-id", "confirmed": "log.checked"}
"""Setting → its word in ivr/translations/console, where that is not its name under `edit`."""


@pages.get("/logboek")
def acts() -> str:
    asked = {name: request.args.get(name, "").strip()[:100] for name in ("who", "action", "object", "result")}
    days = {name: request.args.get(name, "") for name in ("since", "until")}
    found = stores().acts.find(
        Filter(
            who=asked["who"],
            action=asked["action"] if asked["action"] in set(Action) else "",
            object=asked["object"],
            result=asked["result"] if asked["result"] in set(Result) else "",
            since=_begin(days["since"], zone(reading())),
            until=_begin(days["until"], zone(reading()), after=1),
            before=request.args.get("before", type=to_id),
        )
    )
    note(Action.OPEN_PAGE, url_for("log.acts"), limits=ONCE_AN_HOUR)
    shown, more = found[:PAGE], len(found) > PAGE
    return render_template(
        "log.html",
        acts=[(each, local(each.moment, to_the_second=True), _changed(each), _url(each)) for each in shown],
        actions=[each.value for each in Action],
        results=[each.value for each in Result],
        asked={**asked, **days},
        older=shown[-1].id if more else None,
    )


def _changed(act: Act) -> str:
    """Return what an act changed, or how it was done, in words."""
    listed = filter(None, act.changed.split(", "))
    return ", ".join(_more(each) if each.startswith("+") else _named(act, each) for each in listed)


def _more(count: str) -> str:
    """Return the words for how many more there are, such as `+3`."""
    return say("log.more", count=count[1:])


def _named(act: Act, name: str) -> str:
    """Return the words for one of what an act changed."""
    if act.action in _OF_FILE:
        return _setting(name)
    is_right = act.action in _OF_ACCOUNT  # a slug can be any word
    return say(f"details.{name}") if name in set(Detail) and not is_right else name


def _setting(place: str) -> str:
    """Return the words for a setting such as `contacts[0].number`; the place itself where there are none."""
    found = _OF_CONTACT.match(place)
    if found is None:
        return _word("municipality" if place == "name" else place)
    number = int(found[1]) + 1
    if not found[2]:
        return say("log.contact", number=number)
    return say("log.of-contact", setting=_word(found[2]), number=number)


def _word(setting: str) -> str:
    try:
        return say(_WORDS.get(setting, f"edit.{setting}"))
    except KeyError:
        return setting


def _url(act: Act) -> str | None:
    """Return the page of the version that an act made; None where there is none."""
    if act.action not in _OF_FILE or not act.version:
        return None
    return url_for("history.version", slug=act.object, ident=act.version)


def _begin(day: str, where: ZoneInfo, *, after: int = 0) -> float | None:
    """Return when a day (ISO 8601) begins, or the day so many days after it; None for any other text."""
    try:
        found = date.fromisoformat(day) + timedelta(days=after)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(found, time(), where).timestamp()
