"""What an examination found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Calls are answered; somebody should look at it."""
    ERROR = "error"
    """Somebody will not be helped."""
    NOT_EXAMINED = "unknown"
    """Not examined, because something else was wrong; `because` in the values is its code."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing found. Its words are under `doctor` in ivr/translations: `well`, or `fact` and `do`."""

    code: str
    status: Status
    values: Mapping[str, str] = field(default_factory=dict)
