"""The menu as text: each item, what is said in it, and where each key leads."""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.dialogue.menu_graph import Edge, edges
from ivr.dialogue.prompts import Speaker, spoken_as
from ivr.model import spoken
from ivr.model.fields import LANGUAGE_KEY
from ivr.model.line import Line
from ivr.model.menu import CLOSED, CONTACTS, Item
from ivr.model.numbers import written


@dataclass(frozen=True, slots=True)
class Way:
    """A way from one item to another."""

    key: str
    """As it is spoken; empty for a way without a key."""
    by: str
    """Of a way without a key: `go`, `unreached` or `stranger`. Empty for a key."""
    words: str
    """What is said about it; empty where nothing is."""
    target: str
    """Empty for the key of the other language, which leads to the same item."""
    after: tuple[str, ...] = ()
    """What is said behind it on entering the item."""


@dataclass(frozen=True, slots=True)
class Described:
    """One item of the menu."""

    name: str
    says: tuple[str, ...]
    """Texts. A value that is known only in a call stands in braces."""
    rings: tuple[tuple[str, str], ...]
    """Name and number of each endpoint of its destination."""
    rings_contacts: bool
    """Whether it rings the contacts of the municipality."""
    ways: tuple[Way, ...]
    """Its own; not those of every item."""
    ends: bool
    """Whether the call ends after it."""


def describe(line: Line, language: str) -> list[Described]:
    """Describe all items, in the order of the file, with the prompts of one language."""
    return [_described(line, language, name, item) for name, item in line.menu.items.items()]


def everywhere(line: Line, language: str) -> list[Way]:
    """Return the keys that work in every menu, in their order."""
    keys = {**line.menu.always, LANGUAGE_KEY: ""}
    return [Way(spoken.key(key, language), "", "", target) for key, target in sorted(keys.items())]


def _described(line: Line, language: str, name: str, item: Item) -> Described:
    return Described(
        name,
        tuple(_says(line, language, name, item)),
        _rings(line, language, item),
        item.dial == CONTACTS,
        tuple(_ways(line, language, name, item)),
        ends=not (item.keys or item.go or item.dial),
    )


def _says(line: Line, language: str, name: str, item: Item) -> Iterator[str]:
    speaker = Speaker(line, language)
    if name == CLOSED:
        yield line.prompts[language][CLOSED]
    if item.dial is None:
        yield from (phrase.text for phrase in speaker.item(item))
    else:
        yield from (line.prompts[language][each] for prompt in item.say for each in spoken_as(prompt))


def _rings(line: Line, language: str, item: Item) -> tuple[tuple[str, str], ...]:
    if item.dial is None or item.dial == CONTACTS:
        return ()
    destination = line.settings.destinations[item.dial]
    return tuple((destination.name[language], written(number)) for number in destination.numbers)


def _ways(line: Line, language: str, name: str, item: Item) -> Iterator[Way]:
    speaker = Speaker(line, language)
    for key, choice in (item.keys or {}).items():
        words = speaker.choice(choice.say, key).text
        after = speaker.item(item.model_copy(update={"say": choice.after}))
        target = choice.go or line.menu.always.get(key, "")
        yield Way(spoken.key(key, language), "", words, target, tuple(phrase.text for phrase in after))
    yield from (_silent(edge) for edge in edges(line.menu) if edge.source == name and not edge.waits)


def _silent(edge: Edge) -> Way:
    return Way("", edge.by, "", edge.target)
