"""YAML as people mean it: text stays text, and everything knows its line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unicodedata import category

import yaml

from ivr.disk import reading
from ivr.model.findings import Finding
from ivr.model.limits import FILE_BYTES, YAML_DEPTH

Path_ = tuple[str, ...]
UNREAD: Final = "file-unreadable"
"""The code of a file that is there and cannot be read."""
_ODD: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
"""Categories of signs that nobody types on purpose."""

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
        text = reading.read(path, FILE_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        return _unreadable("file-missing", file)
    except reading.TooLarge:
        return _unreadable("file-large", file)
    except reading.Irregular:
        return _unreadable("file-irregular", file)
    except OSError as error:
        return _unreadable(UNREAD, file, why=error.strerror or "")
    except UnicodeDecodeError:
        return _unreadable("file-not-text", file)
    return parse(text, file)


def parse(text: str, file: str) -> Source:
    """Parse YAML text with BaseLoader, which makes no numbers, dates or truths out of text."""
    reader = _Reader(file, text)
    try:
        value = reader.document()
    except _Deep:
        return _unreadable("yaml-deep", file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return Source(file, findings=(Finding("yaml-syntax", file, line=line),))
    if value is None:
        return Source(file, value={}, lines={(): 1}, findings=(Finding("file-empty", file),))
    return Source(file, value, reader.lines, tuple(reader.findings))


def _unreadable(code: str, file: str, **values: str) -> Source:
    return Source(file, findings=(Finding(code, file, values=values),))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Deep(Exception):
    """The text nests too deep."""


class _Reader:
    """Turns the parser's events into values, and notes lines and findings on the way.

    A thousand files take half as long as by way of nodes.
    """

    def __init__(self, file: str, text: str) -> None:
        self.lines: dict[Path_, int] = {}
        self.findings: list[Finding] = []
        self._file = file
        self._next = _LOADER(text).get_event
        self._depth = 0

    def document(self) -> Any:
        """The value of the only document; None where there is none. Raises YAMLError and _Deep."""
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), ())
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise yaml.MarkedYAMLError(problem_mark=after.start_mark)
        return value

    def _value(self, event: yaml.Event, path: Path_) -> Any:
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return self._text(event, path)
        if isinstance(event, yaml.AliasEvent):
            self._find("yaml-alias", path, event)
            return None
        self._depth += 1
        if self._depth > YAML_DEPTH:
            raise _Deep
        made = self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)
        self._depth -= 1
        return made

    def _sequence(self, path: Path_) -> list[Any]:
        children: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            children.append(self._value(event, (*path, str(len(children)))))
        return children

    def _mapping(self, path: Path_) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._find("yaml-key", path, event)
                self._skip(event)
                self._skip(self._next())
                continue
            key = self._text(event, path)
            here = (*path, key)
            if key in entries:
                self._find("setting-double", here, event, text=key, first=self.lines[here])
                self._skip(self._next())
                continue
            self.lines[here] = _line(event)
            entries[key] = self._value(self._next(), here)
        return entries

    def _skip(self, event: yaml.Event) -> None:
        """Pass over a part of the file of which nothing is said. Raises _Deep."""
        depth = self._depth
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > YAML_DEPTH:
                raise _Deep
            if depth == self._depth:
                return
            event = self._next()

    def _text(self, event: yaml.ScalarEvent, path: Path_) -> str:
        text: str = event.value
        # Nearly every text is printable, and seen to be so at once.
        if not text.isprintable() and any(category(sign) in _ODD and sign not in "\n\t" for sign in text):
            self._find("text-sign", path, event)
        return text

    def _find(self, code: str, path: Path_, event: yaml.Event, **values: Any) -> None:
        self.findings.append(Finding(code, self._file, path, values, _line(event)))
