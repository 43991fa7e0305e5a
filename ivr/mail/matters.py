"""Matters: what wants doing, as far as a mail may say it.

A matter has no text of a file, because that may be a number or a name: only its kind, and where it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any, Final

from pydantic_core import PydanticCustomError

from ivr.model import files
from ivr.model.fields import read_slug
from ivr.model.findings import Finding, Path, Severity, field_of
from ivr.model.languages import LANGUAGES
from ivr.model.municipality import Contact, Municipality
from ivr.model.shape import Shape

OPERATOR: Final = ""
"""In place of a slug: matters of the whole line, which its operator is told of."""


class Kind(Enum):
    """What wants doing. The values are stored, and are parts of the names of texts (`mail-<value>`)."""

    CONFIRM = "confirm"
    """Nobody has checked a contact's number for a long time, or ever."""
    RING_CHECK = "ring-check"
    """A contact was called to check its number, and did not confirm it."""
    ERROR = "error"
    """A file has an error, so that the line does not use it."""
    GAP = "gap"
    """Nobody is rung at hours at which somebody usually is."""
    ENDED = "ended"
    """A contact's last day has passed."""
    CHANGED = "changed"
    """Somebody else changed the file. The only kind that does not last."""
    FAILED = "failed"
    """A service of the machine failed."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that wants doing."""

    kind: Kind
    place: str = ""
    """The setting, as `contacts[1].number`, or the service; empty: the file as a whole."""
    mark: str = ""
    """Tells it from a later matter of the same kind and place; never shown."""
    line: int | None = None
    """Of the place in its file, from 1. It is no part of what the matter is: lines move."""
    author: str = ""
    """Mail address of who changed the file (CHANGED), so that he is not told himself; never shown."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a municipality's file that somebody made: not the line itself."""

    moment: datetime
    """Aware."""
    author: str
    """The mail address of who made it; empty where it is not known."""
    slug: str
    told_before: tuple[str, ...] = ()
    """Who was to be told before the change, which may have taken their addresses out."""


Matters = Mapping[str, tuple[Matter, ...]]
"""Slug, or OPERATOR → its matters."""

_DEPTH: Final = 4
"""Parts of the longest place: `contacts[1].name.nl`."""
_KINDS: Final = {
    "contact-unconfirmed": Kind.CONFIRM,
    "contact-stale": Kind.CONFIRM,
    "number-changed": Kind.CONFIRM,
    "gap": Kind.GAP,
    "gap-open": Kind.GAP,
    "until-passed": Kind.ENDED,
}
"""Code of a warning → the kind of matter that it is. Other warnings are not mailed."""


def of_findings(findings: Iterable[Finding]) -> Matters:
    """The matters among findings: all errors, and the warnings that somebody should do something about."""
    found: dict[str, dict[tuple[object, ...], Matter]] = {}
    for finding in findings:
        kind = Kind.ERROR if finding.severity is Severity.ERROR else _KINDS.get(finding.code)
        if kind is None:
            continue
        slug = slug_of(finding.file)
        # Of a shared file the file itself is the place: there is one mail for all of them.
        place = setting(finding.path) if slug else _shown(finding.file)
        mark = _end(finding) if kind is Kind.GAP else ""
        found.setdefault(slug, {}).setdefault(
            (kind, place, mark), Matter(kind, place, mark, finding.line if slug else None)
        )
    return {slug: tuple(matters.values()) for slug, matters in found.items()}


def _end(gap: Finding) -> str:
    """The mark of a gap: its end stays the same while its days pass, its start does not."""
    until = gap.values.get("until")
    return f"{until:%d-%m-%Y %H:%M}" if isinstance(until, datetime) else "open"


def of_changes(changes: Iterable[Change]) -> Matters:
    """The matters that changes are."""
    found: dict[str, list[Matter]] = {}
    for change in changes:
        mark = change.moment.astimezone(UTC).isoformat(timespec="seconds")
        found.setdefault(change.slug, []).append(Matter(Kind.CHANGED, mark=mark, author=change.author))
    return {slug: tuple(matters) for slug, matters in found.items()}


def together(*several: Matters) -> Matters:
    """All matters of several sources."""
    slugs = dict.fromkeys(slug for each in several for slug in each)
    return {slug: tuple(matter for each in several for matter in each.get(slug, ())) for slug in slugs}


def slug_of(file: str) -> str:
    """The slug of a municipality's file, or OPERATOR for any other file and for a name that is no slug."""
    path = PurePosixPath(file)
    if str(path.parent) != files.MUNICIPALITIES or path.suffix != ".yaml":
        return OPERATOR
    try:
        return read_slug(path.stem)
    except PydanticCustomError:
        return OPERATOR


def setting(path: Path) -> str:
    """A place in a municipality's file as `contacts[1].number`.

    It ends before the first part that is no setting of ours: a coordinator may have typed anything there.
    """
    return field_of(tuple(takewhile(lambda part: isinstance(part, int) or part in _SETTINGS, path[:_DEPTH])))


def _names(shape: type[Shape]) -> set[str]:
    fields: Mapping[str, Any] = shape.model_fields
    return {field.alias or name for name, field in fields.items()}


_SETTINGS: Final = _names(Municipality) | _names(Contact) | set(LANGUAGES)
_SHARED: Final = frozenset({files.SETTINGS, files.MENU, files.CLOSURE, *map(files.prompts, LANGUAGES)})


def _shown(file: str) -> str:
    """The name of a file as a mail may say it: a file of a municipality may have any name."""
    return file if file in _SHARED else files.MUNICIPALITIES
