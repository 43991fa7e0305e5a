"""The home: the folder with all files that a coordinator edits."""

import os
from dataclasses import dataclass
from pathlib import Path

from ivr.disk import reading
from ivr.model.files import CLOSURE, MENU, MUNICIPALITIES, SETTINGS, prompts
from ivr.model.languages import LANGUAGES
from ivr.model.limits import FOLDER_ENTRIES

Stamp = tuple[str, int, int]
"""A file's name, time of change (ns since the epoch) and size (bytes). A missing file has 0 and -1."""
Fingerprint = tuple[Stamp, ...]
"""The stamps of files."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home and the names of its files. Names are relative to the home, as in findings."""

    root: Path

    @property
    def audio(self) -> Path:
        """The folder of recordings and built speech."""
        return self.root / "audio"

    def municipalities(self) -> list[str]:
        """Return the municipalities' files, in order of name.

        Raises reading.Crowded where there are more than FOLDER_ENTRIES, and other OSErrors.
        """
        names = reading.listed(self.root / MUNICIPALITIES, FOLDER_ENTRIES)
        return [f"{MUNICIPALITIES}/{name}" for name in names if name.endswith((".yaml", ".yml"))]

    def files(self) -> list[str]:
        """Return all files to read, in the order of their findings. Raises as `municipalities`."""
        closed = [CLOSURE] if (self.root / CLOSURE).exists() else []
        return [
            SETTINGS,
            MENU,
            *closed,
            *(prompts(language) for language in LANGUAGES),
            *self.municipalities(),
        ]

    def fingerprint(self) -> Fingerprint:
        """Return the stamps of all files. They change with a file, its permissions and the list of files.

        Raises OSError where the folder of the municipalities cannot be listed.
        """
        try:
            return tuple(self.stamp(file) for file in self.files())
        except reading.Crowded:
            return (self.stamp(MUNICIPALITIES),)

    def stamp(self, file: str) -> Stamp:
        """Return the stamp of one file. Raises nothing."""
        try:
            # Called for up to a thousand files each second; pathlib takes three times as long.
            found = os.stat(f"{self.root}/{file}")  # noqa: PTH116
        except OSError:
            return file, 0, -1
        return file, found.st_ctime_ns, found.st_size
