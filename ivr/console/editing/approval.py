"""Four eyes: whether a change of a municipality's file waits for somebody else (`approve: true`)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from ivr.config.editing import Unwritable, edited, entries_of
from ivr.config.editing.entries import parsed
from ivr.console.viewer import Viewer
from ivr.model.fields import read_yes_or_no
from ivr.model.municipality import Contact, Municipality
from ivr.store.drafts import Draft

LONGEST: Final = timedelta(days=31)
"""From today on: how long an absence that waits for nobody may last."""


def needs_two(text: str) -> bool:
    """Whether a file says that who wrote a change does not publish it. What is no clear no is a yes."""
    content = parsed(text)
    value = content.get("approve") if isinstance(content, dict) else None
    if value is None:
        return False
    try:
        return read_yes_or_no(str(value).strip())
    except ValueError:
        return True


def still_needing_two(now: bytes | None, then: bytes) -> bytes:
    """Return an older text of a file that asks for somebody else still, where the file as it is asks.

    Putting it back waits for nobody, so it must not end that. A text that nothing can be written in has
    errors anyway.
    """
    try:
        before, after = (now or b"").decode(), then.decode()
        entries = entries_of(after)
        if entries is None or not needs_two(before) or needs_two(after):
            return then
        return edited(after, replace(entries, values={**entries.values, "approve": "true"})).encode()
    except (UnicodeDecodeError, Unwritable):
        return then


def is_absence_of_today(now: Municipality | None, then: Municipality | None, today: date) -> bool:
    """Whether a change says that contacts are away, from today or earlier, and nothing else.

    It never waits: nobody can be rung who was not rung before. One that lasts longer than LONGEST is another
    change: it could leave a municipality without contacts for years.
    """
    if now is None or then is None or len(now.contacts) != len(then.contacts):
        return False
    if now.model_copy(update={"contacts": ()}) != then.model_copy(update={"contacts": ()}):
        return False
    pairs = list(zip(now.contacts, then.contacts, strict=True))
    return all(_is_away_today(old, new, today) for old, new in pairs) and now != then


def _is_away_today(old: Contact, new: Contact, today: date) -> bool:
    added = set(new.away) - set(old.away)
    kept = set(old.away) <= set(new.away)
    brief = all(today in each and each.last - today <= LONGEST for each in added)
    return kept and brief and old.model_copy(update={"away": new.away}) == new


def is_by(draft: Draft, who: Viewer) -> bool:
    """Whether somebody wrote a draft."""
    if draft.account is None and who.account is None:
        return draft.author == who.name
    return draft.account == who.account
