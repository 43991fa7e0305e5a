"""What the versions tell of the contacts: which day of confirmation was written for which number.

The line remembers it from one good reading to the next (`live.py`). The console cannot see what the line
remembers.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from ivr.checks.confirmations import Confirmations, confirmations
from ivr.config import shapes, source
from ivr.config.home import Home
from ivr.config.versions import Unusable, Version, Versions
from ivr.model.files import slug_of
from ivr.model.limits import CONFIRMED_DAYS
from ivr.model.municipality import Municipality

_LOOKED_BACK: Final = timedelta(days=CONFIRMED_DAYS + 10)
"""An older day of confirmation is told anyway, whoever's it is."""


class ConfirmationHistory:
    """Reads the versions once, and at each further call those that are new. For one thread at a time."""

    def __init__(self, home: Home) -> None:
        self._versions = Versions(home)
        self._known = Confirmations()
        self._seen = ""
        """Id of the newest version that was read."""

    def __call__(self, now: datetime) -> Confirmations | None:
        """Return what was known of the contacts when the newest version was made; None where there is none.

        Raises nothing. `now`: in the line's time zone. Versions that cannot be read tell nothing more.
        """
        with suppress(Unusable):  # the page of the versions tells of it
            self._read(now)
        return self._known if self._seen else None

    def _read(self, now: datetime) -> None:
        since = now - _LOOKED_BACK
        found = self._versions.down_to(lambda each: each.id == self._seen or each.moment < since)
        if not found or found[0].id == self._seen:
            return
        *newer, oldest = found
        if oldest.id != self._seen:
            # Of the oldest version every file tells, of a newer one those that it changed.
            self._known = Confirmations()
            self._add(oldest, self._versions.texts(oldest), now)
        for version in reversed(newer):
            texts = {file: self._versions.text(version, file) for file in version.files if slug_of(file)}
            self._add(version, texts, now)
        self._seen = found[0].id

    def _add(self, version: Version, texts: Mapping[str, bytes | None], now: datetime) -> None:
        day = version.moment.astimezone(now.tzinfo).date()
        for file, text in texts.items():
            slug = slug_of(file)
            municipality = _municipality(text) if slug else None
            if municipality is not None:
                self._know(slug, municipality, day)

    def _know(self, slug: str, municipality: Municipality, day: date) -> None:
        new = confirmations({slug: municipality}, self._known, day)
        self._known = Confirmations({**self._known.own, **new.own}, {**self._known.taken, **new.taken})


def _municipality(text: bytes | None) -> Municipality | None:
    """Return the municipality in a file; None where there is no such file, or it has an error."""
    return None if text is None else shapes.read(source.of_bytes(text, ""), Municipality)[0]
