"""An archive of the last files that were read without an error.

A process that starts while a file of the home has an error reads the archive instead.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile, ZipInfo

from pydantic import TypeAdapter

from ivr.checks.confirmations import Confirmations
from ivr.config.home import Fingerprint, Home
from ivr.config.reading import Reading
from ivr.disk import reading
from ivr.disk.writing import write_whole
from ivr.model.limits import FILE_BYTES
from ivr.model.line import Line

log = logging.getLogger(__name__)

_FILE: Final = "last-good.zip"
_CONFIRMATIONS: Final = "confirmed.json"
"""In the archive, beside the files of the home."""
_FORM: Final = TypeAdapter(Confirmations)


class _Changed(Exception):
    """A file changed after it was read."""


class LastGood:
    """The archive, in a folder that all processes of a line share."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._saved: Fingerprint | None = None
        """Of the files that this process saved last."""
        self._known: int | None = None
        """The archive's modification time (ns) when this process wrote or read it last."""
        self._failed = False
        """The last save failed, and that is in the log."""

    def save(self, home: Home, seen: Fingerprint, known: Confirmations | None = None) -> None:
        """Save the files of a home whose fingerprint is `seen`, and what is known of its contacts.

        Raises nothing; the next call tries again.

        Where a file has changed since, nothing is saved: the caller reads the files again anyway.
        """
        if seen == self._saved:
            return
        archive = BytesIO()

        def unchanged(_: Path) -> None:
            if home.fingerprint() != seen:
                raise _Changed

        try:
            with ZipFile(archive, "w") as files:
                for file in home.files():
                    files.writestr(ZipInfo(file), reading.read(home.root / file, FILE_BYTES))
                files.writestr(ZipInfo(_CONFIRMATIONS), _FORM.dump_json(known or Confirmations()))
            write_whole(self._path, archive.getvalue(), verify=unchanged)
            self._known = self._path.stat().st_mtime_ns
            self._saved, self._failed = seen, False
        except _Changed:
            pass
        except Exception as error:  # noqa: BLE001 - the line works without the archive
            if not self._failed:
                log.error("the good reading could not be kept: %s", type(error).__name__)  # noqa: TRY400
            self._failed = True

    def confirmations(self) -> Confirmations | None:
        """Return what was known of the contacts; None where it cannot be used. Writes and raises nothing."""
        try:
            with ZipFile(self._path) as files:
                return _FORM.validate_json(files.read(_CONFIRMATIONS))
        except Exception as error:  # noqa: BLE001 - as of `load`
            log.debug("no confirmations were kept: %s", type(error).__name__)
            return None

    def load(self, read: Callable[[Home], Reading]) -> tuple[Line, str, datetime] | None:
        """Read the archive with `read`; return its line, its version, and when it was saved (UTC).

        None where this process wrote or loaded the archive already, or it cannot be used. Raises nothing.
        """
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._known:
                return None
            self._known = changed
            saved_at = datetime.fromtimestamp(changed / 1e9, UTC)
            with (
                TemporaryDirectory(prefix=".reading-", dir=self._path.parent) as folder,
                ZipFile(self._path) as files,
            ):
                files.extractall(folder)
                found = read(Home(Path(folder)))
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - a damaged archive raises many kinds of exceptions
            log.error("what was kept of the last good reading cannot be used: %s", type(error).__name__)  # noqa: TRY400
            return None
        return (found.line, found.version, saved_at) if found.line else None
