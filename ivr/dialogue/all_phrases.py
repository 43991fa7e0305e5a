"""Everything that the line can say: what speech is built of."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ivr.dialogue import hunt_group
from ivr.dialogue.prompts import Speaker
from ivr.model.languages import LANGUAGES
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.phrase import Phrase
from ivr.model.schedule import Span

_WEEK = 7


def everything(line: Line) -> list[Phrase]:
    """All phrases, each once, in the order of the menu."""
    found: dict[Phrase, None] = {}
    for municipality in line.municipalities.values():
        for language in LANGUAGES:
            found.update(dict.fromkeys(_to(line, municipality, language)))
    return list(found)


def _to(line: Line, municipality: Municipality, language: str) -> Iterator[Phrase]:
    """What a caller of one municipality can hear in one language, and a contact who picks up."""
    speaker = Speaker(line, language, municipality)
    for item in line.menu.items.values():
        if item.dial is None:
            yield from speaker.item(item)
            yield from speaker.choices(item)
        links = hunt_group.members(line, municipality, item, language) if item.dial else []
        for place, link in enumerate(links):
            yield from speaker.announcement(item, link.name, link.address)
            if place:
                yield speaker.trying(links[place - 1].name, link.name)
    for prompt in ("wrong-key", "apology", "nobody", "closed", "ring-check-thanks", "ring-check-other"):
        yield speaker.say(prompt)
    yield speaker.question()
    yield speaker.ring_check()
    if line.closure and (end := line.closure.until):
        yield from (speaker.closed(end, end - timedelta(days=ahead)) for ahead in range(_WEEK + 1))
    spans = {span for contact in municipality.contacts for span in contact.hours}
    yield from (speaker.nobody(until, now) for until, now in _openings(spans, line))


def _openings(spans: set[Span], line: Line) -> Iterator[tuple[datetime, datetime]]:
    """Every day of opening as seen from up to a week before; what lies further ahead is left to Say."""
    monday = datetime(2024, 1, 1, tzinfo=line.settings.timezone)
    starts = sorted({(day, span.start) for span in spans for day in span.days})
    for day, start in starts:
        until = monday + timedelta(days=_WEEK + day, minutes=start)
        for ahead in range(_WEEK):
            yield until, until - timedelta(days=ahead)
