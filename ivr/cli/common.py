"""What the commands share: their context, common options, and values read from options."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
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


INTERRUPTED: Final = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT, as shells have it."""


def now() -> datetime:
    """Return the time of the system clock, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """The home, language, environment and clock of a command."""

    home: Home
    language: str
    env: Mapping[str, str]
    """The environment and the home's `.env`."""
    now: Clock = now

    def say(self, name: str, /, **values: Any) -> str:
        """Return a sentence of ivr/translations in the language of the command."""
        return translations.say(name, self.language, **values)

    def argument(self, name: str) -> str:
        """Return the name of an argument as the help shows it, for an error."""
        return translations.metavar(name, self.language) or name.upper()

    def refuse(self, name: str, why: str, /, **values: Any) -> click.BadParameter:
        """Return the error that an argument cannot be used; `why`: a sentence as of `say`."""
        return click.BadParameter(self.say(why, **values), param_hint=self.argument(name))


in_context: Callable[[Any], Any] = click.pass_obj

at_option = click.option("--at")


def municipality_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--municipality` (as `slug`) and `--to` (as `dialled`)."""
    return click.option("--municipality", "slug")(click.option("--to", "dialled")(command))


def state_folder(context: Context) -> Path:
    """Return the folder of data that must survive a restart.

    Only `ivr serve` creates it, because the user of the server must own it.
    """
    return Path(context.env.get("IVR_STATE") or context.home.root / "state")


def database_or_exit(context: Context) -> "Engine":
    """Return an engine for the database, without connecting to it. An invalid URL ends the program."""
    # Imported only here: the import takes longer than all of `ivr check`.
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    from ivr.store.opening import database_url, open_database  # noqa: PLC0415

    try:
        return open_database(database_url(context.env.get("IVR_DATABASE_URL"), state_folder(context)))
    except (ArgumentError, ModuleNotFoundError, ValueError):
        # The message does not quote the URL, which may hold a password.
        raise click.UsageError(context.say("database-unreadable")) from None


def public_url_of(context: Context, line: Line, given: str | None = None) -> str:
    """Return the public URL of the line, without a slash at its end; empty where none is set.

    `given`: the value of an option, which has precedence.
    """
    return (given or context.env.get("IVR_PUBLIC_URL") or line.settings.public_url or "").rstrip("/")


@contextmanager
def writing(context: Context, file: str) -> Iterator[None]:
    """Turn an OSError while a file is written into a message that ends the program."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(context.say("not-written", file=file, why=error.strerror)) from None


def municipality_or_exit(
    context: Context, line: Line, slug: str | None, dialled: str | None
) -> tuple[str, Municipality]:
    """Return the municipality of `--municipality` or `--to`, and the endpoint by which it is called.

    With neither, it is the only one of the line; of several, the person at the terminal chooses. Without
    a terminal, and for a municipality that does not exist, an error ends the program.
    """
    if slug and dialled:
        raise click.UsageError(context.say("municipality-and-number"))
    if dialled:
        return _dialled_or_exit(context, line, dialled)
    if slug is None:
        slug = _only_or_chosen(context, line)
    if slug not in line.municipalities:
        unknown = context.say("municipality-unknown", text=slug, known=", ".join(line.municipalities))
        raise click.BadParameter(unknown, param_hint="--municipality")
    municipality = line.municipalities[slug]
    return municipality.dialled[0], municipality


def _dialled_or_exit(context: Context, line: Line, dialled: str) -> tuple[str, Municipality]:
    endpoint = endpoint_of(dialled)
    municipality = line.municipality_dialled(endpoint)
    if municipality is None:
        known = ", ".join(written(each.dialled[0]) for each in line.municipalities.values())
        raise click.BadParameter(context.say("dialled-unknown", text=dialled, known=known), param_hint="--to")
    return endpoint, municipality


def _only_or_chosen(context: Context, line: Line) -> str:
    """Return the slug of the only municipality, or ask for one. Raises UsageError without a terminal."""
    slugs = list(line.municipalities)
    if len(slugs) == 1:
        return slugs[0]
    if not at_terminal():
        raise click.UsageError(context.say("municipality-which", known=", ".join(slugs)))
    for slug, municipality in line.municipalities.items():
        click.echo(f"  {slug}  ({municipality.name})")
    asked = context.say("municipality-asked")
    chosen: str = click.prompt(asked, type=click.Choice(slugs), show_choices=False)
    return chosen


def at_terminal() -> bool:
    """Whether a question is seen and can be answered."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def endpoint_of(text: str) -> str:
    """Return a typed number or SIP address in Twilio's form. Other text stays: Twilio may send any."""
    try:
        return read_endpoint(text)
    except ValueError:
        return text


def moment_of(context: Context, at: str | None, zone: ZoneInfo, option: str = "--at") -> datetime:
    """Return the time of an option (ISO 8601; by default in `zone`), or now. Raises BadParameter."""
    if at is None:
        return context.now()
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter(context.say("time-unreadable", text=at), param_hint=option) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
