"""The session of a request: who is signed in, or has come halfway.

The browser has a random token in a signed cookie; the store has its hash, and decides.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from flask import g, request, session

from ivr.console.context import record, seconds, stores
from ivr.console.surroundings import Surroundings
from ivr.console.viewer import DEMO, Viewer
from ivr.store.accounts import Account
from ivr.store.acts import Action, Result
from ivr.store.sessions import Session, Stage

_TOKEN: Final = "token"  # noqa: S105 - the name under which the cookie holds it


def find_out(outside: Surroundings) -> Callable[[], None]:
    """Make the function that finds out who sends a request."""

    def find() -> None:
        g.viewer = g.session = None
        if request.endpoint == "static_file":
            return
        if outside.demo:
            g.viewer = DEMO
        elif token := session.get(_TOKEN):
            g.session = stores().sessions.find(str(token))
            g.viewer = _viewer(g.session)

    return find


def _viewer(found: Session | None) -> Viewer | None:
    if found is None or found.stage is not Stage.FULL:
        return None
    account = stores().accounts.by_id(found.account)
    if account is None:
        return None
    return Viewer(account.name, account.manager, account.municipalities, account.id)


def current_session() -> Session | None:
    """Return the session of the current request, which may be only halfway to being signed in."""
    return cast("Session | None", g.get("session"))


def begin(account: int, stage: Stage, data: Mapping[str, Any] | None = None) -> None:
    """Begin a session in place of the browser's former one."""
    if former := current_session():
        stores().sessions.end(former.token)
    session.clear()  # with the token of the forms
    token = stores().sessions.begin(account, stage, data)
    session[_TOKEN] = token
    session.permanent = True
    g.session = stores().sessions.find(token)


def sign_in(account: Account) -> None:
    """Begin the session of somebody who has proven to be the owner of an account."""
    begin(account.id, Stage.FULL)
    stores().attempts.forget(account.mail)
    stores().accounts.set_signed_in(account.id, seconds())
    record(Action.SIGN_IN, account.name, who=account.name, account=account.id)


def refuse(account: Account | None, typed: str) -> None:
    """Record a failed attempt to sign in. `typed`: the mail address; it is in no log."""
    stores().attempts.fail(typed, request.remote_addr or "")
    name, number = (account.name, account.id) if account else ("", None)
    record(Action.SIGN_IN, name, Result.REFUSED, who=name, account=number)


def sign_out() -> None:
    if former := current_session():
        stores().sessions.end(former.token)
    session.clear()
    g.viewer = g.session = None


def wait(typed: str) -> int:
    """Return the minutes after which the next attempt to sign in is allowed; 0 if it is allowed now."""
    left = stores().attempts.wait(typed, request.remote_addr or "")
    return int(-(-left // 60))
