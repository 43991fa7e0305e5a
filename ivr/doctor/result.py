"""The result of an examination."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """How an examination ended. The values are those of `ivr doctor --json`."""

    OK = "ok"
    WARNING = "warning"
    """Calls are answered and forwarded, but somebody should look at it."""
    ERROR = "error"
    """Some callers are not answered or not forwarded."""
    NOT_EXAMINED = "unknown"
    """A needed examination found an error; `because` in the values is its code."""


@dataclass(frozen=True, slots=True)
class Result:
    """One result. `code` names its texts under `doctor` in ivr/translations: `well`, or `fact` and `do`."""

    code: str
    status: Status
    values: Mapping[str, str] = field(default_factory=dict)
    """Values for the placeholders of the texts."""
