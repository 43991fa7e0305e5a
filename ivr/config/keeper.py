"""Makes each good reading of a line a version, in a thread that no call and no reading waits for."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from ivr.config.home import Fingerprint, Home
from ivr.config.versions import Busy, Unusable, Versions
from ivr.model.files import VERSIONS
from ivr.model.findings import Finding, Severity

AGAIN_SECONDS: Final = 30.0
"""Pause after a failure."""
LATE_SECONDS: Final = 60.0
"""For which a version may wait for the disk, or for another process, before that is told."""


class Keeper:
    """Keeps good readings as versions. One thread calls `keep`; another one reads `finding`."""

    def __init__(
        self, home: Home, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._home, self._clock, self._monotonic = home, clock, monotonic
        self._versions = Versions(home)
        self._kept: Fingerprint | None = None
        """Of the files that are a version, as far as this process knows."""
        self._since: float | None = None
        """When this process first tried to keep the files that are not yet a version (monotonic seconds)."""
        self._again = 0.0
        """When the next try may begin (monotonic seconds)."""
        self._why = ""
        """Why the last try failed; empty where it did not."""

    @property
    def finding(self) -> Finding | None:
        """A warning where a good reading could not be kept; None where all is well."""
        since = self._since
        late = since is not None and self._monotonic() - since > LATE_SECONDS
        why = self._why or ("timeout" if late else "")
        return (
            Finding("version-unkept", VERSIONS, values={"why": why}, severity=Severity.WARNING)
            if why
            else None
        )

    def keep(self, seen: Fingerprint) -> None:
        """Keep the files of a good reading whose fingerprint is `seen`. Raises nothing: call it again.

        Where a file has changed since, nothing is kept: the line reads the files again anyway.
        """
        if seen == self._kept or self._monotonic() < self._again:
            return
        if self._since is None:
            self._since = self._monotonic()
        try:
            self._versions.keep(self._clock(), lambda: self._home.fingerprint() == seen)
        except Busy:
            return
        except Unusable as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - the line works without versions
            self._fail(type(error).__name__)
        else:
            self._kept, self._since, self._why = seen, None, ""

    def _fail(self, why: str) -> None:
        self._why, self._again = why, self._monotonic() + AGAIN_SECONDS
