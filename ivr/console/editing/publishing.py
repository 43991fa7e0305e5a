"""Puts a municipality's file in its place, as a version with its author, and asks the line for it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from flask import flash
from sqlalchemy.exc import SQLAlchemyError

from ivr.config.versions import Kind, Outdated, Unrecorded, Unusable, Version, Versions
from ivr.console.context import outside, reading, record
from ivr.console.editing.line_version import LineAnswer, ask_line
from ivr.console.editing.state import digest
from ivr.console.viewer import signed_in
from ivr.console.words import say
from ivr.model.files import municipality
from ivr.store.acts import Action, Result

log = logging.getLogger(__name__)

_PATIENCE: Final = 3.0
"""Seconds for which a page waits for another program to finish its version."""


class Outcome(Enum):
    DONE = auto()
    UNRECORDED = auto()
    """The file is published, but is no version."""
    OUTDATED = auto()
    """Nothing was written: the file is not any more what was shown."""
    UNWRITTEN = auto()
    """Nothing was written: the disk is full, another program holds the versions, or they are damaged."""


@dataclass(frozen=True, slots=True)
class Write:
    """What to put in the place of a municipality's file."""

    slug: str
    expected: bytes | None
    """What the file must still be."""
    text: bytes
    action: Action
    kind: Kind = Kind.CONSOLE
    reason: str = ""
    restored: str = ""


def publish(write: Write) -> Outcome:
    """Write the file and keep it as a version; add the act to the log."""
    file = municipality(write.slug)
    draft = Version(
        write.kind, signed_in().name, outside().clock(), reason=write.reason, restored=write.restored
    )
    try:
        Versions(outside().home).record(
            {file: write.text}, draft, expected={file: write.expected}, patience=3
        )
    except Outdated:
        outcome = Outcome.OUTDATED
    except Unrecorded as error:
        log.error("a file was published, and is no version: %s", error)  # noqa: TRY400 - the text says why
        outcome = Outcome.UNRECORDED
    except (Unusable, OSError) as error:
        log.error("a file could not be published: %s", type(error).__name__)  # noqa: TRY400
        outcome = Outcome.UNWRITTEN
    else:
        outcome = Outcome.DONE
    note(write.action, write.slug, _result(outcome))
    return outcome


def note(action: Action, slug: str, result: Result = Result.DONE) -> None:
    """Add an act to the log. Where that fails after a file was written, it is told in the program's log."""
    try:
        record(action, slug, result)
    except SQLAlchemyError as error:
        log.error("an act is not in the log of acts: %s", type(error).__name__)  # noqa: TRY400


def tell(outcome: Outcome) -> None:
    """Tell after a file was published whether it is a version, and whether the line uses it."""
    if outcome is Outcome.UNRECORDED:
        flash(say("publish.unrecorded"), "warning")
    found = reading()
    if found.errors:
        flash(say("publish.held-up"), "warning")
        return
    match ask_line(outside().line_url, found.version):
        case LineAnswer.USES:
            flash(say("publish.live"), "ok")
        case LineAnswer.OLDER:
            flash(say("publish.older"), "warning")
        case LineAnswer.AWAY:
            flash(say("publish.away"), "warning")


def current(slug: str) -> bytes | None:
    """Return a municipality's file as it is now; None where there is none. Raises OSError."""
    return Versions(outside().home).current(municipality(slug))


@dataclass(frozen=True, slots=True)
class Since:
    """What others did to a file since it had a certain content."""

    base: str | None
    """The file as it was then; None where that is not known."""
    versions: list[Version]
    """Those since, the newest first; empty where nobody kept one yet, or none is known."""


def since(slug: str, base: str) -> Since:
    """Return what others did to a file since its digest was `base`."""
    versions, file = Versions(outside().home), municipality(slug)
    later: list[Version] = []
    with _told():
        for each in versions.listed(slug):
            text = versions.text(each, file)
            if text is not None and digest(text) == base:
                return Since(text.decode(errors="replace"), later)
            later.append(each)
    return Since(None, [])


@contextmanager
def _told() -> Iterator[None]:
    """Go on without what damaged versions do not tell."""
    try:
        yield
    except Unusable as error:
        log.error("the versions cannot be read: %s", error)  # noqa: TRY400 - the text says why


def _result(outcome: Outcome) -> Result:
    match outcome:
        case Outcome.DONE | Outcome.UNRECORDED:
            return Result.DONE
        case Outcome.OUTDATED:
            return Result.REFUSED
        case Outcome.UNWRITTEN:
            return Result.FAILED
