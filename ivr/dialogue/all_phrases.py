"""All phrases that the line can speak, for recording and for building speech."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ivr.dialogue import hunt_group
from ivr.dialogue.prompts import Speaker
from ivr.model.hours import Span
from ivr.model.languages import LANGUAGES
from ivr.model.line import Line
from ivr.model.municipality import Contact, Municipality
from ivr.model.phrase import Phrase

_WEEK: Final = 7


def everything(line: Line) -> list[Phrase]:
    """All phrases, each once, in the order of the menu. See `_openings` for the moments that are left out."""
    found: dict[Phrase, None] = {}
    for municipality in line.municipalities.values():
        for language in LANGUAGES:
            found.update(dict.fromkeys(_of_municipality(line, municipality, language)))
    return list(found)


def _of_municipality(line: Line, municipality: Municipality, language: str) -> Iterator[Phrase]:
    """The phrases that a caller or a contact of one municipality can hear in one language."""
    speaker = Speaker(line, language, municipality)
    for name, item in line.menu.items.items():
        if item.dial is None:
            yield from speaker.menu(name)[0]
        members = hunt_group.members(line, municipality, item, language) if item.dial else []
        for index, member in enumerate(members):
            yield from speaker.announcement((*item.say, *item.back), member.name, member.endpoint)
            if index:
                yield speaker.trying(members[index - 1].name, member.name)
    for prompt in ("wrong-key", "apology", "nobody", "closed", "ring-check-thanks", "ring-check-other"):
        yield speaker.say(prompt)
    yield speaker.question()
    yield speaker.ring_check()
    if line.closure and (end := line.closure.until):
        yield from (speaker.closed(end, end - timedelta(days=ahead)) for ahead in range(_WEEK + 1))
    starts = {start for contact in municipality.contacts for start in _starts(contact)}
    yield from (speaker.nobody(until, now) for until, now in _openings(starts, line))


def _starts(contact: Contact) -> Iterator[tuple[int, int]]:
    """When a contact comes on duty: weekdays (0 is Monday) with minutes after midnight."""
    yield from ((day, span.start) for span in contact.hours for day in span.days)
    if not contact.hours or any(span.end < span.start for span in contact.hours):
        # On duty at midnight: it comes at the very start of its first day, or of the day after an absence.
        back = (period.last + timedelta(days=1) for period in contact.away)
        yield from ((day.weekday(), 0) for day in (contact.since, *back) if day is not None)


def _openings(starts: set[tuple[int, int]], line: Line) -> Iterator[tuple[datetime, datetime]]:
    """Each start of hours, and the moments of the week before it at which it can be named.

    A later opening is named with its date. There are too many of those to build speech of.
    """
    monday = datetime(2024, 1, 1, tzinfo=line.settings.timezone)
    for day, start in sorted(starts):
        until = monday + timedelta(days=_WEEK + day, minutes=start)
        for ahead in range(_WEEK):
            yield until, until - timedelta(days=ahead)
