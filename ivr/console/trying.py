"""What a change of one file would do, with the other files as they will be once none of them has an error.

While a file that all municipalities share has an error, nothing is checked across files. A change that nobody
checked would keep the line from all later changes as soon as that error is gone. So the others are then read
as they last were without an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ivr.config.reading import Reading
from ivr.config.restoring import new_errors
from ivr.config.versions import Unusable, Versions
from ivr.console.context import current_reading, outside, reading
from ivr.model.findings import Finding

_TRIED: Final = 100
"""Versions that are looked at, at most."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A reading of the home with another text of one file."""

    file: str
    before: Reading
    """With the file as it is."""
    after: Reading
    held_up: bool
    """Whether another file has an error, so that the line does not use the change yet."""

    @property
    def errors_elsewhere(self) -> list[Finding]:
        """The errors that the change brings in other files."""
        return [each for each in new_errors(self.before, self.after) if each.file != self.file]

    @property
    def unproven(self) -> bool:
        """Whether an error in a shared file kept the change from being checked."""
        return any(each != self.file for each in self.after.unproven)


def tried(file: str, text: bytes) -> Trial:
    """Read the home with another text of a file. Raises OSError."""
    live = reading()
    good = _good_texts(file, live)
    before = current_reading().with_texts(good) if good else live
    after = current_reading().with_texts({**good, file: text})
    return Trial(file, before, after, any(each.file != file for each in live.errors))


def _good_texts(own: str, live: Reading) -> Mapping[str, bytes | None]:
    """Return the files with an error, but for `own`, with their texts of a version that had none in them.

    Of all such versions it is the newest. A text is None where it has no such file. Empty where no other file
    has an error, or where no such version is known. Raises OSError.
    """
    home = outside().home
    wrong = {each.file for each in live.errors if each.file != own} & set(home.files())
    if not wrong:
        return {}
    versions, seen = Versions(home), list[Mapping[str, bytes | None]]()
    try:
        for version in versions.listed(most=_TRIED):
            texts = {file: versions.text(version, file) for file in (own, *wrong)}
            if texts in seen:
                continue
            if not current_reading().with_texts(texts).errors:
                return {file: text for file, text in texts.items() if file != own}
            seen.append(texts)
    except Unusable:
        pass
    return {}
