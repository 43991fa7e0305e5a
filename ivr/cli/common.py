"""What the commands share: the home, the findings on the screen, what was asked for."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from ivr import words
from ivr.account.client import configured
from ivr.config.home import Home
from ivr.config.reading import Reading, read
from ivr.finding import Finding, Level
from ivr.model import Line, Municipality
from ivr.numbers import read_address, written
from ivr.store.opening import database_url, open_database


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a command works, and in which language it answers."""

    home: Home
    language: str
    env: Mapping[str, str]
    """The environment and the home's `.env`."""

    def say(self, name: str, /, **values: Any) -> str:
        return words.say(name, self.language, **values)


desk: Callable[[Any], Any] = click.pass_obj

to_option = click.option(
    "--to", "dialled", metavar="NUMBER", help="The number dialled.  [default: the first municipality's]"
)
at_option = click.option(
    "--at",
    metavar="TIME",
    help="The moment, as 2026-12-25T10:00 in the line's time zone.  [default: now]",
)


def now() -> datetime:
    return datetime.now(UTC)


def reading_of(desk: Desk) -> Reading:
    """The home as it stands now, and as this environment has it."""
    return read(desk.home, now().date(), erases=configured(desk.env), moment=now())


def line_or_exit(desk: Desk) -> Line:
    """The line of the home; where it has errors, they are shown and the program ends."""
    reading = reading_of(desk)
    if reading.line is None:
        print_findings(reading, desk.language, err=True)
        sys.exit(1)
    return reading.line


def state_folder(desk: Desk) -> Path:
    """The folder for what must survive a restart. `ivr serve` makes it; its owner must be who serves."""
    return Path(desk.env.get("IVR_STATE") or desk.home.root / "state")


def database_or_exit(desk: Desk) -> Engine:
    """The database, which need not be there yet; an address that is none ends the program."""
    try:
        return open_database(database_url(desk.env.get("IVR_DATABASE_URL"), state_folder(desk)))
    except (ArgumentError, ModuleNotFoundError):
        # Without the address itself: it may hold a password.
        raise click.UsageError(desk.say("database-unreadable")) from None


def public_address(desk: Desk, line: Line, told: str | None = None) -> str:
    """The address at which Twilio reaches the line, without a slash behind it; empty where nobody set one."""
    return (told or desk.env.get("IVR_PUBLIC_URL") or line.settings.public_url or "").rstrip("/")


@contextmanager
def writing(desk: Desk, file: str) -> Iterator[None]:
    """A file is written meanwhile; where that fails, say so and end the program."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(desk.say("not-written", file=file, why=error.strerror)) from None


def print_findings(reading: Reading, language: str, *, err: bool = False) -> None:
    for finding in reading.findings:
        click.echo(_told(finding, language), err=err)
    click.echo(_summary(reading, language), err=err)


def _told(finding: Finding, language: str) -> str:
    error = finding.level is Level.ERROR
    level = click.style(words.say(finding.level, language), fg="red" if error else "yellow", bold=True)
    place = click.style(f"{finding.file}:{finding.line}", bold=True)
    todo = words.say("what-to-do", language, remedy=words.remedy(finding, language))
    return f"{place}: {level} [{finding.code}]\n  {words.fact(finding, language)}\n  {todo}\n"


def _summary(reading: Reading, language: str) -> str:
    told = []
    if reading.unproven:
        told.append(words.say("unproven", language, files=", ".join(reading.unproven)))
    if reading.errors:
        told.append(words.say("count", language, errors=len(reading.errors)))
    elif reading.findings:
        told.append(words.say("with-warnings", language, warnings=len(reading.findings)))
    elif reading.line:
        counts = {"municipalities": len(reading.line.municipalities), "items": len(reading.line.menu.items)}
        told.append(words.say("all-well", language, languages=len(reading.line.prompts), **counts))
    return "\n".join(told)


def municipality_or_exit(desk: Desk, line: Line, dialled: str | None) -> tuple[str, Municipality]:
    """The address dialled, and whose it is; by default the first municipality's first."""
    if dialled is None:
        first = next(iter(line.municipalities.values()))
        return first.dialled[0], first
    address = address_of(dialled)
    municipality = line.municipality_dialled(address)
    if municipality is None:
        known = ", ".join(written(each.dialled[0]) for each in line.municipalities.values())
        raise click.BadParameter(desk.say("dialled-unknown", text=dialled, known=known), param_hint="--to")
    return address, municipality


def address_of(text: str) -> str:
    """A number or SIP address as typed; what cannot be read stays as it is, as Twilio would send it."""
    try:
        return read_address(text)
    except ValueError:
        return text


def moment_of(desk: Desk, at: str | None, zone: ZoneInfo, option: str = "--at") -> datetime:
    if at is None:
        return now()
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter(desk.say("time-unreadable", text=at), param_hint=option) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
