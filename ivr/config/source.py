"""Parses YAML: every scalar stays text, and every value has its line number.

PyYAML's `safe_load` would read `9:30` as 570, `0112` as 74 and `no` as False, and would keep the last of two
equal keys.
"""

import pathlib
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final
from unicodedata import category

import yaml

from ivr.config import syntax
from ivr.disk import reading
from ivr.model.findings import Finding, Path, Severity
from ivr.model.limits import FILE_BYTES, YAML_DEPTH
from ivr.model.spelling import visible

UNREAD: Final = "file-unreadable"
"""Code of the finding where a file exists but cannot be read."""
_MISSING: Final = "file-missing"
_RICH: Final = ("{\\rtf", "PK\x03\x04")
"""How the files of word processors begin that are ASCII."""
_SHAPELESS: Final = frozenset({"yaml-syntax", "yaml-indent", "yaml-tab", "dash-space", "dash-other"})
"""Codes after which it is not known to what a line belongs."""
_COMMENT: Final = re.compile(r"(?P<gap>\s+)#(?P<text>(?P<close>\S|$)?.*)")
_ODD: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
"""Unicode categories of characters that nobody types on purpose."""

# libyaml is ten times as fast, but not every wheel of PyYAML has it.
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Source:
    """The content of one file: text, lists and mappings, and the line number of each value."""

    file: str
    value: Any = None
    """None where the file cannot be read or parsed."""
    lines: Mapping[Path, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    """SHA-256 of the file's bytes, in hexadecimal digits; empty where they were not read."""

    @property
    def missing(self) -> bool:
        """Whether the file is not there."""
        return any(finding.code == _MISSING for finding in self.findings)

    def place(self, path: Path) -> Path:
        """Return the path as the file has it: a text may stand where a list of one may, without an index."""
        alone = bool(path) and isinstance(path[-1], int) and path not in self.lines
        return path[:-1] if alone and path[:-1] in self.lines else path

    def line(self, path: Path) -> int:
        """Return the line number of a path, or of its longest part that is in the file; 1 otherwise."""
        return next(
            (self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), 1
        )


def read(path: pathlib.Path, file: str) -> Source:
    """Read and parse a file. Raises nothing: errors become findings. `file`: its name in findings."""
    try:
        return of_bytes(reading.read(path, FILE_BYTES), file)
    except FileNotFoundError:
        return missing(file)
    except reading.TooLarge:
        return _unreadable("file-large", file)
    except reading.Irregular:
        return _unreadable("file-irregular", file)
    except OSError as error:
        return _unreadable(UNREAD, file, why=error.strerror or "")


def missing(file: str) -> Source:
    """Return the source of a file that is not there."""
    return _unreadable(_MISSING, file)


def of_bytes(content: bytes, file: str) -> Source:
    """Parse the content of a file. Raises nothing: errors become findings. `file`: its name in findings."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Source(file, findings=(Finding("file-not-text", file, line=line),))
    return replace(parse(text, file), digest=sha256(content).hexdigest())


def parse(text: str, file: str) -> Source:
    """Parse YAML text. Raises nothing: errors become findings. `file`: its name in findings."""
    text = visible(text)
    if text.startswith(_RICH):
        return _unreadable("file-not-text", file)
    reader = _Reader(file, text)
    try:
        value = reader.document()
    except _Deep:
        return _unreadable("yaml-deep", file)
    except yaml.YAMLError as error:
        found = syntax.finding(text, file, error)
        return Source(file, findings=(replace(found, path=_setting_at(text, found)),))
    if value is None:
        return Source(file, value={}, lines={(): 1}, findings=(Finding("file-empty", file),))
    return Source(file, value, reader.lines, tuple(reader.findings))


def _setting_at(text: str, found: Finding) -> Path:
    """Return the path of the setting on the line of a finding; empty where that cannot be known."""
    if found.code in _SHAPELESS:
        return ()
    reader = _Reader(found.file, syntax.mended(text, found.line))
    with suppress(yaml.YAMLError, _Deep):
        reader.document()  # whatever else is wrong comes later
    settings = (p for p, line in reader.lines.items() if line == found.line and p and isinstance(p[-1], str))
    return min(settings, key=len, default=())


def _unreadable(code: str, file: str, **values: str) -> Source:
    return Source(file, findings=(Finding(code, file, values=values),))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Deep(Exception):
    """Lists and mappings are nested deeper than YAML_DEPTH."""


def _misread(key: str, value: yaml.Event, *, flow: bool) -> str | None:
    """Return the code of a key that was not meant as one, or None."""
    if key.startswith("-"):
        return "dash-space"
    if flow and isinstance(value, yaml.ScalarEvent) and not value.value and not value.style:
        return "colon-space" if ":" in key else "comma-in-text"
    return None


def _merged(twice: list[Finding], first: str) -> list[Finding]:
    """Return the findings of settings that stand twice in a mapping whose first key is `first`.

    In an element of a list they may be the settings of another one, whose hyphen was forgotten.
    """
    is_element = any(isinstance(part, int) for each in twice for part in each.path[-2:-1])
    if is_element and (len(twice) > 1 or twice[0].values["text"] == first):
        return [replace(twice[0], code="dash-missing")]
    return twice


class _Reader:
    """Makes values of the parser's events, and collects line numbers and findings.

    Reading events takes half the time of composing nodes.
    """

    def __init__(self, file: str, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self.findings: list[Finding] = []
        self._file = file
        self._next = _LOADER(text).get_event
        self._lines = text.splitlines() if "#" in text else []
        """The lines of the text, where one may have a comment."""
        self._depth = 0

    def document(self) -> Any:
        """Return the value of the only document; None where there is none. Raises YAMLError and _Deep."""
        self._next()  # start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), ())
        self._next()  # end of the document
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise yaml.MarkedYAMLError(problem_mark=after.start_mark)
        return value

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self.lines.setdefault(path, _line(event))
        if getattr(event, "tag", None) or (
            getattr(event, "anchor", None) and not isinstance(event, yaml.AliasEvent)
        ):
            self._find("sign-first", path, event, text="!" if getattr(event, "tag", None) else "&")
        if isinstance(event, yaml.ScalarEvent):
            self._see_comment(event, path)
            return self._text(event, path)
        if isinstance(event, yaml.AliasEvent):
            self._find("yaml-alias", path, event)
            return None
        self._depth += 1
        if self._depth > YAML_DEPTH:
            raise _Deep
        value = (
            self._mapping(event, path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)
        )
        self._depth -= 1
        return value

    def _sequence(self, path: Path) -> list[Any]:
        children: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            children.append(self._value(event, (*path, len(children))))
        return children

    def _mapping(self, start: yaml.MappingStartEvent, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        twice: list[Finding] = []
        misread = set[str]()
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._find("yaml-key", path, event)
                self._skip(event)
                self._skip(self._next())
                continue
            key = self._text(event, path)
            here = (*path, key)
            if key in entries:
                values = {"text": key, "first": self.lines[here]}
                twice.append(Finding("setting-double", self._file, here, values, _line(event)))
                self._skip(self._next())
                continue
            value = self._next()
            if code := _misread(key, value, flow=bool(start.flow_style)):
                if code not in misread:
                    self._find(code, path, event, text=key)
                misread.add(code)
                self._skip(value)
                continue
            self.lines[here] = _line(event)
            entries[key] = self._value(value, here)
        self.findings += _merged(twice, next(iter(entries), ""))
        return entries

    def _skip(self, event: yaml.Event) -> None:
        """Read the events of one value without using them. Raises _Deep."""
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

    def _text(self, event: yaml.ScalarEvent, path: Path) -> str:
        text: str = event.value
        # isprintable is fast, and nearly every text is printable.
        if not text.isprintable() and any(
            category(character) in _ODD and character not in "\n\t" for character in text
        ):
            self._find("text-sign", path, event)
        return text

    def _see_comment(self, event: yaml.ScalarEvent, path: Path) -> None:
        """Find what stands behind a value as a comment, though it may have been meant as a part of it."""
        end = event.end_mark
        if event.style or not end or end.line >= len(self._lines):
            return
        found = _COMMENT.match(self._lines[end.line], end.column)
        if found and (found["close"] or (event.value and "name" in path[-2:] and found["gap"] == " ")):
            finding = Finding(
                "comment-in-value", self._file, path, {"text": found["text"]}, end.line + 1, Severity.WARNING
            )
            self.findings.append(finding)

    def _find(self, code: str, path: Path, event: yaml.Event, **values: Any) -> None:
        self.findings.append(Finding(code, self._file, path, values, _line(event)))
