"""The menu as a picture for coordinators. Graphviz does the layout."""

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
"""Characters in a line of a box, at most."""
_LINES: Final = 3
"""Lines of a prompt in a box, at most."""


def draw(line: Line, language: str) -> bytes:
    """Return the menu as an SVG picture, with prompts and labels in one language."""
    picture = pygraphviz.AGraph(
        directed=True, rankdir="LR", nodesep="0.25", ranksep="0.7", fontname="Helvetica"
    )
    picture.node_attr.update(_LOOK)
    picture.edge_attr.update(fontname="Helvetica", fontsize="12", color="#5b6770")
    for name, item in line.menu.items.items():
        label = f"<<b>{escape(name)}</b><br/>{_box(line, name, item, language)}>"
        picture.add_node(name, label=label, fillcolor=_colour(line, name, item))
    _draw_edges(picture, line, language)
    picture.add_node(
        "always", label=_always(line, language), shape="note", style="filled", fillcolor="#fff8d6"
    )
    svg: bytes = picture.draw(format="svg", prog="dot")
    return svg


def _draw_edges(picture: pygraphviz.AGraph, line: Line, language: str) -> None:
    """Draw an arrow for each edge. Keys that work in every item have an arrow from the start alone."""
    for edge in edges(line.menu):
        if edge.path[0] == "always" and edge.source != line.menu.start:
            continue
        picture.add_edge(
            edge.source,
            edge.target,
            label=f" {_label(line, edge, language)} ",
            style="solid" if edge.waits else "dashed",
        )
    picture.add_edge(
        line.menu.start, FAREWELL, label=f" {translations.say('way-silence', language)} ", style="dotted"
    )
    if CLOSED in line.menu.items:
        picture.add_edge(
            line.menu.start, CLOSED, label=f" {translations.say('way-closed', language)} ", style="dotted"
        )


def _label(line: Line, edge: Edge, language: str) -> str:
    """Return the key of an edge, or the words for an edge without one. At the start the prompt follows."""
    if not edge.waits:
        return translations.say(f"way-{edge.by}", language)
    key = spoken.key(edge.by, language)
    choice = (line.menu.items[edge.source].keys or {}).get(edge.by)
    if edge.source != line.menu.start or choice is None:
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
    """Return what the item rings, or the first words that it speaks, as an HTML-like label of Graphviz."""
    if item.dial == CONTACTS:
        return escape(translations.say("rings-contacts", language))
    if item.dial:
        destination = line.settings.destinations[item.dial]
        rung = [destination.name[language], *(written(number) for number in destination.numbers)]
        return "<br/>".join(escape(each) for each in rung)
    prompts = (CLOSED,) if name == CLOSED else item.say
    first = next((prompt for prompt in prompts if prompt not in {NUMBERS, TRACES}), NUMBERS)
    text = line.prompts[language][first].replace(PAUSE, "")
    lines = wrap(text, _WIDTH, max_lines=_LINES, placeholder=" …")
    return "<br/>".join(escape(each) for each in lines)


def _always(line: Line, language: str) -> str:
    """Return the label of the note that lists the keys that work in every item."""
    keys = {**line.menu.always, LANGUAGE_KEY: translations.say("other-language", language)}
    rows = [f"{escape(spoken.key(key, language))}  {escape(target)}" for key, target in sorted(keys.items())]
    return f"<<b>{escape(translations.say('always', language))}</b><br/>{'<br/>'.join(rows)}>"
