"""The folder that holds everything a coordinator edits."""

import os
from dataclasses import dataclass
from pathlib import Path

from ivr.disk import reading
from ivr.model.files import CLOSURE, MENU, MUNICIPALITIES, SETTINGS, prompts
from ivr.model.languages import LANGUAGES
from ivr.model.limits import FOLDER_ENTRIES

Fingerprint = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Home:
    """A home and where its files are; names of files are relative to it, as findings show them."""

    root: Path

    @property
    def audio(self) -> Path:
        return self.root / "audio"

    def municipalities(self) -> list[str]:
        """The municipalities' files, in order of name. Raises reading.Crowded and other OSErrors."""
        names = reading.listed(self.root / MUNICIPALITIES, FOLDER_ENTRIES)
        return [f"{MUNICIPALITIES}/{name}" for name in names if name.endswith((".yaml", ".yml"))]

    def files(self) -> list[str]:
        """All files of a reading, in the order in which findings are shown. Raises as `municipalities`."""
        closed = [CLOSURE] if (self.root / CLOSURE).exists() else []
        return [
            SETTINGS,
            MENU,
            *closed,
            *(prompts(language) for language in LANGUAGES),
            *self.municipalities(),
        ]

    def fingerprint(self) -> Fingerprint:
        """What changes when a file or its permissions do: name, time of change (ns) and size of each."""
        try:
            return tuple(self.stamp(file) for file in self.files())
        except reading.Crowded:
            return (self.stamp(MUNICIPALITIES),)

    def stamp(self, file: str) -> tuple[str, int, int]:
        try:
            # A thousand each second: pathlib takes three times as long.
            found = os.stat(f"{self.root}/{file}")  # noqa: PTH116
        except OSError:
            return file, 0, -1
        return file, found.st_ctime_ns, found.st_size
