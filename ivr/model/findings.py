"""A finding: what is wrong, in which file and where, under a stable code."""

from dataclasses import dataclass, field
from enum import StrEnum
from traceback import extract_tb
from typing import Any

Path = tuple[str | int, ...]
"""Keys, and indexes of lists, from the top of a file to a value: `("contacts", 0, "number")`."""


def field_of(path: Path) -> str:
    """Return a path as text: `contacts[0].number`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


class Severity(StrEnum):
    ERROR = "error"
    """The configuration is not used."""
    WARNING = "warning"
    """The configuration is used; a coordinator should look at it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. Its text is in ivr/translations/<language>.yaml under its code."""

    code: str
    file: str
    """Relative to the home: `config/line.yaml`."""
    path: Path = ()
    """Empty where the finding is about the file as a whole."""
    values: dict[str, Any] = field(default_factory=dict)
    """Fill the braces of the text. `known`, a list of valid words, is also searched for one like `text`.

    A moment is a datetime. Days are texts, as files have them: `2026-12-21 - 2027-01-03`. `at` and `named`
    name the setting where it is not called as in the file.
    """
    line: int = 1
    """Counted from 1."""
    severity: Severity = Severity.ERROR
    """Given where the finding is made."""

    @property
    def field(self) -> str:
        """The path as people and programs read it: `contacts[0].number`; empty for the whole file."""
        return field_of(self.path)


def broken(file: str, error: Exception) -> Finding:
    """Make the finding for an unexpected exception of a reader or a check.

    It has the exception's type and the line of the program. The exception's text is left out, because it may
    contain personal data.
    """
    places = extract_tb(error.__traceback__)
    where = f", {places[-1].name}:{places[-1].lineno}" if places else ""
    return Finding("reading-broken", file, values={"why": f"{type(error).__name__}{where}"})
