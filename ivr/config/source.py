"""YAML as people mean it: text stays text, and everything knows its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unicodedata import category

import yaml

from ivr import disk
from ivr.finding import Finding
from ivr.limits import FILE_BYTES, YAML_DEPTH

Path_ = tuple[str, ...]
UNREAD: Final = "file-unreadable"
"""The code of a file that is there and cannot be read."""

# libyaml where the wheel has it: ten times as fast.
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read: its values as text, lists and mappings, and the line of each."""

    file: str
    value: Any = None
    lines: Mapping[Path_, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def line(self, path: Path_) -> int:
        """The line of a path, or of the nearest part of it that the file has."""
        return next(
            (self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), 1
        )


def read(path: Path, file: str) -> Source:
    """Read a file. What cannot be read becomes a finding, never an error."""
    try:
        text = disk.read(path, FILE_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        return _unreadable("file-missing", file)
    except disk.TooLarge:
        return _unreadable("file-large", file)
    except disk.Irregular:
        return _unreadable("file-irregular", file)
    except OSError as error:
        return _unreadable(UNREAD, file, why=error.strerror or "")
    except UnicodeDecodeError:
        return _unreadable("file-not-text", file)
    return parse(text, file)


def parse(text: str, file: str) -> Source:
    """Parse YAML text with BaseLoader, which makes no numbers, dates or truths out of text."""
    try:
        deepest = _depth(text)
        if deepest > YAML_DEPTH:
            return _unreadable("yaml-deep", file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return Source(file, findings=(Finding("yaml-syntax", file, line=line),))
    if node is None:
        return Source(file, value={}, lines={(): 1}, findings=(Finding("file-empty", file),))
    reader = _Reader(file)
    value = reader.value(node, ())
    return Source(file, value, reader.lines, tuple(reader.findings))


def _unreadable(code: str, file: str, **values: str) -> Source:
    return Source(file, findings=(Finding(code, file, values=values),))


def _depth(text: str) -> int:
    """How deep the text nests; counted without recursion, which a hostile file could exhaust."""
    deepest = depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > YAML_DEPTH:
            return depth
    return deepest


class _Reader:
    """Turns nodes into values, and notes lines and findings on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path_, int] = {}
        self.findings: list[Finding] = []
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path_) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self._seen:
            self._find("yaml-alias", path, line)
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return dict(self._entries(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, str(place))) for place, child in enumerate(node.value)]
        return self._text(node, path)

    def _entries(self, node: yaml.MappingNode, path: Path_) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._find("yaml-key", path, line)
                continue
            key = self._text(key_node, path)
            if key in seen:
                self._find("setting-double", (*path, key), line, text=key, first=seen[key])
                continue
            seen[key] = line
            self.lines[(*path, key)] = line
            yield key, self.value(value_node, (*path, key))

    def _text(self, node: yaml.Node, path: Path_) -> str:
        text = str(node.value)
        if any(category(sign) in {"Cc", "Cs", "Co", "Cn"} and sign not in "\n\t" for sign in text):
            self._find("text-sign", path, node.start_mark.line + 1)
        return text

    def _find(self, code: str, path: Path_, line: int, **values: Any) -> None:
        self.findings.append(Finding(code, self.file, path, values, line))
