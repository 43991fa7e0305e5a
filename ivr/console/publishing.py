"""Puts a file of the home in its place, as a version with its author, and asks the line for it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from flask import flash

from ivr.config.versions import Kind, Outdated, Unrecorded, Unusable, Version, Versions
from ivr.console.context import note, outside, reading
from ivr.console.editing.line_version import LineAnswer, ask_line
from ivr.console.viewer import signed_in
from ivr.console.words import say
from ivr.disk.writing import write_whole
from ivr.model.files import SETTINGS
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

    @property
    def is_written(self) -> bool:
        return self in {Outcome.DONE, Outcome.UNRECORDED}


_RESULTS: Final = {Outcome.OUTDATED: Result.REFUSED, Outcome.UNWRITTEN: Result.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    file: str
    text: bytes | None
    """None: the file is removed."""
    action: Action
    object: str
    """What the log of acts says it was done to."""
    changed: Sequence[str] = ()
    """Settings that differ, for the log of acts."""
    expected: Mapping[str, bytes | None] = field(default_factory=dict)
    """Files with the content that they must still have."""
    kind: Kind = Kind.CONSOLE
    reason: str = ""
    restored: str = ""
    at_once: bool = False
    """Whether the file is written even if no version can be made."""


def write(change: FileChange) -> Outcome:
    """Write a file, keep that as a version, and add the act to the log."""
    outcome, version = _written(change)
    if outcome is Outcome.UNWRITTEN and change.at_once:
        outcome = _unrecorded(change.file, change.text)
    changed = change.changed if outcome.is_written else ()
    note(change.action, change.object, _RESULTS.get(outcome, Result.DONE), changed=changed, version=version)
    return outcome


def tell(outcome: Outcome, done: str | None = None) -> None:
    """Tell after a file was published whether it is a version, and whether the line uses it.

    `done`: what to say where the line uses it.
    """
    if outcome is Outcome.UNRECORDED:
        flash(say("publish.unrecorded"), "warning")
    found = reading()
    if found.errors:
        flash(say("publish.held-up"), "warning")
        return
    match ask_line(outside().line_url, found.version):
        case LineAnswer.USES:
            flash(done or say("publish.live"), "ok")
        case LineAnswer.OLDER:
            flash(say("publish.older"), "warning")
        case LineAnswer.AWAY:
            flash(say("publish.away"), "warning")


def _written(change: FileChange) -> tuple[Outcome, str]:
    """Write a file and keep that as a version. Return its id too; empty where there is none."""
    draft = Version(
        change.kind, signed_in().name, outside().clock(), reason=change.reason, restored=change.restored
    )
    try:
        kept = Versions(outside().home).record(
            {change.file: change.text}, draft, expected=change.expected, patience=_PATIENCE
        )
    except Outdated:
        return Outcome.OUTDATED, ""
    except Unrecorded as error:
        log.error("a file was published, and is no version: %s", error)  # noqa: TRY400 - the text says why
        return Outcome.UNRECORDED, ""
    except (Unusable, OSError) as error:
        log.error("a file could not be published: %s", type(error).__name__)  # noqa: TRY400
        return Outcome.UNWRITTEN, ""
    return Outcome.DONE, kept.id if kept else ""


def _unrecorded(file: str, text: bytes | None) -> Outcome:
    """Write a file without a version. The line keeps it as changed by hand."""
    root = outside().home.root
    try:
        if text is None:
            (root / file).unlink(missing_ok=True)
        else:
            write_whole(root / file, text, like=root / SETTINGS)
    except OSError as error:
        log.error("a file could not be written: %s", type(error).__name__)  # noqa: TRY400
        return Outcome.UNWRITTEN
    return Outcome.UNRECORDED
