"""What is wrong in a file: place, fact and remedy, under a stable code."""

from dataclasses import dataclass, field
from enum import StrEnum
from traceback import extract_tb
from typing import Any


class Severity(StrEnum):
    ERROR = "error"
    """The reading is not used."""
    WARNING = "warning"
    """The reading is used; somebody should look at it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. Its words are in ivr/translations/<language>.yaml under its code."""

    code: str
    file: str
    """Below the home: `config/line.yaml`."""
    path: tuple[str, ...] = ()
    """Where in the file: `("destinations", "police", "numbers", "0")`."""
    values: dict[str, Any] = field(default_factory=dict)
    """What the words have in braces; `known`, a list of words, becomes a hint at the nearest."""
    line: int = 1
    """Counted from 1."""
    severity: Severity = Severity.ERROR
    """Given where the finding is made."""


def broken(file: str, error: Exception) -> Finding:
    """What a reader or a check becomes that raised what nobody expected.

    Tells the kind of the error and where in the program it arose; its own text may tell too much.
    """
    places = extract_tb(error.__traceback__)
    where = f", {places[-1].name}:{places[-1].lineno}" if places else ""
    return Finding("reading-broken", file, values={"why": f"{type(error).__name__}{where}"})
