"""Who may open which page. One table; the console does not start with a route that is not in it."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final, assert_never

from flask import abort, request

from ivr.console.viewer import Viewer, viewer


class Right(Enum):
    ANYBODY = auto()
    """Also who is not signed in."""
    SIGNED_IN = auto()
    OWN = auto()
    """A coordinator of the municipality in the URL (`<slug>`), and managers."""
    MANAGER = auto()


RIGHTS: Final[Mapping[str, Right]] = {
    "static_file": Right.ANYBODY,
    "overview.overview": Right.SIGNED_IN,
}
"""Endpoint (blueprint and function) → who may open it."""


class IncompleteTable(Exception):
    """RIGHTS and the routes of the application differ. The text names the endpoints."""


def prove_complete(endpoints: Iterable[str]) -> None:
    """Raise IncompleteTable unless the table has exactly these endpoints."""
    if differing := sorted(set(endpoints) ^ RIGHTS.keys()):
        raise IncompleteTable(", ".join(differing))


def allowed(right: Right, who: Viewer | None, arguments: Mapping[str, Any]) -> bool:
    """Whether somebody may open a page. `arguments`: those of the route, with `slug` for OWN."""
    match right:
        case Right.ANYBODY:
            return True
        case Right.SIGNED_IN:
            return who is not None
        case Right.OWN:
            return who is not None and who.may_see(str(arguments["slug"]))
        case Right.MANAGER:
            return who is not None and who.manager
        case _:
            assert_never(right)


def check() -> None:
    """Refuse the request if its sender may not open the page: 401 if nobody is signed in, else 403."""
    if request.endpoint is None:
        return  # no such page
    who = viewer()
    if not allowed(RIGHTS[request.endpoint], who, request.view_args or {}):
        abort(HTTPStatus.UNAUTHORIZED if who is None else HTTPStatus.FORBIDDEN)
