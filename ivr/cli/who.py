"""`ivr who`: prints who is rung for each item of the menu, and why."""

from itertools import groupby
from operator import attrgetter

import click

from ivr.cli.common import (
    Context,
    at_option,
    in_context,
    moment_of,
    municipality_options,
    municipality_or_exit,
)
from ivr.cli.reading import line_or_exit
from ivr.model.numbers import written
from ivr.report.who import who as who_is_rung


@click.command()
@municipality_options
@at_option
@in_context
def who(context: Context, slug: str | None, dialled: str | None, at: str | None) -> None:
    """Print who is rung for each choice at a moment, and why."""
    line = line_or_exit(context)
    endpoint, municipality = municipality_or_exit(context, line, slug, dialled)
    moment = moment_of(context, at, line.settings.timezone).astimezone(line.settings.timezone)
    shown = {
        "municipality": municipality.name,
        "dialled": written(endpoint),
        "moment": moment.strftime(context.say("day")),
    }
    click.echo(context.say("who-title", **shown))
    if line.closed(moment):
        click.echo(context.say("who-line-closed"))
    for item, rungs in groupby(
        who_is_rung(line, municipality, moment, context.language), key=attrgetter("item")
    ):
        click.echo(f"\n{item}")
        for rung in rungs:
            parts = [
                f"{rung.name}, {rung.number}",
                context.say("rung" if rung.on_duty else "not-rung"),
                rung.why,
            ]
            click.echo("  " + " · ".join([*parts, *([context.say("must-accept")] if rung.accept else [])]))
