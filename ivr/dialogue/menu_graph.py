"""The menu as a directed graph, for the checks and for the picture of `ivr graph`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ivr.model.menu import CLOSED, FAREWELL, STRANGER, UNKNOWN_LINE, Item, Menu

ENDINGS: Final = (FAREWELL, UNKNOWN_LINE)
"""Items that the flow itself leads to, and that end the call."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge from an item to another."""

    source: str
    target: str
    by: str
    """The key, or `go`, `unreached` or `stranger`."""
    path: tuple[str, ...]
    """Its place in config/menu.yaml, as in a finding."""

    @property
    def waits(self) -> bool:
        """Whether the caller must press a key for it."""
        return self.by not in {"go", "unreached", STRANGER}


def edges(menu: Menu) -> Iterator[Edge]:
    """All edges of the menu; a target may be missing from the menu."""
    for name, item in menu.items.items():
        yield from _from(menu, name, item)


def _from(menu: Menu, name: str, item: Item) -> Iterator[Edge]:
    if item.go:
        yield Edge(name, item.go, "go", (name, "go"))
    if item.unreached:
        yield Edge(name, item.unreached, "unreached", (name, "unreached"))
    if item.dial and STRANGER in menu.items:
        yield Edge(name, STRANGER, STRANGER, (name, "dial"))
    own = item.keys or {}
    for key, choice in own.items():
        if choice.go:
            yield Edge(name, choice.go, key, (name, "keys", key, "go"))
    if item.keys or item.dial:
        for key, target in menu.always.items():
            if key not in own or own[key].go is None:
                yield Edge(name, target, key, ("always", key))


def reached(menu: Menu, *, closed: bool = False) -> set[str]:
    """The names of the items that a caller can reach, also of items that the menu lacks.

    While the line is `closed`, CLOSED replaces the start.
    """
    targets: dict[str, set[str]] = {}
    for edge in edges(menu):
        targets.setdefault(edge.source, set()).add(
            CLOSED if closed and edge.target == menu.start else edge.target
        )
    found: set[str] = set()
    waiting = [CLOSED, *ENDINGS] if closed else [menu.start, CLOSED, *ENDINGS]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(targets.get(name, ()))
    return found


def onward(menu: Menu, name: str) -> list[str]:
    """An item and those that it goes on to without a key. In a cycle the last name occurs twice."""
    passed = [name]
    while (item := menu.items.get(passed[-1])) and item.go:
        if item.go in passed:
            return [*passed, item.go]
        passed.append(item.go)
    return passed


def circles(menu: Menu) -> Iterator[Edge]:
    """The edges that are part of a cycle in which no key is pressed."""
    silent: dict[str, list[Edge]] = {}
    for edge in edges(menu):
        if not edge.waits:
            silent.setdefault(edge.source, []).append(edge)
    for edge in (each for group in silent.values() for each in group):
        seen, waiting = set[str](), [edge.target]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(each.target for each in silent.get(name, ()))
        if edge.source in seen:
            yield edge
