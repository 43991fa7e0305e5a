"""From prompts to phrases: which prompts the line itself needs, and what each may have in braces."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

from ivr.model import numbers, spoken
from ivr.model.fields import LANGUAGE_KEY
from ivr.model.languages import next_language
from ivr.model.line import Line
from ivr.model.menu import CLOSED, Item
from ivr.model.municipality import Municipality
from ivr.model.phrase import Phrase

NUMBERS: Final = "numbers"
"""In an item's `say`: said once for each destination, with its first number."""

TRACES: Final = "traces"
"""In an item's `say`: what of a call is kept where, which depends on whether the line erases."""
_TRACES: Final = {True: "traces-erased", False: "traces-kept"}

OWN: Final[Mapping[str, frozenset[str]]] = {
    "choice": frozenset({"choice", "key"}),
    "choose-language": frozenset(),
    "wrong-key": frozenset(),
    "trying-next": frozenset({"contact"}),
    "trying-number": frozenset({"contact"}),
    "nobody": frozenset(),
    "nobody-until": frozenset({"until"}),
    "pickup": frozenset({"municipality", "key"}),
    "ring-check": frozenset({"municipality", "key"}),
    "ring-check-thanks": frozenset(),
    "ring-check-other": frozenset(),
    "apology": frozenset(),
    "closed": frozenset(),
    "closed-until": frozenset({"until"}),
    "fallback": frozenset({"municipality"}),
    "fallback-numbers": frozenset(),
    "fallback-again": frozenset(),
    "fallback-stay": frozenset(),
    "fallback-end": frozenset(),
    NUMBERS: frozenset({"contact", "number"}),
}
"""Prompts that no menu names, because the line says them by itself → what they may use."""

IN_MENU: Final = frozenset({"municipality"})
IN_ANNOUNCEMENT: Final = frozenset({"municipality", "contact", "key", "number"})
"""What prompts that the menu names may use: in any item, and in one that dials."""

ACCEPT_KEY: Final = "1"
"""With it a contact takes the call."""
BACK_KEY: Final = "*"
"""With it a caller goes back from an announcement."""

MenuPhrases = tuple[tuple[Phrase, ...], tuple[Phrase, ...]]
"""What an item says, and its choices."""

_MENUS: Final[WeakKeyDictionary[Line, dict[tuple[str, str], MenuPhrases]]] = WeakKeyDictionary()
"""Menus of a reading by language and item, put together once: an answer would take a third longer."""

BRACES: Final = re.compile(r"\{([^{}]*)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into the braces of a text; a name without a value stays as it is written."""
    if "{" not in text:
        return text
    return BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def spoken_as(prompt: str) -> tuple[str, ...]:
    """The prompts one of which is spoken where an item's `say` has this one."""
    return tuple(_TRACES.values()) if prompt == TRACES else (prompt,)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says the line's prompts in one language, to a caller of one municipality."""

    line: Line
    language: str
    municipality: Municipality | None = None

    def say(self, prompt: str, **values: str) -> Phrase:
        if self.municipality:
            values["municipality"] = self.municipality.name
        text = fill(self.line.prompts[self.language][prompt], values)
        return Phrase(prompt, self.language, text)

    def menu(self, name: str) -> MenuPhrases:
        """What an item says and its choices."""
        menus = _MENUS.setdefault(self.line, {})
        known = menus.get((self.language, name))
        if known is not None:
            return known
        item = self.line.menu.items[name]
        menu = tuple(self.item(item)), tuple(self.choices(item))
        if not self._names_municipality(item):
            menus[self.language, name] = menu
        return menu

    def _names_municipality(self, item: Item) -> bool:
        """Whether an item says something else in each municipality."""
        prompts = [*item.say, *(choice.say for choice in (item.keys or {}).values())]
        texts = self.line.prompts[self.language]
        return any("{municipality}" in texts.get(self._version(prompt), "") for prompt in prompts)

    def item(self, item: Item) -> Iterator[Phrase]:
        """What an item says, before its choices."""
        for prompt in item.say:
            if prompt == NUMBERS:
                yield from self.numbers()
            else:
                yield self.say(self._version(prompt))

    def announcement(self, item: Item, contact: str, number: str) -> Iterator[Phrase]:
        """What an item that dials says before it does; `number` is an address."""
        values = {
            "contact": contact,
            "key": spoken.key(BACK_KEY, self.language),
            "number": "" if numbers.is_sip(number) else spoken.digits(number, self.language),
        }
        for prompt in item.say:
            yield self.say(self._version(prompt), **values)

    def _version(self, prompt: str) -> str:
        return _TRACES[self.line.erases] if prompt == TRACES else prompt

    def trying(self, before: str, contact: str) -> Phrase:
        """That nobody answered, and who is rung now: another contact, or the same at another number."""
        return self.say("trying-number" if contact == before else "trying-next", contact=contact)

    def choices(self, item: Item) -> Iterator[Phrase]:
        """The choices of a menu, each with its key."""
        for key, choice in (item.keys or {}).items():
            yield self.choice(choice.say, key)
        items = self.line.menu.items
        if item is items[self.line.menu.start] or item is items.get(CLOSED):
            # In the language that it offers: who needs it would not understand the other.
            foreign = Speaker(self.line, next_language(self.language), self.municipality)
            yield foreign.choice("choose-language", LANGUAGE_KEY)

    def numbers(self) -> Iterator[Phrase]:
        """The public numbers, digit by digit."""
        for destination in self.line.settings.destinations.values():
            number = destination.numbers[0]
            if not numbers.is_sip(number):
                digits = spoken.digits(number, self.language)
                yield self.say(NUMBERS, contact=destination.name[self.language], number=digits)

    def nobody(self, until: datetime | None, now: datetime) -> Phrase:
        """That nobody is on duty, and until when where that is known (both in local time)."""
        if until is None:
            return self.say("nobody")
        return self.say("nobody-until", until=spoken.until(until, now, self.language))

    def closed(self, until: datetime | None, now: datetime) -> Phrase:
        """That the line is closed on purpose, and until when where that is known (both in local time)."""
        if until is None:
            return self.say("closed")
        return self.say("closed-until", until=spoken.until(until, now, self.language))

    def question(self) -> Phrase:
        """Who is calling, for a contact who picks up."""
        return self.say("pickup", key=spoken.key(ACCEPT_KEY, self.language))

    def ring_check(self) -> Phrase:
        """That a call only checks a contact's number."""
        return self.say("ring-check", key=spoken.key(ACCEPT_KEY, self.language))

    def choice(self, prompt: str, key: str) -> Phrase:
        """One choice with its key: these words are put together here, so no text promises a missing key."""
        values = {"choice": self.say(prompt).text, "key": spoken.key(key, self.language)}
        return Phrase(prompt, self.language, self.say("choice", **values).text)
