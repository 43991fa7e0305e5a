"""The menu as a picture that a coordinator understands at a glance; Graphviz places the boxes."""

from html import escape
from textwrap import wrap
from typing import Final

import pygraphviz

from ivr import translations
from ivr.dialogue.menu_graph import ENDINGS, Edge, edges
from ivr.dialogue.prompts import NUMBERS, TRACES
from ivr.model import spoken
from ivr.model.fields import LANGUAGE_KEY
from ivr.model.line import Line
from ivr.model.menu import CLOSED, CONTACTS, FAREWELL, Item
from ivr.model.numbers import written
from ivr.model.phrase import PAUSE

_LOOK: Final = {
    "shape": "box",
    "style": "rounded,filled",
    "fontname": "Helvetica",
    "fontsize": "12",
    "margin": "0.15",
}
_START: Final = "#cfe3f5"
_MENU: Final = "#eef4fa"
_RINGS: Final = "#d8efd6"
_SAYS: Final = "#f5f5f5"
_ENDS: Final = "#f3dede"
_WIDTH: Final = 30
"""Characters on a line of a box."""
_LINES: Final = 3


def draw(line: Line, language: str) -> bytes:
    """Draw the menu as SVG, with the prompts of one language."""
    picture = pygraphviz.AGraph(
        directed=True, rankdir="LR", nodesep="0.25", ranksep="0.7", fontname="Helvetica"
    )
    picture.node_attr.update(_LOOK)
    picture.edge_attr.update(fontname="Helvetica", fontsize="12", color="#5b6770")
    for name, item in line.menu.items.items():
        label = f"<<b>{escape(name)}</b><br/>{_box(line, name, item, language)}>"
        picture.add_node(name, label=label, fillcolor=_colour(line, name, item))
    _draw_ways(picture, line, language)
    picture.add_node(
        "always", label=_always(line, language), shape="note", style="filled", fillcolor="#fff8d6"
    )
    svg: bytes = picture.draw(format="svg", prog="dot")
    return svg


def _draw_ways(picture: pygraphviz.AGraph, line: Line, language: str) -> None:
    """An arrow for each way; the keys that work everywhere are drawn at the start alone."""
    for way in edges(line.menu):
        if way.path[0] == "always" and way.source != line.menu.start:
            continue
        picture.add_edge(
            way.source,
            way.target,
            label=f" {_label(line, way, language)} ",
            style="solid" if way.waits else "dashed",
        )
    picture.add_edge(
        line.menu.start, FAREWELL, label=f" {translations.say('way-silence', language)} ", style="dotted"
    )
    if CLOSED in line.menu.items:
        picture.add_edge(
            line.menu.start, CLOSED, label=f" {translations.say('way-closed', language)} ", style="dotted"
        )


def _label(line: Line, way: Edge, language: str) -> str:
    """The key of a way, at the start with the words of its choice."""
    if not way.waits:
        return translations.say(f"way-{way.by}", language)
    key = spoken.key(way.by, language)
    choice = (line.menu.items[way.source].keys or {}).get(way.by)
    if way.source != line.menu.start or choice is None:
        return key
    return f"{key}  {line.prompts[language][choice.say]}"


def _colour(line: Line, name: str, item: Item) -> str:
    if name == line.menu.start:
        return _START
    if name in ENDINGS:
        return _ENDS
    if item.dial:
        return _RINGS
    return _MENU if item.keys else _SAYS


def _box(line: Line, name: str, item: Item, language: str) -> str:
    """What is rung, or the first words of what is said."""
    if item.dial == CONTACTS:
        return escape(translations.say("rings-contacts", language))
    if item.dial:
        destination = line.settings.destinations[item.dial]
        rung = [destination.name[language], *(written(number) for number in destination.numbers)]
        return "<br/>".join(escape(each) for each in rung)
    said = (CLOSED,) if name == CLOSED else item.say
    first = next((prompt for prompt in said if prompt not in {NUMBERS, TRACES}), NUMBERS)
    text = line.prompts[language][first].replace(PAUSE, "")
    lines = wrap(text, _WIDTH, max_lines=_LINES, placeholder=" …")
    return "<br/>".join(escape(each) for each in lines)


def _always(line: Line, language: str) -> str:
    keys = {**line.menu.always, LANGUAGE_KEY: translations.say("other-language", language)}
    rows = [f"{escape(spoken.key(key, language))}  {escape(target)}" for key, target in sorted(keys.items())]
    return f"<<b>{escape(translations.say('always', language))}</b><br/>{'<br/>'.join(rows)}>"
