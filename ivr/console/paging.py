"""Long lists in parts, and the links to the other parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request, url_for

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One part of a list."""

    shown: Sequence[T]
    number: int
    """Counted from 1."""
    parts: int
    """At least 1."""
    total: int
    """Elements in the whole list."""
    before: str | None
    """URL of the part before; None for the first."""
    after: str | None
    """URL of the part that follows; None for the last."""


def part_of(listed: Sequence[T], size: int, name: str, anchor: str) -> Part[T]:
    """Return the part of a list that the current request asks for; the last one for a number too large.

    `size`: elements of a part. `name`: the argument of the URL with the number of the part. `anchor`: id of
    the element above the list.
    """
    parts = max(-(-len(listed) // size), 1)
    number = min(max(request.args.get(name, 1, type=int), 1), parts)

    def url(other: int) -> str | None:
        arguments = {**request.args.to_dict(), name: other, **(request.view_args or {})}
        return url_for(str(request.endpoint), _anchor=anchor, **arguments) if 0 < other <= parts else None

    shown = listed[(number - 1) * size : number * size]
    return Part(shown, number, parts, len(listed), url(number - 1), url(number + 1))
