"""The session of a request: who is signed in, or has come halfway.

The browser has a random token in a signed cookie; the store has its hash, and decides.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from flask import g, request, session

from ivr.console.context import note, record, seconds, stores
from ivr.console.surroundings import Surroundings
from ivr.console.viewer import DEMO, Viewer
from ivr.store.accounts import Account
from ivr.store.act_limits import FEW_FROM_AN_ADDRESS
from ivr.store.acts import Action, Detail, Result
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


def sign_in(account: Account, way: Detail) -> None:
    """Begin the session of somebody who has proven to be the owner of an account. `way`: how, at last."""
    begin(account.id, Stage.FULL)
    stores().attempts.forget(account.mail)
    stores().accounts.set_signed_in(account.id, seconds())
    record(Action.SIGN_IN, account.name, who=account.name, account=account.id, changed=[way])


def refuse(
    account: Account | None, typed: str, detail: Detail | None, action: Action = Action.SIGN_IN
) -> None:
    """Record a failed attempt to prove who one is.

    `typed`: the mail address. It is in no log: somebody may have typed a password there. `detail`: with what.
    `action`: for what.
    """
    stores().attempts.fail(typed, request.remote_addr or "")
    name, number = _named(account)
    record(action, name, Result.REFUSED, who=name, account=number, changed=_told(detail))


def sign_out() -> None:
    if former := current_session():
        stores().sessions.end(former.token)
    session.clear()
    g.viewer = g.session = None


def wait(account: Account | None, typed: str, detail: Detail | None, action: Action = Action.SIGN_IN) -> int:
    """Return the minutes after which the next attempt is allowed; 0 if it is allowed now.

    An attempt that has to wait is recorded. The arguments are those of `refuse`.
    """
    left = stores().attempts.wait(typed, request.remote_addr or "")
    if left > 0:
        name, number = _named(account)
        note(
            action,
            name,
            Result.DELAYED,
            who=name,
            account=number,
            changed=_told(detail),
            limits=FEW_FROM_AN_ADDRESS,
        )
    return int(-(-left // 60))


def _named(account: Account | None) -> tuple[str, int | None]:
    """Return the name and id of an account; of none, no name."""
    return (account.name, account.id) if account else ("", None)


def _told(detail: Detail | None) -> list[str]:
    return [detail] if detail else []
