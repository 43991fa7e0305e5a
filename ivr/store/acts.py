"""The log of acts in the console: who did what, when, to what, with which result, and from where.

Rows are only added. The database refuses to change one, and to delete one that is younger than a year
(see the migration). No act holds a secret, a telephone number or anything of a call.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Engine, delete, func, select

from ivr.store.act_limits import Limit, is_reached
from ivr.store.tables import ACTS

KEPT: Final = 366 * 24 * 3600
"""Seconds after which an act is deleted: it holds an IP address."""
PAGE: Final = 50
_WHO, _OBJECT, _ORIGIN, _CHANGED = 100, 200, 45, 500


class Action(StrEnum):
    """What can be done. The words for each are in ivr/translations/console under `acts`."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    OPEN_PAGE = "open-page"
    """Recorded where it was refused, and of the report and this log."""
    FORM = "form"
    """Sending a form. Recorded where it was not one of our pages that sent it."""
    LINK = "link"
    """Opening the link of a new account. Recorded where it was refused."""
    PASSWORD = "password"  # noqa: S105 - the act of changing one
    FACTOR_ADD = "factor-add"
    FACTOR_REMOVE = "factor-remove"
    PUBLISH = "publish"
    RESTORE = "restore"
    DRAFT = "draft"
    DRAFT_REMOVE = "draft-remove"
    SUBMIT = "submit"
    SEND_BACK = "send-back"
    TEXT = "text"
    RECORDING_TRY = "recording-try"
    """Making or uploading a recording, which no caller hears yet."""
    RECORDING_DROP = "recording-drop"
    """Throwing such a recording away."""
    RECORDING = "recording"
    RECORDING_REMOVE = "recording-remove"
    CLOSE = "close"
    OPEN = "open"
    ACCOUNT_ADD = "account-add"
    ACCOUNT_RIGHTS = "account-rights"
    ACCOUNT_RESET = "account-reset"
    ACCOUNT_REMOVE = "account-remove"
    PRACTICE_LINK = "practice-link"
    PRACTICE_END = "practice-end"


class Result(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    """It was not allowed, or a check had an error."""
    FAILED = "failed"
    """It was allowed, and did not work."""
    DELAYED = "delayed"
    """It was not looked at: after too many failures the next attempt has to wait."""


class Detail(StrEnum):
    """What an act was done with, or why it was refused. The words for each are there under `details`."""

    PASSWORD = "password"  # noqa: S105 - the first step of signing in
    APP = "app"
    """A code of an authenticator app."""
    PASSKEY = "passkey"
    PROVIDER = "provider"
    """OpenID Connect."""
    ORIGIN = "origin"
    """The Origin of a form was none of ours."""
    TOKEN = "token"  # noqa: S105 - the token of a form was missing or another one


@dataclass(frozen=True, slots=True)
class Act:
    id: int
    moment: int
    account: int | None
    who: str
    action: str
    object: str
    result: str
    origin: str
    changed: str
    """What it changed, with ", " in between: settings as `contacts[0].number`, or the rights of an account.

    What they were and are is in the version. Of other acts: a Detail.
    """
    version: str
    """Id of the version of the files that it made; empty where it made none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which acts to show. An empty text, or None, admits all."""

    who: str = ""
    """A part of the name."""
    action: str = ""
    object: str = ""
    """A part of it."""
    result: str = ""
    since: float | None = None
    until: float | None = None
    before: int | None = None
    """Acts with a lower id: the next page."""


@dataclass(frozen=True, slots=True)
class Acts:
    """All methods raise what the database raises."""

    engine: Engine
    now: Callable[[], float]
    """Returns seconds since 1970."""

    def add(  # noqa: PLR0913 - the columns
        self,
        who: str,
        action: Action,
        object: str,  # noqa: A002 - the word of the log
        result: Result,
        *,
        origin: str,
        account: int | None = None,
        changed: Iterable[str] = (),
        version: str = "",
        limits: Sequence[Limit] = (),
    ) -> None:
        """Add an act, unless one of the limits is reached.

        `object`: an account's name, a municipality's slug, a file, a path. `origin`: an IP address.
        """
        now = int(self.now())
        row = {
            "moment": now,
            "account": account,
            "who": who[:_WHO],
            "action": action.value,
            "object": object[:_OBJECT],
            "result": result.value,
            "origin": origin[:_ORIGIN],
            "changed": _joined(changed),
            "version": version,
        }
        with self.engine.begin() as connection:
            connection.execute(delete(ACTS).where(ACTS.c.moment < now - KEPT))
            if not is_reached(connection, limits, row):
                connection.execute(ACTS.insert().values(**row))

    def find(self, chosen: Filter) -> list[Act]:
        """Return up to PAGE + 1 acts, the newest first. One more than PAGE: there is another page."""
        conditions = [
            *([_has(ACTS.c.who, chosen.who)] if chosen.who else []),
            *([ACTS.c.action == chosen.action] if chosen.action else []),
            *([_has(ACTS.c.object, chosen.object)] if chosen.object else []),
            *([ACTS.c.result == chosen.result] if chosen.result else []),
            *([ACTS.c.moment >= chosen.since] if chosen.since is not None else []),
            *([ACTS.c.moment < chosen.until] if chosen.until is not None else []),
            *([ACTS.c.id < chosen.before] if chosen.before is not None else []),
        ]
        found = select(ACTS).where(*conditions).order_by(ACTS.c.id.desc()).limit(PAGE + 1)
        with self.engine.connect() as connection:
            return [Act(**row._mapping) for row in connection.execute(found)]  # noqa: SLF001 - SQLAlchemy's public name


def _joined(changed: Iterable[str]) -> str:
    """Return as many texts as there is room for, and how many more there are: `name, mail, +3`."""
    listed = list(changed)
    shown: list[str] = []
    for place, each in enumerate(listed, start=1):
        left = len(listed) - place
        if len(", ".join([*shown, each, *([f"+{left}"] if left else [])])) > _CHANGED:
            return ", ".join([*shown, f"+{left + 1}"])
        shown.append(each)
    return ", ".join(shown)


def _has(column: Any, text: str) -> Any:
    return func.lower(column).contains(text.lower(), autoescape=True)
