"""`ivr close` and `ivr open`: the line is down on purpose, and callers hear so."""

import sys
from datetime import datetime
from textwrap import indent
from zoneinfo import ZoneInfo

import click
import yaml

from ivr import flow, words
from ivr.call import Call, Entry
from ivr.cli.call import desk_of
from ivr.cli.common import (
    Desk,
    desk,
    line_or_exit,
    moment_of,
    municipality_or_exit,
    now,
    print_findings,
    reading_of,
    writing,
)
from ivr.config import shapes, source
from ivr.config.home import CLOSED, SETTINGS
from ivr.config.writing import write_whole
from ivr.model import CLOSED as CLOSED_ITEM
from ivr.model import Closure, Line

_HEAD = "# yaml-language-server: $schema=schema/closed.json\n# {remark}\n"
_MINUTES = "%Y-%m-%dT%H:%M"


@click.command()
@click.argument("reason")
@click.option(
    "--until",
    metavar="TIME",
    help="When it opens by itself, as 2026-11-25T08:00 in the line's time zone.  [default: at `ivr open`]",
)
@desk
def close(desk: Desk, reason: str, until: str | None) -> None:
    """Close the line on purpose, within two seconds.

    Callers hear that it is closed and the public numbers, and can still be put through to the police
    and the tip line. REASON is for your colleagues: callers do not hear it.
    """
    line = line_or_exit(desk)
    if CLOSED_ITEM not in line.menu.items:
        raise click.UsageError(desk.say("close-without-item"))
    zone = line.settings.timezone
    since = now().astimezone(zone)
    end = _end(desk, until, since, zone)
    text = _HEAD.format(remark=desk.say("closed-file")) + yaml.safe_dump(
        {"reason": reason, "since": f"{since:{_MINUTES}}"} | ({"until": f"{end:{_MINUTES}}"} if end else {}),
        allow_unicode=True,
        sort_keys=False,
    )
    _refuse_what_cannot_be_read(desk, text)
    with writing(desk, CLOSED):
        write_whole(desk.home.root / CLOSED, text.encode(), like=desk.home.root / SETTINGS)
    click.echo(desk.say("closed-until" if end else "closed", until=end and end.strftime(desk.say("day"))))
    _tell_what_is_heard(desk, line_or_exit(desk))


@click.command("open")
@desk
def open_(desk: Desk) -> None:
    """Open the line that was closed with `ivr close`."""
    path = desk.home.root / CLOSED
    if path.exists():
        with writing(desk, CLOSED):
            path.unlink()
        click.echo(desk.say("opened"))
    else:
        click.echo(desk.say("not-closed"))
    reading = reading_of(desk)
    if reading.line is None:
        # The last good reading stays in use, and that may be one of a closed line.
        print_findings(reading, desk.language, err=True)
        sys.exit(1)
    _tell_what_is_heard(desk, reading.line)


def _end(desk: Desk, until: str | None, since: datetime, zone: ZoneInfo) -> datetime | None:
    if until is None:
        return None
    end = moment_of(desk, until, zone, "--until").astimezone(zone).replace(second=0, microsecond=0)
    if end <= since:
        raise click.BadParameter(desk.say("until-past", until=until), param_hint="--until")
    return end


def _refuse_what_cannot_be_read(desk: Desk, text: str) -> None:
    """A reason may be anything that somebody typed."""
    written = source.parse(text, CLOSED)
    _, findings = shapes.read(written, Closure)
    for finding in (*written.findings, *findings):
        raise click.BadParameter(words.fact(finding, desk.language), param_hint="REASON")


def _tell_what_is_heard(desk: Desk, line: Line) -> None:
    dialled, municipality = municipality_or_exit(desk, line, None)
    reply = flow.answer(line, Call(desk_of(municipality), dialled, Entry()), now())
    heard = " ".join(phrase.text for phrase in getattr(reply, "says", ()))
    click.echo(f"{desk.say('callers-hear')}\n{indent(heard, '  ')}")
