"""Checks that make replies and documents: their size, and a way on at every moment."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from ivr.checks.municipalities import moments
from ivr.dialogue import flow
from ivr.dialogue.call import Ask, At, Call, Offer, Reply, Ring
from ivr.dialogue.prompts import fill
from ivr.model import files
from ivr.model.closure import Closure
from ivr.model.findings import Finding
from ivr.model.languages import LANGUAGES
from ivr.model.limits import DOCUMENT_BYTES, NAME_CHARACTERS, SAY_CHARACTERS, SPOKEN_CHARACTERS
from ivr.model.line import Line
from ivr.model.menu import CLOSED, CONTACTS
from ivr.model.municipality import Municipality
from ivr.model.phrase import Phrase
from ivr.twiml import documents

_LONGEST: Final = {
    "contact": "x" * NAME_CHARACTERS,
    **dict.fromkeys(("municipality", "number", "until", "key"), "x" * SPOKEN_CHARACTERS),
}
"""The longest value of each name in braces."""
_LONG: Final = timedelta(days=30)
"""Duration of a closure whose end is spoken with day and month, which is the longest text."""


def _open_to_all(line: Line, municipality: Municipality) -> Line:
    """A line of one municipality that puts everybody through.

    It is made once for many replies, because what is said in a menu is kept for each line.
    """
    open_to_all = municipality.model_copy(update={"callers": None})
    return Line(line.settings, line.menu, line.prompts, {line.slug_of(municipality): open_to_all})


def _closed(line: Line, moment: datetime) -> Line:
    return replace(line, closure=Closure.model_construct(reason="", since=moment, until=moment + _LONG))


def _reply(line: Line, at: At, moment: datetime) -> Reply:
    """The reply to a caller who enters an item of a line of one municipality."""
    (municipality,) = line.municipalities.values()
    return flow.answer(line, Call("", municipality.dialled[0], Offer(at)), moment)


def _wordiest(line: Line) -> Municipality | None:
    """The municipality with the longest names, which has the longest documents."""
    return max(
        line.municipalities.values(),
        key=lambda each: len(each.name) + sum(len(name) for c in each.contacts for name in c.name.values()),
        default=None,
    )


def no_document_is_too_large(line: Line, today: date) -> Iterator[Finding]:
    municipality = _wordiest(line)
    if municipality is None:
        return
    moment = datetime.combine(today, time(12), line.settings.timezone)
    lone = _open_to_all(line, municipality)
    for name in line.menu.items:
        asked = _closed(lone, moment) if name == CLOSED else lone
        for language in LANGUAGES:
            reply = _reply(asked, At(language, name), moment)
            size = len(documents.write(reply, line.settings.voices, _without_clips, "").encode())
            if size > DOCUMENT_BYTES:
                yield Finding(
                    "document-large",
                    files.MENU,
                    (name,),
                    {"text": name, "size": size, "most": DOCUMENT_BYTES},
                )


def _without_clips(_: Phrase) -> None:
    """Find no sound: a text takes more bytes in a document than the URL of a file."""


def no_text_is_too_long_to_say(line: Line, _: date) -> Iterator[Finding]:
    for language in LANGUAGES:
        for prompt, size in _longest(line, language).items():
            if size > SAY_CHARACTERS:
                values = {"text": prompt, "size": size, "most": SAY_CHARACTERS}
                yield Finding("text-long", files.prompts(language), (prompt,), values)


def _longest(line: Line, language: str) -> Mapping[str, int]:
    """Prompt → its length in characters with the longest values in its braces."""
    prompts = line.prompts[language]
    sizes = {prompt: len(fill(text, _LONGEST)) for prompt, text in prompts.items()}
    choices = {choice.say for item in line.menu.items.values() for choice in (item.keys or {}).values()}
    choice = "x" * max(sizes[prompt] for prompt in {*choices, "choose-language"})
    return {**sizes, "choice": len(fill(prompts["choice"], {**_LONGEST, "choice": choice}))}


def every_moment_has_a_way_on(line: Line, today: date) -> Iterator[Finding]:
    """At any moment a caller who asks for a contact is forwarded, or hears more and can press a key."""
    dialling = [name for name, item in line.menu.items.items() if item.dial == CONTACTS]
    checked: set[object] = set()
    for slug, municipality in line.municipalities.items():
        # Municipalities with the same weeks have the same moments, so one of them is enough. Of those with
        # absences too: whoever is absent is off duty, whatever the days.
        all_weeks = [municipality.week(each, line.settings.holidays) for each in municipality.contacts]
        weeks = tuple((week.undated(), week.is_dated) for week in all_weeks)
        if weeks in checked:
            continue
        checked.add(weeks)
        lone = _open_to_all(line, municipality)
        for moment in moments(municipality, line, today):
            for name in dialling:
                reply = _reply(lone, At(line.settings.language, name), moment)
                if not (isinstance(reply, Ring) or (isinstance(reply, Ask) and reply.says)):
                    yield Finding(
                        "moment-without-way",
                        files.municipality(slug),
                        ("contacts",),
                        {"text": moment},
                    )


CHECKS: Final = (no_document_is_too_large, no_text_is_too_long_to_say, every_moment_has_a_way_on)
