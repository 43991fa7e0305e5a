"""Checks of the menu: every key leads somewhere, and the police are one key away."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from ivr.dialogue import menu_graph
from ivr.dialogue.prompts import TRACES
from ivr.model import files
from ivr.model.findings import Finding, Severity
from ivr.model.line import Line
from ivr.model.menu import CLOSED, CONTACTS, FAREWELL
from ivr.model.settings import POLICE


def every_named_item_exists(line: Line, _: date) -> Iterator[Finding]:
    names: dict[tuple[str, ...], str] = {("start",): line.menu.start}
    names |= {("always", key): name for key, name in line.menu.always.items()}
    names |= {edge.path: edge.target for edge in menu_graph.edges(line.menu)}
    for path, name in names.items():
        if name not in line.menu.items:
            yield Finding("item-missing", files.MENU, path, {"text": name, "known": list(line.menu.items)})


def every_item_can_be_reached(line: Line, today: date) -> Iterator[Finding]:
    if any(every_named_item_exists(line, today)):
        return  # items after a wrong name cannot be reached either, and are no mistakes of their own
    for name in line.menu.items.keys() - menu_graph.reached(line.menu):
        yield Finding("item-unreachable", files.MENU, (name,), {"text": name})


def the_start_is_a_menu(line: Line, _: date) -> Iterator[Finding]:
    item = line.menu.items.get(line.menu.start)
    if item and not item.keys:
        yield Finding("start-without-keys", files.MENU, (line.menu.start,), {"text": line.menu.start})


def the_closed_line_has_a_menu(line: Line, _: date) -> Iterator[Finding]:
    item = line.menu.items.get(CLOSED)
    if item and not item.keys:
        yield Finding("closed-without-keys", files.MENU, (CLOSED,))
    if item is None and line.closure is not None:
        yield Finding("closed-missing", files.MENU)


def endings_end(line: Line, _: date) -> Iterator[Finding]:
    if FAREWELL not in line.menu.items:
        yield Finding("farewell-missing", files.MENU, (FAREWELL,))
    for name in menu_graph.ENDINGS:
        item = line.menu.items.get(name)
        if item and (item.keys or item.go or item.dial):
            yield Finding("ending-goes-on", files.MENU, (name,), {"text": name})


def no_way_goes_round_without_a_key(line: Line, _: date) -> Iterator[Finding]:
    for edge in menu_graph.circles(line.menu):
        yield Finding("circle", files.MENU, edge.path, {"text": edge.source, "target": edge.target})


def every_choice_leads_somewhere(line: Line, _: date) -> Iterator[Finding]:
    for name, item in line.menu.items.items():
        for key, choice in (item.keys or {}).items():
            if choice.go is None and key not in line.menu.always:
                yield Finding("choice-without-way", files.MENU, (name, "keys", key), {"text": key})


def every_key_of_always_is_told_at_the_start(line: Line, _: date) -> Iterator[Finding]:
    start = line.menu.items.get(line.menu.start)
    for key, target in line.menu.always.items():
        if start and start.keys and target != line.menu.start and key not in start.keys:
            yield Finding(
                "always-untold", files.MENU, ("always", key), {"text": key, "start": line.menu.start}
            )


def the_police_are_one_key_away(line: Line, _: date) -> Iterator[Finding]:
    for name, item in line.menu.items.items():
        if not item.keys:
            continue
        rung = {
            line.menu.items[last].dial
            for target in line.menu.ways(item).values()
            if (last := menu_graph.onward(line.menu, target)[-1]) in line.menu.items
        }
        if POLICE not in rung:
            yield Finding("police-far", files.MENU, (name,), {"text": name})


def every_destination_dialled_exists(line: Line, _: date) -> Iterator[Finding]:
    known = [CONTACTS, *line.settings.destinations]
    for name, item in line.menu.items.items():
        if item.dial is not None and item.dial not in known:
            yield Finding(
                "destination-unknown", files.MENU, (name, "dial"), {"text": item.dial, "known": known}
            )


def every_destination_is_used(line: Line, _: date) -> Iterator[Finding]:
    dialled = {item.dial for item in line.menu.items.values()}
    for name in line.settings.destinations.keys() - dialled:
        yield Finding("destination-unused", files.SETTINGS, ("destinations", name), {"text": name})


def anonymity_is_kept(line: Line, *, public: bool) -> Iterator[Finding]:
    """Not in CHECKS, because it needs `public`: only with the account's settings can it be true."""
    if not public:
        return
    for name, destination in line.settings.destinations.items():
        if destination.anonymous and not line.erases:
            path = ("destinations", name, "anonymous")
            yield Finding(
                "anonymity-not-kept", files.SETTINGS, path, {"text": name}, severity=Severity.WARNING
            )


def who_calls_anonymously_hears_what_is_kept(line: Line, _: date) -> Iterator[Finding]:
    for name, item in line.menu.items.items():
        destination = line.settings.destinations.get(item.dial or "")
        if destination and destination.anonymous and TRACES not in item.say:
            yield Finding(
                "traces-untold", files.MENU, (name, "say"), {"text": name}, severity=Severity.WARNING
            )


CHECKS: Final = (
    every_named_item_exists,
    every_item_can_be_reached,
    the_start_is_a_menu,
    the_closed_line_has_a_menu,
    endings_end,
    no_way_goes_round_without_a_key,
    every_choice_leads_somewhere,
    every_key_of_always_is_told_at_the_start,
    the_police_are_one_key_away,
    every_destination_dialled_exists,
    every_destination_is_used,
    who_calls_anonymously_hears_what_is_kept,
)
