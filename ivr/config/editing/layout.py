"""Where the values of a YAML text stand, and texts in which some of them are replaced.

ruamel.yaml only finds the positions, because writing the file with it would change the layout.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

_ENDING: Final = re.compile(r"\r\n|\n|\r")


class Unwritable(Exception):
    """The layout of the file does not allow the change safely."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Characters of a text, from `start` to before `end`, and what stands there instead."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a mapping."""

    key: ScalarNode
    value: Node


class Layout:
    """The nodes of one text. All positions count its characters."""

    def __init__(self, body: str) -> None:
        """Raises Unwritable where the text has no settings."""
        self.body = body
        try:
            root = YAML().compose(body)
        except (YAMLError, ValueError):
            raise Unwritable from None
        if not isinstance(root, MappingNode):
            raise Unwritable
        self.root = root
        found = _ENDING.search(body)
        self.ending = found[0] if found else "\n"

    def settings(self, node: Node | None) -> dict[str, Setting]:
        """Return the settings of a mapping by name, in their order. Empty for any other node."""
        pairs = node.value if isinstance(node, MappingNode) else ()
        found: dict[str, Setting] = {}
        for key, value in pairs:
            if isinstance(key, ScalarNode):
                found.setdefault(str(key.value), Setting(key, value))
        return found

    def after_colon(self, setting: Setting) -> int:
        """Return the position after the colon of a setting."""
        return self.body.index(":", setting.key.end_mark.index) + 1

    def end(self, setting: Setting) -> int:
        """Return the position after the last character of a setting's value."""
        if _is_nothing(setting.value):
            return self.after_colon(setting)
        return self.end_of(setting.value)

    def end_of(self, node: Node) -> int:
        """Return the position after the last character of a node. The end mark is further for a block."""
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, ScalarNode) or _is_flow(node):
            return int(start + len(self.body[start:end].rstrip()))
        last = node.value[-1]
        if isinstance(node, MappingNode):
            return self.end(Setting(*last))
        # An empty item ends after its dash, which is before its marks.
        return (
            len(self.body[: int(last.start_mark.index)].rstrip()) if _is_nothing(last) else self.end_of(last)
        )

    def start_of_line(self, at: int) -> int:
        return max(self.body.rfind("\n", 0, at), self.body.rfind("\r", 0, at)) + 1

    def after_line(self, at: int) -> int:
        """Return the position after the line ending that follows a position."""
        found = _ENDING.search(self.body, at)
        return found.end() if found else len(self.body)

    def replacing(self, setting: Setting, text: str) -> Splice:
        """Replace the value of a setting, whatever it is, by a text on the same line."""
        at = self.after_colon(setting)
        if isinstance(setting.value, ScalarNode) and not _is_nothing(setting.value):
            return Splice(setting.value.start_mark.index, self.end(setting), text)
        return Splice(at, self.end(setting), f" {text}")

    def adding(self, mapping: MappingNode, after: Setting, text: str) -> Splice:
        """Add a setting (`text`, as `key: value`) after another one."""
        if _is_flow(mapping):
            at = self.end(after)
            return Splice(at, at, f", {text}")
        line = f"{' ' * after.key.start_mark.column}{text}"
        at = self.after_line(self.end(after))
        if at == len(self.body) and not self.body.endswith(("\n", "\r")):
            return Splice(at, at, f"{self.ending}{line}")
        return Splice(at, at, f"{line}{self.ending}")

    def removing(self, mapping: MappingNode, name: str) -> Splice:
        """Remove a setting; a mapping has at least one more."""
        listed = self.settings(mapping)
        names = list(listed)
        place, setting = names.index(name), listed[name]
        start = setting.key.start_mark.index
        if not _is_flow(mapping) and not self.body[self.start_of_line(start) : start].strip():
            return Splice(self.start_of_line(start), self.after_line(self.end(setting)), "")
        if place + 1 < len(names) and (place == 0 or not _is_flow(mapping)):
            return Splice(start, listed[names[place + 1]].key.start_mark.index, "")
        if place == 0:
            raise Unwritable
        return Splice(self.end(listed[names[place - 1]]), self.end(setting), "")


def quote_of(node: Node) -> str:
    """Return the quote around a scalar; empty where there is none."""
    style = node.style if isinstance(node, ScalarNode) else None
    return style if style in {"'", '"'} else ""


def spliced(body: str, splices: Iterable[Splice]) -> str:
    """Return a text with all its splices, which do not overlap. Those at one position stay in their order."""
    ordered = sorted(enumerate(splices), key=lambda each: (each[1].start, each[1].end, each[0]))
    for _, each in reversed(ordered):
        body = f"{body[: each.start]}{each.text}{body[each.end :]}"
    return body


def _is_nothing(node: Node) -> bool:
    """Whether a value is left out: its marks are then those of what follows."""
    return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index


def _is_flow(node: Node) -> bool:
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def is_block(node: Node) -> bool:
    """Whether a node is a list of lines with dashes."""
    return isinstance(node, SequenceNode) and not node.flow_style and bool(node.value)
