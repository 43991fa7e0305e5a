"""What a page needs of the application that shows it."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final, ParamSpec, cast

from flask import current_app, request
from sqlalchemy.exc import SQLAlchemyError

from ivr.config.reading import Reading
from ivr.console.passwords import Passwords
from ivr.console.reading import CurrentReading
from ivr.console.stores import Stores
from ivr.console.surroundings import Surroundings
from ivr.console.viewer import viewer
from ivr.store.act_limits import Limit
from ivr.store.acts import Action, Result

log = logging.getLogger(__name__)

P = ParamSpec("P")


def outside() -> Surroundings:
    """Return the console's outside world: clock, home, database."""
    return cast("Surroundings", current_app.extensions["console"])


def reading() -> Reading:
    """Return the configuration as the files hold it now."""
    return current_reading()()


def current_reading() -> CurrentReading:
    return cast("CurrentReading", current_app.extensions["reading"])


def stores() -> Stores:
    """Return the tables of the console."""
    return cast("Stores", current_app.extensions["stores"])


def passwords() -> Passwords:
    return cast("Passwords", current_app.extensions["passwords"])


def seconds() -> float:
    """Return the time, in seconds since 1970."""
    return outside().clock().timestamp()


def record(  # noqa: PLR0913 - the columns
    action: Action,
    object: str,  # noqa: A002 - the word of the log
    result: Result = Result.DONE,
    *,
    who: str | None = None,
    account: int | None = None,
    changed: Iterable[str] = (),
    version: str = "",
    limits: Sequence[Limit] = (),
) -> None:
    """Add an act of the viewer to the log of acts. `who`, `account`: of somebody who is not the viewer.

    `changed`, `version`, `limits`: as of `Acts.add`. Raises what the database raises.
    """
    found = viewer()
    if who is None and found is not None:
        who, account = found.name, found.account
    origin = request.remote_addr or ""
    stores().acts.add(
        who or "",
        action,
        object,
        result,
        origin=origin,
        account=account,
        changed=changed,
        version=version,
        limits=limits,
    )


def _or_tell(add: Callable[P, None]) -> Callable[P, None]:
    def tried(*given: P.args, **named: P.kwargs) -> None:
        try:
            add(*given, **named)
        except SQLAlchemyError as error:
            log.error("an act is not in the log of acts: %s", type(error).__name__)  # noqa: TRY400

    return tried


note: Final = _or_tell(record)
"""Does as `record`, for an act that is done already, or is refused anyway.

Where the act cannot be added, that is told in the program's log, and the page goes on.
"""
