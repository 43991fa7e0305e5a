"""`ivr close` and `ivr open`: write and delete the file that closes the line."""

import sys
from datetime import datetime
from textwrap import indent
from zoneinfo import ZoneInfo

import click

from ivr import translations
from ivr.cli.common import Context, in_context, moment_of, writing
from ivr.cli.reading import line_or_exit, print_findings, reading_of
from ivr.config.closing import closing_text, first_words, problems
from ivr.disk.writing import write_whole
from ivr.model.files import CLOSURE, SETTINGS
from ivr.model.line import Line
from ivr.model.menu import CLOSED


@click.command()
@click.argument("reason")
@click.option("--until")
@in_context
def close(context: Context, reason: str, until: str | None) -> None:
    """Write the file that closes the line."""
    line = line_or_exit(context)
    if CLOSED not in line.menu.items:
        raise click.UsageError(context.say("close-without-item"))
    zone = line.settings.timezone
    since = context.now().astimezone(zone)
    end = _end(context, until, since, zone)
    text = closing_text(reason, since, end, context.say("closed-file"))
    for finding in problems(text):
        hint = context.argument("reason")
        raise click.BadParameter(translations.fact(finding, context.language), param_hint=hint)
    with writing(context, CLOSURE):
        write_whole(context.home.root / CLOSURE, text, like=context.home.root / SETTINGS)
    click.echo(
        context.say("closed-until" if end else "closed", until=end and end.strftime(context.say("day")))
    )
    _print_what_callers_hear(context, line_or_exit(context))


@click.command("open")
@in_context
def open_(context: Context) -> None:
    """Delete the file that closes the line."""
    path = context.home.root / CLOSURE
    was_closed = path.exists()
    if was_closed:
        with writing(context, CLOSURE):
            path.unlink()
    reading = reading_of(context)
    if reading.line is None:
        # The last good reading stays in use, and in it the line is closed.
        click.echo(context.say("still-closed" if was_closed else "not-closed"))
        print_findings(reading, context.language, err=True)
        sys.exit(1)
    click.echo(context.say("opened" if was_closed else "not-closed"))
    _print_what_callers_hear(context, reading.line)


def _end(context: Context, until: str | None, since: datetime, zone: ZoneInfo) -> datetime | None:
    if until is None:
        return None
    end = moment_of(context, until, zone, "--until").astimezone(zone).replace(second=0, microsecond=0)
    if end <= since:
        raise click.BadParameter(context.say("until-past", until=until), param_hint="--until")
    return end


def _print_what_callers_hear(context: Context, line: Line) -> None:
    """Print the first words of a call, once where they are the same for all municipalities."""
    click.echo(context.say("callers-hear"))
    heard = first_words(line, context.now())
    for words, name in heard.items():
        click.echo(indent(words if len(heard) == 1 else f"{name}: {words}", "  "))
