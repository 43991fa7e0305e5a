"""The log of acts, for managers."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from ivr.console.context import reading, stores
from ivr.console.words import local, zone
from ivr.store.acts import PAGE, Action, Filter

pages = Blueprint("log", __name__)


@pages.get("/logboek")
def acts() -> str:
    asked = {name: request.args.get(name, "").strip()[:100] for name in ("who", "action", "object")}
    days = {name: request.args.get(name, "") for name in ("since", "until")}
    found = stores().acts.find(
        Filter(
            who=asked["who"],
            action=asked["action"] if asked["action"] in set(Action) else "",
            object=asked["object"],
            since=_begin(days["since"], zone(reading())),
            until=_begin(days["until"], zone(reading()), after=1),
            before=request.args.get("before", type=int),
        )
    )
    shown, more = found[:PAGE], len(found) > PAGE
    return render_template(
        "log.html",
        acts=[(each, local(each.moment)) for each in shown],
        actions=[each.value for each in Action],
        asked={**asked, **days},
        older=shown[-1].id if more else None,
    )


def _begin(day: str, where: ZoneInfo, *, after: int = 0) -> float | None:
    """Return when a day (ISO 8601) begins, or the day so many days after it; None for any other text."""
    try:
        found = date.fromisoformat(day) + timedelta(days=after)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(found, time(), where).timestamp()
