"""One reading of a home: all files are read and checked as a whole."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Annotated, Any, Final

from pydantic import Field
from pydantic_core import PydanticCustomError

from ivr import checks
from ivr.checks.confirmations import Confirmations
from ivr.config import shapes, source
from ivr.config.capping import capped
from ivr.config.home import Home, Stamp, in_order
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
"""Name of a prompt → its text in one language."""
_VERSION: Final = 16
"""Hexadecimal digits of a version."""
UNSEEN: Final = "home-unseen"
"""Code of the finding where the home cannot be listed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file, and the model object that was read from it."""

    source: Source
    value: Any
    """None where a finding is an error."""
    findings: tuple[Finding, ...]

    @property
    def unread(self) -> bool:
        """Whether the file exists but could not be read. It may become readable with the same stamp."""
        return any(finding.code == UNREAD for finding in self.findings)


@dataclass(slots=True)
class Cache:
    """File → its stamp and its part. After a change of one file, only that file is read again."""

    parts: dict[str, tuple[Stamp, Part]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of one reading of a home."""

    line: Line | None
    """None where a finding is an error."""
    findings: tuple[Finding, ...]
    """In the order of the files and of their lines."""
    unproven: tuple[str, ...] = ()
    """Files with an error, other than those of municipalities. Because of them the checks did not run."""
    version: str = ""
    """Identifies the content of all files: equal where no byte differs. Empty where none were read."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that are errors."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def read(  # noqa: PLR0913 - each part of the outside world is an argument
    home: Home,
    moment: datetime,
    cache: Cache | None = None,
    *,
    before: Confirmations | None = None,
    public: bool = False,
    erases: bool = False,
) -> Reading:
    """Read and check a home as a whole. Raises nothing: all errors become findings.

    `moment`: the time for checks of dates; with a time zone. `before`, `public`: as of `checks.findings`.
    `erases`: records of anonymous calls are erased at Twilio.
    """
    try:
        known = cache or Cache()
        parts = {file: _part(home, file, known) for file in home.files()}
        ignored = [_ignored(file) for file in home.unread()]
        check = partial(checks.findings, moment=moment, before=before, public=public)
        return _reading(parts, ignored, check, erases=erases)
    except reading.Crowded:
        return _none(Finding("folder-large", files.MUNICIPALITIES, values={"most": FOLDER_ENTRIES}))
    except OSError as error:
        return _none(unseen(error))
    except Exception as error:  # noqa: BLE001 - an unexpected error is a finding too; the last good reading stays in use
        return _none(broken(".", error))


def read_texts(
    texts: Mapping[str, str | bytes],
    moment: datetime,
    *,
    before: Confirmations | None = None,
    public: bool = False,
    erases: bool = False,
) -> Reading:
    """Read and check texts as if they were the files of a home. Raises nothing: all errors become findings.

    `texts`: name of a file, as in findings, → its content. The others are as of `read`.
    """
    try:
        own = [file for file in texts if file.startswith(files.MUNICIPALITIES)]
        parts = {
            file: _guarded(file, partial(_given, file, texts.get(file)))
            for file in in_order(own, closed=files.CLOSURE in texts)
        }
        check = partial(checks.findings, moment=moment, before=before, public=public)
        return _reading(parts, [], check, erases=erases)
    except Exception as error:  # noqa: BLE001 - as of `read`
        return _none(broken(".", error))


def _given(file: str, text: str | bytes | None) -> Source:
    if text is None:
        return source.missing(file)
    return source.parse(text, file) if isinstance(text, str) else source.of_bytes(text, file)


def unseen(error: Exception) -> Finding:
    """Return the finding that the home cannot be listed."""
    return Finding(UNSEEN, ".", values={"why": type(error).__name__})


def _none(finding: Finding) -> Reading:
    return Reading(None, (finding,))


def _ignored(file: str) -> Finding:
    """Return the finding of a file that is not read."""
    folder, _, name = file.rpartition("/")
    if folder != files.MUNICIPALITIES:
        return Finding("file-misplaced", file, values={"text": name}, severity=Severity.WARNING)
    better = re.sub(r"[^a-z0-9]+", "-", name.lower().partition(".")[0]).strip("-") or "voorbeeldstad"
    values = {"text": name, "better": f"{better}.yaml"}
    return Finding("file-ignored", file, values=values, severity=Severity.WARNING)


def _reading(
    parts: Mapping[str, Part],
    ignored: list[Finding],
    check: Callable[[Line], list[Finding]],
    *,
    erases: bool,
) -> Reading:
    """Check the parts as a whole, with `check`. `ignored`: findings of files that are not read."""
    if all(part.source.missing for part in parts.values()):
        return _none(Finding("home-wrong", "."))
    shared = {file: part for file, part in parts.items() if not file.startswith(files.MUNICIPALITIES)}
    unproven = tuple(file for file, part in shared.items() if part.value is None)
    findings = [*ignored, *(finding for part in parts.values() for finding in part.findings)]
    if len(shared) == len(parts):
        findings.append(Finding("municipalities-none", files.MUNICIPALITIES))
    line = None if unproven else _line(parts, erases=erases)
    if line is not None:
        findings += [_placed(finding, parts) for finding in check(line)]
    order = {file: place for place, file in enumerate(parts)}
    findings.sort(key=lambda each: (order.get(each.file, len(order)), each.line, each.code))
    reading = Reading(line, tuple(capped(findings)), unproven, _version(parts))
    return replace(reading, line=None) if reading.errors else reading


def _version(parts: Mapping[str, Part]) -> str:
    """Return what identifies the content of the files."""
    listed = "\n".join(f"{file} {part.source.digest}" for file, part in sorted(parts.items()))
    return sha256(listed.encode(errors="surrogateescape")).hexdigest()[:_VERSION]


def _line(parts: Mapping[str, Part], *, erases: bool) -> Line:
    """Make the line. A municipality whose file has an error is left out."""
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


def municipalities(home: Home) -> Mapping[str, Municipality]:
    """Return slug → municipality of each file that has no error of its own. Raises nothing."""
    try:
        present = home.municipalities()
    except OSError:
        return {}
    parts = {PurePosixPath(file).stem: _part(home, file, Cache()) for file in present}
    return {slug: part.value for slug, part in parts.items() if part.value is not None}


def names(home: Home) -> Mapping[str, str]:
    """Return slug → name of each municipality whose file has no error. Raises nothing."""
    return {slug: municipality.name for slug, municipality in municipalities(home).items()}


def known_names(cache: Cache) -> dict[str, str]:
    """Return slug → name of each municipality's file that was read, also of one with an error."""
    found: dict[str, str] = {}
    for file, (_, part) in cache.parts.items():
        content = part.source.value
        name = content.get("name") if isinstance(content, dict) else None
        if file.startswith(files.MUNICIPALITIES) and isinstance(name, str) and name.strip():
            found[PurePosixPath(file).stem] = name.strip()
    return found


