"""What differs between two texts of a municipality's file: in the words of its form, and line by line."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.console.editing.changed_fields import ChangedField, changed_fields
from ivr.console.editing.difference import ChangedLine, changed_lines
from ivr.console.words import language, say


@dataclass(frozen=True, slots=True)
class FileDifference:
    fields: Sequence[ChangedField]
    """Empty where only remarks, the layout or settings without a field differ."""
    lines: Sequence[ChangedLine]


def file_difference(old: str, new: str) -> FileDifference:
    """Return what differs, in the language of the current request."""
    return FileDifference(changed_fields(old, new, language(), say), changed_lines(old, new))
