"""Examinations of the installation: built speech, confirmed contacts, disks and the database."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ivr.dialogue import all_phrases
from ivr.doctor.examination import examination
from ivr.doctor.result import Result, Status
from ivr.doctor.surroundings import Surroundings
from ivr.model import files
from ivr.model.limits import CONFIRMED_DAYS, DISK_ERROR_BYTES, DISK_WARNING_BYTES
from ivr.speech.inventory import survey, unplayed

_UNCONFIRMED: Final = frozenset({"contact-stale", "contact-unconfirmed", "number-changed"})
_MEGABYTE: Final = 10**6


@examination("audio")
def speech_is_up_to_date(surroundings: Surroundings) -> Iterator[Result]:
    """Each text has a speech file, or else Twilio speaks it. Each file can be played and is in use."""
    line, audio = surroundings.line, surroundings.audio
    kinds = Counter(state.kind for state in survey(all_phrases.everything(line), audio))
    if kinds["missing"]:
        values = {"count": str(kinds["missing"]), "all": str(kinds.total())}
        yield Result("audio-missing", Status.WARNING, values)
    for finding in unplayed(line, audio):
        about = {"file": finding.file}
        stale = finding.code == "audio-stale"
        yield (
            Result("audio", Status.WARNING, about) if stale else Result("audio-broken", Status.WARNING, about)
        )


@examination("contacts")
def contacts_were_confirmed(surroundings: Surroundings) -> Iterator[Result]:
    """Each contact was confirmed within CONFIRMED_DAYS, those of examples left out."""
    examples = {
        files.municipality(slug) for slug, each in surroundings.line.municipalities.items() if each.example
    }
    for finding in surroundings.findings:
        if finding.code in _UNCONFIRMED and finding.file not in examples:
            values = {"file": finding.file, "line": str(finding.line), "days": str(CONFIRMED_DAYS)}
            yield Result("contacts", Status.WARNING, values)


@examination("disk")
def disks_have_room(surroundings: Surroundings) -> Iterator[Result]:
    """Examine each disk once, however many of the folders are on it."""
    disks = {(found := _nearest(folder)).stat().st_dev: found for folder in reversed(surroundings.folders)}
    for folder in disks.values():
        free = surroundings.free(folder)
        if free < DISK_WARNING_BYTES:
            status = Status.ERROR if free < DISK_ERROR_BYTES else Status.WARNING
            yield Result("disk", status, {"folder": str(folder), "free": str(free // _MEGABYTE)})


def _nearest(folder: Path) -> Path:
    """Return a folder, or its nearest parent that exists."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())


@examination("database")
def database_is_reached(surroundings: Surroundings) -> Iterator[Result]:
    """The database accepts a connection and a query."""
    try:
        surroundings.database()
    except Exception as error:  # noqa: BLE001 - each database driver has its own exceptions
        yield Result("database", Status.ERROR, {"why": type(error).__name__})
