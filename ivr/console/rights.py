"""Who may open which page. One table; the console does not start with a route that is not in it."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final, assert_never

from flask import abort, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from ivr.console.context import note
from ivr.console.forms import go_on, own_path
from ivr.console.request import path_without_secret
from ivr.console.viewer import Viewer, viewer
from ivr.store.act_limits import ONCE_A_MINUTE
from ivr.store.acts import Action, Result


class Right(Enum):
    ANYBODY = auto()
    """Also who is not signed in."""
    SIGNED_IN = auto()
    OWN = auto()
    """A coordinator of the municipality in the URL (`<slug>`), and managers."""
    MANAGER = auto()


RIGHTS: Final[Mapping[str, Right]] = {
    "static_file": Right.ANYBODY,
    "about.accessibility": Right.ANYBODY,
    "about.security": Right.ANYBODY,
    "sign_in.password": Right.ANYBODY,
    "sign_in.code": Right.ANYBODY,
    "sign_in.out": Right.SIGNED_IN,
    "setup.password": Right.ANYBODY,
    "setup.factor": Right.ANYBODY,
    "provider.away": Right.ANYBODY,
    "provider.back": Right.ANYBODY,
    "overview.overview": Right.SIGNED_IN,
    "municipality.edit": Right.OWN,
    "drafts.draft": Right.OWN,
    "absence.absence": Right.OWN,
    "history.versions": Right.OWN,
    "history.version": Right.OWN,
    "who.who": Right.OWN,
    "menu.menu": Right.SIGNED_IN,
    "menu.picture": Right.SIGNED_IN,
    "texts.texts": Right.MANAGER,
    "texts.prompt": Right.MANAGER,
    "texts.sound": Right.MANAGER,
    "texts.change": Right.MANAGER,
    "recordings.upload": Right.MANAGER,
    "recordings.tried": Right.MANAGER,
    "recordings.use": Right.MANAGER,
    "recordings.drop": Right.MANAGER,
    "recordings.remove": Right.MANAGER,
    "report.report": Right.MANAGER,
    "report.picture": Right.MANAGER,
    "closing.line": Right.MANAGER,
    "closing.close": Right.MANAGER,
    "closing.open_again": Right.MANAGER,
    "account.own": Right.SIGNED_IN,
    "account.change_password": Right.SIGNED_IN,
    "account.add_app": Right.SIGNED_IN,
    "account.add_passkey": Right.SIGNED_IN,
    "account.remove_factor": Right.SIGNED_IN,
    "phone.phone": Right.SIGNED_IN,
    "phone.step": Right.SIGNED_IN,
    "phone.sound": Right.SIGNED_IN,
    "practice.phone": Right.ANYBODY,
    "practice.step": Right.ANYBODY,
    "practice.sound": Right.ANYBODY,
    "practice.link": Right.OWN,
    "practice.change": Right.OWN,
    "practice.poster": Right.OWN,
    "accounts.accounts": Right.MANAGER,
    "accounts.account": Right.MANAGER,
    "accounts.reset": Right.MANAGER,
    "accounts.remove": Right.MANAGER,
    "log.acts": Right.MANAGER,
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


def check() -> Response | None:
    """Refuse the request if its sender may not open the page. Who is not signed in can do so first."""
    if request.endpoint is None or allowed(RIGHTS[request.endpoint], viewer(), request.view_args or {}):
        return None
    if viewer() is not None:
        note(Action.OPEN_PAGE, path_without_secret(), Result.REFUSED, limits=ONCE_A_MINUTE)
        abort(HTTPStatus.FORBIDDEN)
    if request.method not in {"GET", "HEAD"}:
        abort(HTTPStatus.UNAUTHORIZED)
    path = own_path(request.full_path.rstrip("?"))
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return go_on(path)  # who follows a link in webmail is perhaps signed in: the cookie is not sent yet
    return redirect(url_for("sign_in.password", next=path), HTTPStatus.SEE_OTHER)
