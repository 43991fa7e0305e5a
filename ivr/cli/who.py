"""`ivr who`: who would be rung for each choice, and why."""

from itertools import groupby
from operator import attrgetter

import click

from ivr.cli.common import Desk, at_option, desk, line_or_exit, moment_of, municipality_or_exit, to_option
from ivr.numbers import written
from ivr.who import who as who_is_rung


@click.command()
@to_option
@at_option
@desk
def who(desk: Desk, dialled: str | None, at: str | None) -> None:
    """Tell who would be rung for each choice, and why."""
    line = line_or_exit(desk)
    address, municipality = municipality_or_exit(desk, line, dialled)
    moment = moment_of(desk, at, line.settings.timezone).astimezone(line.settings.timezone)
    shown = {
        "municipality": municipality.name,
        "dialled": written(address),
        "moment": moment.strftime(desk.say("day")),
    }
    click.echo(desk.say("who-title", **shown))
    if line.closed(moment):
        click.echo(desk.say("who-line-closed"))
    for item, rungs in groupby(
        who_is_rung(line, municipality, moment, desk.language), key=attrgetter("item")
    ):
        click.echo(f"\n{item}")
        for rung in rungs:
            told = [f"{rung.name}, {rung.number}", desk.say("rung" if rung.on_duty else "not-rung"), rung.why]
            click.echo("  " + " · ".join([*told, *([desk.say("must-accept")] if rung.accept else [])]))
