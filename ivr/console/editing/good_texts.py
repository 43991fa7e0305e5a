"""The other files as they last were without an error: with them a change is checked while one has an error.

While a file that all municipalities share has an error, nothing is checked across files. A change that nobody
checked would keep the line from all later changes as soon as that error is gone.
"""

from collections.abc import Mapping
from typing import Final

from ivr.config.reading import Reading
from ivr.config.versions import Unusable, Versions
from ivr.console.context import current_reading, outside

_TRIED: Final = 100
"""Versions that are looked at, at most."""


def good_texts(own: str, present: Reading) -> Mapping[str, bytes | None]:
    """Return the files with an error, but for `own`, with their texts of a version that had none in them.

    Of all such versions it is the newest. A text is None where it has no such file. Empty where no other file
    has an error, or where no such version is known. Raises OSError.
    """
    home = outside().home
    wrong = {each.file for each in present.errors if each.file != own} & set(home.files())
    if not wrong:
        return {}
    versions, tried = Versions(home), list[Mapping[str, bytes | None]]()
    try:
        for version in versions.listed(most=_TRIED):
            texts = {file: versions.text(version, file) for file in (own, *wrong)}
            if texts in tried:
                continue
            if not current_reading().with_texts(texts).errors:
                return {file: text for file, text in texts.items() if file != own}
            tried.append(texts)
    except Unusable:
        pass
    return {}
