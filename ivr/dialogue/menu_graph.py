"""The edges through the menu: what the checks prove their promises on, and what the picture shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.model.menu import CLOSED, FAREWELL, STRANGER, UNKNOWN_LINE, Item, Menu

ENDINGS = (FAREWELL, STRANGER, UNKNOWN_LINE)
"""Items that the flow goes to by itself, and in which a call ends."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from an item to another."""

    source: str
    target: str
    by: str
    """The key, or `go` or `unreached`."""
    path: tuple[str, ...]
    """Where config/menu.yaml says so."""

    @property
    def waits(self) -> bool:
        """Whether it takes a caller's key."""
        return self.by not in {"go", "unreached"}


def edges(menu: Menu) -> Iterator[Edge]:
    """All edges of the menu, whether or not their target exists."""
    for name, item in menu.items.items():
        yield from _from(menu, name, item)


def _from(menu: Menu, name: str, item: Item) -> Iterator[Edge]:
    if item.go:
        yield Edge(name, item.go, "go", (name, "go"))
    if item.unreached:
        yield Edge(name, item.unreached, "unreached", (name, "unreached"))
    own = item.keys or {}
    for key, choice in own.items():
        if choice.go:
            yield Edge(name, choice.go, key, (name, "keys", key, "go"))
    if item.keys or item.dial:
        for key, target in menu.always.items():
            if key not in own or own[key].go is None:
                yield Edge(name, target, key, ("always", key))


def reached(menu: Menu, *, closed: bool = False) -> set[str]:
    """The items that some caller can come to. While the line is `closed` that is not the start."""
    targets: dict[str, set[str]] = {}
    for way in edges(menu):
        targets.setdefault(way.source, set()).add(
            CLOSED if closed and way.target == menu.start else way.target
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
    """An item and those that follow it without a key, up to where they close a circle."""
    passed = [name]
    while (item := menu.items.get(passed[-1])) and item.go:
        if item.go in passed:
            return [*passed, item.go]
        passed.append(item.go)
    return passed


def circles(menu: Menu) -> Iterator[Edge]:
    """Ways that lead back to where they came from although nobody presses a key."""
    silent: dict[str, list[Edge]] = {}
    for way in edges(menu):
        if not way.waits:
            silent.setdefault(way.source, []).append(way)
    for way in (each for group in silent.values() for each in group):
        seen, waiting = set[str](), [way.target]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(each.target for each in silent.get(name, ()))
        if way.source in seen:
            yield way
