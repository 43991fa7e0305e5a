"""What the commands share: the home, the findings on the screen, what was asked for."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ivr import translations
from ivr.config.home import Home
from ivr.config.live import Clock
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.numbers import read_endpoint, written

if TYPE_CHECKING:
    from sqlalchemy import Engine


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """Where and when a command works, and in which language it answers."""

    home: Home
    language: str
    env: Mapping[str, str]
    """The environment and the home's `.env`."""
    now: Clock = now

    def say(self, name: str, /, **values: Any) -> str:
        return translations.say(name, self.language, **values)


in_context: Callable[[Any], Any] = click.pass_obj

to_option = click.option(
    "--to", "dialled", metavar="NUMBER", help="The number dialled.  [default: the first municipality's]"
)
at_option = click.option(
    "--at",
    metavar="TIME",
    help="The moment, as 2026-12-25T10:00 in the line's time zone.  [default: now]",
)


def state_folder(context: Context) -> Path:
    """The folder for what must survive a restart. `ivr serve` makes it; its owner must be who serves."""
    return Path(context.env.get("IVR_STATE") or context.home.root / "state")


def database_or_exit(context: Context) -> "Engine":
    """The database, which need not be there yet; an address that is none ends the program."""
    # Only here: it takes longer than all that `ivr check` does.
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    from ivr.store.opening import database_url, open_database  # noqa: PLC0415

    try:
        return open_database(database_url(context.env.get("IVR_DATABASE_URL"), state_folder(context)))
    except (ArgumentError, ModuleNotFoundError, ValueError):
        # Without the address itself: it may hold a password.
        raise click.UsageError(context.say("database-unreadable")) from None


def public_address(context: Context, line: Line, told: str | None = None) -> str:
    """The address at which Twilio reaches the line, without a slash behind it; empty where nobody set one."""
    return (told or context.env.get("IVR_PUBLIC_URL") or line.settings.public_url or "").rstrip("/")


@contextmanager
def writing(context: Context, file: str) -> Iterator[None]:
    """A file is written meanwhile; where that fails, say so and end the program."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(context.say("not-written", file=file, why=error.strerror)) from None


def municipality_or_exit(context: Context, line: Line, dialled: str | None) -> tuple[str, Municipality]:
    """The address dialled, and whose it is; by default the first municipality's first."""
    if dialled is None:
        first = next(iter(line.municipalities.values()))
        return first.dialled[0], first
    address = address_of(dialled)
    municipality = line.municipality_dialled(address)
    if municipality is None:
        known = ", ".join(written(each.dialled[0]) for each in line.municipalities.values())
        raise click.BadParameter(context.say("dialled-unknown", text=dialled, known=known), param_hint="--to")
    return address, municipality


def address_of(text: str) -> str:
    """A number or SIP address as typed; what cannot be read stays as it is, as Twilio would send it."""
    try:
        return read_endpoint(text)
    except ValueError:
        return text


def moment_of(context: Context, at: str | None, zone: ZoneInfo, option: str = "--at") -> datetime:
    if at is None:
        return context.now()
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter(context.say("time-unreadable", text=at), param_hint=option) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
