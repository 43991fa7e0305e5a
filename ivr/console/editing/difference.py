"""The difference of two texts, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line that differs. One of the two is None for a line that is gone, or new."""

    number: int
    """Of the line in the new text, or where it would be; counted from 1."""
    old: str | None
    new: str | None


def changed_lines(old: str, new: str) -> list[ChangedLine]:
    """Return the lines that differ, without the blanks around them, in the order of the new text."""
    return list(_changed(old.splitlines(), new.splitlines()))


def _changed(old: list[str], new: list[str]) -> Iterator[ChangedLine]:
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for offset, (was, becomes) in enumerate(zip_longest(old[start:end], new[first:last])):
            yield ChangedLine(first + offset + 1, was and was.strip(), becomes and becomes.strip())
