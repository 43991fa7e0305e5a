"""The files of the last good reading, on disk: who starts while one of the home's has an error uses these."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile, ZipInfo

from ivr.config.home import Fingerprint, Home
from ivr.config.reading import Reading
from ivr.disk import reading
from ivr.disk.writing import write_whole
from ivr.model.limits import FILE_BYTES
from ivr.model.line import Line

log = logging.getLogger(__name__)

_FILE: Final = "last-good.zip"


class _Changed(Exception):
    """The files are not those that were read any more."""


class LastGood:
    """What the processes of a line kept last, in a folder that they share."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._seen: Fingerprint | None = None
        self._known: int | None = None
        """The archive's time of change (ns) as this process wrote or read it."""
        self._failed = False

    def keep(self, home: Home, seen: Fingerprint) -> None:
        """Keep a home's files as they were read, by their fingerprint. What fails, the next call tries again.

        Files that have changed meanwhile are not kept: another reading follows.
        """
        if seen == self._seen:
            return
        archive = BytesIO()

        def unchanged(_: Path) -> None:
            if home.fingerprint() != seen:
                raise _Changed

        try:
            with ZipFile(archive, "w") as files:
                for file in home.files():
                    files.writestr(ZipInfo(file), reading.read(home.root / file, FILE_BYTES))
            write_whole(self._path, archive.getvalue(), verify=unchanged)
            self._known = self._path.stat().st_mtime_ns
            self._seen, self._failed = seen, False
        except _Changed:
            pass
        except Exception as error:  # noqa: BLE001 - the line runs on without
            if not self._failed:
                log.error("the good reading could not be kept: %s", type(error).__name__)  # noqa: TRY400
            self._failed = True

    def line(self, read: Callable[[Home], Reading]) -> tuple[Line, datetime] | None:
        """The line of what another process kept, and since when; None where nothing is new to this one."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._known:
                return None
            self._known = changed
            since = datetime.fromtimestamp(changed / 1e9, UTC)
            with (
                TemporaryDirectory(prefix=".reading-", dir=self._path.parent) as folder,
                ZipFile(self._path) as files,
            ):
                files.extractall(folder)
                line = read(Home(Path(folder))).line
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - a damaged archive raises whatever it likes
            log.error("what was kept of the last good reading cannot be used: %s", type(error).__name__)  # noqa: TRY400
            return None
        return (line, since) if line else None
