"""Puts an older version of a municipality's file back, as a new version."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ivr.config import source
from ivr.config.confirming import Unwritten, with_day
from ivr.config.home import Home
from ivr.config.reading import Reading
from ivr.config.versions import Texts, Version, Versions
from ivr.model.files import municipality
from ivr.model.findings import Finding
from ivr.model.numbers import read_endpoint

_KEY: Final = rb"[ \t]*[\"']?confirmed[\"']?[ \t]*:"
_CONFIRMED: Final = re.compile(rb"(?m)^" + _KEY + rb".*\n?|," + _KEY + rb"[^,}\n]*")
"""The setting, on a line of its own or inline."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """A municipality's file as it would be after an older version was put back."""

    file: str
    version: Version
    """The version that is put back: the one that made the file what it was then."""
    before: bytes | None
    """The file as it is now; None where there is none."""
    since: bytes
    """The file as it would be, with the days on which numbers were confirmed meanwhile."""


def restoration(versions: Versions, slug: str, today: date, to: Version | None = None) -> Restoration | None:
    """Return a municipality's file of an older version; None where there is no such version.

    `to`: a version of the home; by default the one before the file became what it is now. After an undo it is
    the one before that which was put back, so that a second undo goes back further. `today`: no later day
    counts as confirmed. Raises Unusable, and OSError where the file cannot be read.
    """
    file = municipality(slug)
    history = versions.listed(slug)
    before = versions.current(file)
    if to is None:
        version = _previous(history, before, lambda each: versions.text(each, file))
    else:
        every = versions.listed()
        earlier = every[every.index(to) :] if to in every else []
        version = next((each for each in earlier if file in each.files), None)
    text = versions.text(version, file) if version else None
    if version is None or text is None:
        return None
    newer = (versions.text(each, file) for each in history[: history.index(version)])
    return Restoration(file, version, before, _with_days(text, [before, *newer], today))


def reading_with(home: Home, texts: Texts, read: Callable[[Home], Reading]) -> Reading:
    """Return the reading of a home as it would be with other texts of some files.

    Raises OSError where no folder for it can be made.
    """
    with TemporaryDirectory(prefix="balielijn-") as folder:
        root = Path(folder)
        for file in {*home.files(), *texts}:
            text = texts.get(file)
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                (root / file).write_bytes(text)
            elif file not in texts:
                (root / file).symlink_to((home.root / file).absolute())
        return read(Home(root))


def new_errors(now: Reading, then: Reading) -> tuple[Finding, ...]:
    """Return the errors that a home would have and does not have now.

    An error that another file has already keeps nobody from putting a file back.
    """
    known = {(finding.file, finding.path, finding.code) for finding in now.errors}
    return tuple(each for each in then.errors if (each.file, each.path, each.code) not in known)


def _previous(
    history: list[Version], now: bytes | None, text: Callable[[Version], bytes | None]
) -> Version | None:
    """Return the version before the file became what it is now. Days of confirmation make no difference."""
    place = 0
    if history and _undated(text(history[0])) == _undated(now):
        ids = [each.id for each in history]
        while history[place].restored in ids[place + 1 :]:
            place = ids.index(history[place].restored)
    return next(
        (
            each
            for each in history[place:]
            if (old := text(each)) is not None and _undated(old) != _undated(now)
        ),
        None,
    )


def _undated(text: bytes | None) -> bytes | None:
    return None if text is None else _CONFIRMED.sub(b"", text).rstrip()


def _with_days(text: bytes, newer: Iterable[bytes | None], today: date) -> bytes:
    """Return a text with the last day on which each of its numbers was confirmed, in it or in newer texts."""
    confirmed: dict[str, date] = {}
    for each in newer:
        for number, day in _days(each):
            if day and day <= today:
                confirmed[number] = max(day, confirmed.get(number, day))
    try:
        result = text.decode("utf-8")
        for number, own in _days(text):
            if number in confirmed and (own is None or own < confirmed[number]):
                result = with_day(result, number, confirmed[number])
    except (UnicodeDecodeError, Unwritten):
        return text
    return result.encode()


def _days(text: bytes | None) -> Iterator[tuple[str, date | None]]:
    """Yield number and day of `confirmed` of each contact. The file may have findings."""
    value = source.parse((text or b"").decode("utf-8-sig", errors="replace"), "").value
    contacts = value.get("contacts") if isinstance(value, dict) else None
    for contact in contacts if isinstance(contacts, list) else ():
        if not isinstance(contact, dict):
            continue
        number, day = str(contact.get("number")), str(contact.get("confirmed"))
        with suppress(ValueError):
            yield read_endpoint(number), date.fromisoformat(day) if "confirmed" in contact else None
