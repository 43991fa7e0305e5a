"""The home: the folder with all files that a coordinator edits."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.disk import reading
from ivr.model.files import CLOSURE, MENU, MUNICIPALITIES, SETTINGS, TELEPHONE, prompts
from ivr.model.languages import LANGUAGES
from ivr.model.limits import FOLDER_ENTRIES

Stamp = tuple[str, int, int]
"""A file's name, time of change (ns since the epoch) and size (bytes). A missing file has 0 and -1."""
Fingerprint = tuple[Stamp, ...]
"""The stamps of files."""
_READ: Final = (".yaml", ".yml")
_YAML: Final = re.compile(r"\.ya?ml\b", re.IGNORECASE)
_NOT_MEANT: Final = re.compile(
    r"\..*|.*~|~.*|#.*#|.*\.(?:bak|tmp|swp|orig|part)|(?:readme|leesmij)\b.*|thumbs\.db|desktop\.ini",
    re.IGNORECASE,
)
"""Names that editors and systems make by themselves, and explanations."""
_SHARED: Final = frozenset({SETTINGS, MENU, CLOSURE, TELEPHONE, *map(prompts, LANGUAGES)})


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
        return [file for file in self._listed(MUNICIPALITIES) if file.endswith(_READ)]

    def files(self) -> list[str]:
        """Return all files to read, in the order of their findings. Raises as `municipalities`."""
        return in_order(self.municipalities(), closed=(self.root / CLOSURE).exists())

    def unread(self) -> list[str]:
        """Return what somebody may believe to be read, though its name or its folder keeps it from that.

        Raises as `municipalities`.
        """
        own = [file for file in self._listed(MUNICIPALITIES) if not file.endswith(_READ)]
        beside: list[str] = []
        for folder in ("config", "prompts"):
            with suppress(OSError):  # the files that are read there are found by their names
                beside += (
                    file for file in self._listed(folder) if _YAML.search(file) and file not in _SHARED
                )
        return [file for file in (*beside, *own) if not _NOT_MEANT.fullmatch(file.rpartition("/")[2])]

    def _listed(self, folder: str) -> list[str]:
        return [f"{folder}/{name}" for name in reading.listed(self.root / folder, FOLDER_ENTRIES)]

    def fingerprint(self) -> Fingerprint:
        """Return the stamps of all files. They change with a file, its permissions and the list of files.

        Raises OSError where the folder of the municipalities cannot be listed.
        """
        try:
            # Of a file that is not read, its name is enough.
            unread = ((file, 0, 0) for file in self.unread())
            return (*(self.stamp(file) for file in self.files()), *unread)
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


def in_order(municipalities: Iterable[str], *, closed: bool) -> list[str]:
    """Return the names of all files of a home, in the order of their findings."""
    shared = [SETTINGS, MENU, *([CLOSURE] if closed else []), *map(prompts, LANGUAGES)]
    return [*shared, *sorted(municipalities)]
