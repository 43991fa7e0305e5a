"""Closing the line on purpose and opening it again, for managers. `ivr close` and `ivr open` do the same."""

from dataclasses import replace
from datetime import datetime

from flask import Blueprint, flash, render_template
from werkzeug.wrappers import Response

from ivr import translations
from ivr.config.closing import closing_text, first_words, problems
from ivr.console.context import outside, reading
from ivr.console.editing.reading_forms import as_moment
from ivr.console.forms import FieldError, errors_at, see_other, typed
from ivr.console.publishing import FileChange, Outcome, tell, write
from ivr.console.words import language, say
from ivr.model.closure import Closure
from ivr.model.files import CLOSURE
from ivr.model.line import Line
from ivr.model.menu import CLOSED
from ivr.store.acts import Action

pages = Blueprint("closing", __name__)

Answer = str | Response


@pages.get("/lijn")
def line() -> str:
    return _page([])


@pages.post("/lijn/sluiten")
def close() -> Answer:
    found = reading().line
    if _file_is_there():
        flash(say("closing.was-closed"), "info")
        return see_other("closing.line")
    if found is None or CLOSED not in found.menu.items:
        return _page([])
    since = outside().clock().astimezone(found.settings.timezone)
    reason, until = typed("reason"), typed("until", 30)
    end, wrong = _end(until, since)
    errors = errors_at(reason=None if reason else "closing.reason-missing", until=wrong)
    text = closing_text(reason, since, end, translations.say("closed-file", language()))
    if not errors:
        errors = [FieldError("reason", translations.fact(each, language())) for each in problems(text)]
    if errors:
        return _page(errors, reason, until)
    outcome = write(_change(text, Action.CLOSE, reason))
    _tell(outcome, say("closing.done"))
    return see_other("closing.line") if outcome.is_written else _page([], reason, until)


@pages.post("/lijn/openen")
def open_again() -> Answer:
    if not _file_is_there():
        flash(say("closing.was-open"), "info")
        return see_other("closing.line")
    outcome = write(_change(None, Action.OPEN))
    if outcome.is_written and reading().errors:
        # The last good reading stays in use, and in it the line is closed.
        flash(say("closing.still-closed"), "warning")
    else:
        _tell(outcome, say("closing.opened"))
    return see_other("closing.line")


def _file_is_there() -> bool:
    return (outside().home.root / CLOSURE).exists()


def _end(until: str, since: datetime) -> tuple[datetime | None, str | None]:
    """Return when the line opens by itself, and what is wrong with what was typed."""
    if not until:
        return None, None
    try:
        end = datetime.fromisoformat(as_moment(until))
    except ValueError:
        return None, "closing.until-unreadable"
    end = (end if end.tzinfo else end.replace(tzinfo=since.tzinfo)).astimezone(since.tzinfo)
    return (None, "closing.until-past") if end <= since else (end, None)


def _change(text: bytes | None, action: Action, reason: str = "") -> FileChange:
    """Return the change of the file. It waits for no version: closing and opening are for an emergency."""
    return FileChange(file=CLOSURE, text=text, action=action, object=CLOSURE, reason=reason, at_once=True)


def _tell(outcome: Outcome, done: str) -> None:
    if outcome.is_written:
        tell(outcome, done)
    else:
        flash(say("closing.unwritten"), "error")


def _page(errors: list[FieldError], reason: str = "", until: str = "") -> str:
    found, now = reading(), outside().clock()
    closure = found.line.closure if found.line else None
    return render_template(
        "closing.html",
        errors=errors,
        reason=reason,
        until=until,
        is_closed=_file_is_there(),
        is_over=closure is not None and closure.until is not None and closure.until <= now,
        closure=closure,
        is_read=found.line is not None,
        can_close=found.line is not None and CLOSED in found.line.menu.items,
        now=first_words(found.line, now) if found.line else {},
        then=_when_closed(found.line, now) if found.line else {},
    )


def _when_closed(line: Line, now: datetime) -> dict[str, str]:
    """Return what callers would hear first if the line were closed now, as `first_words` does."""
    if CLOSED not in line.menu.items:
        return {}
    return dict(first_words(replace(line, closure=Closure.model_construct(reason="", since=now)), now))
