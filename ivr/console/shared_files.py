"""Writes files that all municipalities share, as a version with its author."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ivr.config.versions import Kind, Outdated, Unrecorded, Unusable, Version, Versions
from ivr.console.context import outside, record
from ivr.console.viewer import signed_in
from ivr.disk.writing import write_whole
from ivr.model.files import SETTINGS
from ivr.store.acts import Action, Result

log = logging.getLogger(__name__)

_PATIENCE: Final = 3.0
"""Seconds for which a page waits for another program to finish its version."""


class Outcome(Enum):
    DONE = auto()
    UNRECORDED = auto()
    """The file is written, but is no version made here. The line keeps it as changed by hand."""
    OUTDATED = auto()
    """Nothing was written: the file is not any more what was shown."""
    UNWRITTEN = auto()
    """Nothing was written: the disk is full, another program holds the versions, or they are damaged."""

    @property
    def is_written(self) -> bool:
        return self in {Outcome.DONE, Outcome.UNRECORDED}


_RESULTS: Final = {Outcome.OUTDATED: Result.REFUSED, Outcome.UNWRITTEN: Result.FAILED}


@dataclass(frozen=True, slots=True)
class FileChange:
    file: str
    text: bytes | None
    """None: the file is removed."""
    action: Action
    reason: str = ""
    expected: Mapping[str, bytes | None] = field(default_factory=dict)
    """Files with the content that they must still have."""
    at_once: bool = False
    """Whether the file is written even if no version can be made."""


def write(change: FileChange) -> Outcome:
    """Write a file, keep that as a version, and add the act to the log."""
    outcome = _written(change)
    if outcome is Outcome.UNWRITTEN and change.at_once:
        outcome = _unrecorded(change.file, change.text)
    note(change.action, change.file, _RESULTS.get(outcome, Result.DONE))
    return outcome


def note(action: Action, file: str, result: Result = Result.DONE) -> None:
    """Add an act to the log. Where that fails after a file was written, it is told in the program's log."""
    try:
        record(action, file, result)
    except SQLAlchemyError as error:
        log.error("an act is not in the log of acts: %s", type(error).__name__)  # noqa: TRY400


def _written(change: FileChange) -> Outcome:
    draft = Version(Kind.CONSOLE, signed_in().name, outside().clock(), reason=change.reason)
    try:
        Versions(outside().home).record(
            {change.file: change.text}, draft, expected=change.expected, patience=_PATIENCE
        )
    except Outdated:
        return Outcome.OUTDATED
    except Unrecorded as error:
        log.error("a file was written, and is no version: %s", error)  # noqa: TRY400 - the text says why
        return Outcome.UNRECORDED
    except (Unusable, OSError) as error:
        log.error("a file could not be written: %s", type(error).__name__)  # noqa: TRY400
        return Outcome.UNWRITTEN
    return Outcome.DONE


def _unrecorded(file: str, text: bytes | None) -> Outcome:
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
