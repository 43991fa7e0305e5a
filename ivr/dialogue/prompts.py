"""Makes phrases of prompts; lists the prompts that the line itself needs and the values each may use."""

import re
from collections.abc import Iterable, Iterator, Mapping
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
"""Where a menu names prompts: spoken once for each destination, with its first number."""

TRACES: Final = "traces"
"""In an item's `say`: which records of a call remain. Replaced by one of the next two prompts."""
_TRACES: Final = {True: "traces-erased", False: "traces-kept"}
"""`Line.erases` → prompt."""

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
    "fallback-other-language": frozenset(),
    "fallback-steps": frozenset(),
    "fallback-numbers": frozenset(),
    "fallback-then": frozenset(),
    "fallback-stay": frozenset(),
    "fallback-end": frozenset(),
    NUMBERS: frozenset({"contact", "number"}),
}
"""Prompts that the line uses although no menu names them → the values that they may use."""

IN_MENU: Final = frozenset({"municipality"})
IN_ANNOUNCEMENT: Final = frozenset({"municipality", "contact", "key", "number"})
"""The values that prompts named by the menu may use: in any item, and in an item that dials."""

ACCEPT_KEY: Final = "1"
"""The key with which a contact accepts the call."""
BACK_KEY: Final = "*"
"""The key with which a caller goes back from an announcement."""

MenuPhrases = tuple[tuple[Phrase, ...], tuple[Phrase, ...]]
"""The phrases on entering an item, and those that repeat its choices."""

_MENUS: Final[WeakKeyDictionary[Line, dict[tuple[str, str, str], MenuPhrases]]] = WeakKeyDictionary()
"""Cache of menus by language, item and wanted destination. Without it a reply takes a third longer."""

BRACES: Final = re.compile(r"\{([^{}]*)\}")
"""A name in braces, for which a value is put."""


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace the names in braces by their values; a name without a value stays as it is."""
    if "{" not in text:
        return text
    return BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def spoken_as(prompt: str) -> tuple[str, ...]:
    """The prompts of which one is spoken if an item's `say` has this one."""
    return tuple(_TRACES.values()) if prompt == TRACES else (prompt,)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Makes phrases in one language for the calls of one municipality; None: of no municipality."""

    line: Line
    language: str
    municipality: Municipality | None = None

    def say(self, prompt: str, **values: str) -> Phrase:
        """Make a phrase of a prompt. Raises KeyError if the prompt is missing."""
        if self.municipality:
            values["municipality"] = spoken.municipality(self.municipality.name, self.language)
        text = fill(self.line.prompts[self.language][prompt], values)
        return Phrase(prompt, self.language, text)

    def menu(self, name: str, wanted: str = "") -> MenuPhrases:
        """The phrases on entering an item, and those that repeat its choices. Raises KeyError.

        `wanted`: the destination whose number comes first where the item says numbers.
        """
        menus = _MENUS.setdefault(self.line, {})
        known = menus.get((self.language, name, wanted))
        if known is not None:
            return known
        item = self.line.menu.items[name]
        menu = tuple(self._entered(item, wanted)), tuple(self.choices(item))
        if not self._names_municipality(item):
            menus[self.language, name, wanted] = menu
        return menu

    def _names_municipality(self, item: Item) -> bool:
        """Whether the phrases of an item differ between municipalities."""
        choices = (item.keys or {}).values()
        prompts = [*item.say, *(prompt for choice in choices for prompt in (choice.say, *choice.after))]
        texts = self.line.prompts[self.language]
        return any("{municipality}" in texts.get(self._version(prompt), "") for prompt in prompts)

    def _entered(self, item: Item, wanted: str) -> Iterator[Phrase]:
        """The phrases of an item with its choices, and what is said behind each choice."""
        yield from self.item(item, wanted)
        yield from self._language_choice(item)
        for key, choice in (item.keys or {}).items():
            yield self.choice(choice.say, key)
            yield from self._prompts(choice.after, wanted)

    def item(self, item: Item, wanted: str = "") -> Iterator[Phrase]:
        """The phrases of an item, without its choices. `wanted`: as in `menu`."""
        return self._prompts(item.say, wanted)

    def _prompts(self, prompts: Iterable[str], wanted: str) -> Iterator[Phrase]:
        for prompt in prompts:
            if prompt == NUMBERS:
                yield from self.numbers(wanted)
            else:
                yield self.say(self._version(prompt))

    def announcement(self, prompts: Iterable[str], contact: str, endpoint: str) -> Iterator[Phrase]:
        """The phrases of `say` or `back` of an item that dials; `contact` is the name of whom it rings."""
        values = {
            "contact": contact,
            "key": spoken.key(BACK_KEY, self.language),
            "number": "" if numbers.is_sip(endpoint) else spoken.digits(endpoint, self.language),
        }
        for prompt in prompts:
            yield self.say(self._version(prompt), **values)

    def _version(self, prompt: str) -> str:
        return _TRACES[self.line.erases] if prompt == TRACES else prompt

    def trying(self, before: str, contact: str) -> Phrase:
        """That `before` was not reached, and who is rung now; the same name means another number."""
        return self.say("trying-number" if contact == before else "trying-next", contact=contact)

    def choices(self, item: Item) -> Iterator[Phrase]:
        """The choices of a menu, each with its key."""
        yield from self._language_choice(item)
        for key, choice in (item.keys or {}).items():
            yield self.choice(choice.say, key)

    def _language_choice(self, item: Item) -> Iterator[Phrase]:
        """The choice of the other language, which is the first at the start and while the line is closed.

        It is in the language that it offers. Who needs it does not understand what follows.
        """
        items = self.line.menu.items
        if item is items[self.line.menu.start] or item is items.get(CLOSED):
            foreign = Speaker(self.line, next_language(self.language), self.municipality)
            yield foreign.choice("choose-language", LANGUAGE_KEY)

    def numbers(self, wanted: str = "") -> Iterator[Phrase]:
        """The first number of each destination, digit by digit; that of `wanted` comes first."""
        destinations = self.line.settings.destinations
        for name in sorted(destinations, key=lambda name: name != wanted):
            destination = destinations[name]
            number = destination.numbers[0]
            if not numbers.is_sip(number):
                digits = spoken.digits(number, self.language)
                yield self.say(NUMBERS, contact=destination.name[self.language], number=digits)

    def nobody(self, until: datetime | None, now: datetime) -> Phrase:
        """That nobody is on duty, and until when unless that is unknown (both in local time)."""
        if until is None:
            return self.say("nobody")
        return self.say("nobody-until", until=spoken.until(until, now, self.language))

    def closed(self, until: datetime | None, now: datetime) -> Phrase:
        """That the line is closed on purpose, and until when unless that is unknown (both in local time)."""
        if until is None:
            return self.say("closed")
        return self.say("closed-until", until=spoken.until(until, now, self.language))

    def question(self) -> Phrase:
        """Who is calling, and which key accepts the call, for a contact who answers."""
        return self.say("pickup", key=spoken.key(ACCEPT_KEY, self.language))

    def ring_check(self) -> Phrase:
        """That the call only checks the number, and which key confirms it, for a contact who answers."""
        return self.say("ring-check", key=spoken.key(ACCEPT_KEY, self.language))

    def choice(self, prompt: str, key: str) -> Phrase:
        """A choice with its key. The name of the key is added here, so that no text can name a wrong key."""
        values = {"choice": self.say(prompt).text, "key": spoken.key(key, self.language)}
        return Phrase(prompt, self.language, self.say("choice", **values).text)