def _placed(finding: Finding, parts: Mapping[str, Part]) -> Finding:
    """Return a finding of the checks with its path and line as the file has them."""
    part = parts.get(finding.file)
    if part is None:
        return finding
    path = part.source.place(finding.path)
    return replace(finding, path=path, line=part.source.line(path))


def _part(home: Home, file: str, cache: Cache) -> Part:
    """Read one file, or take it from the cache where its stamp is the same."""
    stamp = home.stamp(file)
    cached = cache.parts.get(file)
    if cached and cached[0] == stamp:
        return cached[1]
    part = _guarded(file, lambda: source.read(home.root / file, file))
    if not part.unread:
        cache.parts[file] = (stamp, part)
    return part


def _guarded(file: str, read: Callable[[], Source]) -> Part:
    """Make the part of a file. An unexpected error becomes a finding, so that it hides no other file."""
    try:
        return _read_part(read())
    except Exception as error:  # noqa: BLE001 - see the docstring
        return Part(Source(file), None, (broken(file, error),))


def _read_part(text: Source) -> Part:
    value, found = shapes.read(text, _type(text.file))
    findings = [*text.findings, *found, *_name(text.file)]
    return Part(text, None if any(f.severity is Severity.ERROR for f in findings) else value, tuple(findings))


def _type(file: str) -> Any:
    if file.startswith(files.MUNICIPALITIES):
        return Municipality
    return {files.SETTINGS: Settings, files.MENU: Menu, files.CLOSURE: Closure}.get(file, Prompts)


def _name(file: str) -> list[Finding]:
    """Check that a municipality's file is named <slug>.yaml. The slug becomes part of URLs."""
    if not file.startswith(files.MUNICIPALITIES):
        return []
    name = PurePosixPath(file)
    try:
        read_slug(name.stem)
    except PydanticCustomError:
        return [Finding("file-name", file, values={"text": name.name})]
    return [] if name.suffix == ".yaml" else [Finding("file-name", file, values={"text": name.name})]
