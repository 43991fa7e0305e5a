"""One reading of a home: a line without errors, or the findings that say why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Final

from pydantic import Field
from pydantic_core import PydanticCustomError

from ivr import checks
from ivr.config import shapes, source
from ivr.config.few import few
from ivr.config.home import Home
from ivr.config.source import UNREAD, Source
from ivr.disk import reading
from ivr.model import files
from ivr.model.closure import Closure
from ivr.model.fields import Slug, Text, read_slug
from ivr.model.findings import Finding, Severity, broken
from ivr.model.languages import LANGUAGES
from ivr.model.limits import FOLDER_ENTRIES, NAMED
from ivr.model.line import Line
from ivr.model.menu import Menu
from ivr.model.municipality import Municipality
from ivr.model.settings import Settings

Prompts = Annotated[dict[Slug, Text], Field(max_length=NAMED)]
UNSEEN: Final = "home-unseen"
"""The code of a home that cannot even be looked into."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file as read into its shape."""

    source: Source
    value: Any
    findings: tuple[Finding, ...]

    @property
    def unread(self) -> bool:
        """Whether the file could not be read, which may pass without a change to it."""
        return any(finding.code == UNREAD for finding in self.findings)


@dataclass(slots=True)
class Cache:
    """Parts by file and its stamp, so that a change to one of a thousand files costs one file."""

    parts: dict[str, tuple[tuple[str, int, int], Part]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading of a home gave."""

    line: Line | None
    """None where a finding is an error."""
    findings: tuple[Finding, ...]
    """In the order of the files and their lines."""
    unproven: tuple[str, ...] = ()
    """Files with errors of their own, without which the promises over the whole could not be checked."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def read(
    home: Home, moment: datetime, cache: Cache | None = None, *, public: bool = False, erases: bool = False
) -> Reading:
    """Read and check a home as a whole, as it is at a moment (aware). Never raises for what a file may hold.

    `public`: real callers will use it, so an example municipality is an error.
    `erases`: the records of anonymous calls are erased at Twilio.
    """
    try:
        return _read(home, moment, cache or Cache(), public=public, erases=erases)
    except reading.Crowded:
        return _none(Finding("folder-large", files.MUNICIPALITIES, values={"most": FOLDER_ENTRIES}))
    except OSError as error:
        return _none(unseen(error))
    except Exception as error:  # noqa: BLE001 - whatever files bring about is told, and what was good stays
        return _none(broken(".", error))


def unseen(error: Exception) -> Finding:
    return Finding(UNSEEN, ".", values={"why": type(error).__name__})


def _none(finding: Finding) -> Reading:
    return Reading(None, (finding,))


def _read(home: Home, moment: datetime, cache: Cache, *, public: bool, erases: bool) -> Reading:
    present = home.files()
    parts = {file: _part(home, file, cache) for file in present}
    shared = {file: part for file, part in parts.items() if not file.startswith(files.MUNICIPALITIES)}
    unproven = tuple(file for file, part in shared.items() if part.value is None)
    findings = [finding for part in parts.values() for finding in part.findings]
    if len(shared) == len(parts):
        findings.append(Finding("municipalities-none", files.MUNICIPALITIES))
    line = None if unproven else _line(parts, erases=erases)
    if line is not None:
        found = checks.findings(line, moment, public=public)
        findings += [_placed(finding, parts) for finding in found]
    order = {file: place for place, file in enumerate(present)}
    findings.sort(key=lambda each: (order.get(each.file, len(order)), each.line, each.code))
    reading = Reading(line, tuple(few(findings)), unproven)
    return replace(reading, line=None) if reading.errors else reading


def _line(parts: Mapping[str, Part], *, erases: bool) -> Line:
    """The line of files without errors; a municipality with one is left out."""
    settings: Settings = parts[files.SETTINGS].value
    closure: Closure | None = parts[files.CLOSURE].value if files.CLOSURE in parts else None
    return Line(
        settings,
        parts[files.MENU].value,
        {language: parts[files.prompts(language)].value for language in LANGUAGES},
        {
            PurePosixPath(file).stem: part.value
            for file, part in parts.items()
            if file.startswith(files.MUNICIPALITIES) and part.value is not None
        },
        closure and closure.within(settings.timezone),
        erases,
    )


def names(home: Home) -> Mapping[str, str]:
    """The municipalities' own names by word, of each file that can be read, whatever is wrong elsewhere."""
    try:
        present = home.municipalities()
    except OSError:
        return {}
    parts = {PurePosixPath(file).stem: _part(home, file, Cache()) for file in present}
    return {word: part.value.name for word, part in parts.items() if part.value is not None}


def _placed(finding: Finding, parts: Mapping[str, Part]) -> Finding:
    part = parts.get(finding.file)
    return replace(finding, line=part.source.line(finding.path)) if part else finding


def _part(home: Home, file: str, cache: Cache) -> Part:
    stamp = home.stamp(file)
    cached = cache.parts.get(file)
    if cached and cached[0] == stamp:
        return cached[1]
    try:
        part = _of(source.read(home.root / file, file))
    except Exception as error:  # noqa: BLE001 - what one file brings about costs that file alone
        part = Part(Source(file), None, (broken(file, error),))
    if not part.unread:
        cache.parts[file] = (stamp, part)
    return part


def _of(read_: Source) -> Part:
    value, found = shapes.read(read_, _shape(read_.file))
    findings = [*read_.findings, *found, *_name(read_.file)]
    return Part(
        read_, None if any(f.severity is Severity.ERROR for f in findings) else value, tuple(findings)
    )


def _shape(file: str) -> Any:
    if file.startswith(files.MUNICIPALITIES):
        return Municipality
    return {files.SETTINGS: Settings, files.MENU: Menu, files.CLOSURE: Closure}.get(file, Prompts)


def _name(file: str) -> list[Finding]:
    """A municipality's file name becomes part of an address."""
    if not file.startswith(files.MUNICIPALITIES):
        return []
    name = PurePosixPath(file)
    try:
        read_slug(name.stem)
    except PydanticCustomError:
        return [Finding("file-name", file, values={"text": name.name})]
    return [] if name.suffix == ".yaml" else [Finding("file-name", file, values={"text": name.name})]
