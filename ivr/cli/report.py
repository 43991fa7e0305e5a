"""`ivr report`: how often each item was used, and how forwardings ended."""

import sys
from datetime import date
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from ivr.cli.common import (
    Desk,
    database_or_exit,
    desk,
    reading_of,
    state_folder,
    writing,
)
from ivr.counted import Outcome
from ivr.report import Group, Labels, as_csv, groups, picture, table
from ivr.store.counts import Counted, by_month
from ivr.store.opening import FILE, has_tables


@click.command()
@click.option("--month", metavar="YYYY-MM", help="One month alone, as 2026-11.  [default: all]")
@click.option("--csv", "as_csv_", is_flag=True, help="Print the counts as CSV, for a spreadsheet.")
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Draw a picture as well."
)
@desk
def report(desk: Desk, month: str | None, as_csv_: bool, svg: Path | None) -> None:
    """Tell how often each item was used, and how forwardings ended, per municipality and month.

    Nothing of it is about a caller. An anonymous destination is counted by month alone, for all
    municipalities together.
    """
    counted = _counted(desk, _month(month))
    if svg and counted:
        with writing(desk, str(svg)):
            svg.write_bytes(picture(counted, _labels(desk, counted)))
        click.echo(desk.say("report-drawn", file=svg), err=as_csv_)
    if as_csv_:
        click.echo(as_csv(counted), nl=False)
    elif counted:
        _print(desk, groups(counted))
    else:
        click.echo(desk.say("report-nothing"))


def _month(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise click.BadParameter(f"{text} is not a month such as 2026-11", param_hint="--month") from None


def _counted(desk: Desk, month: date | None) -> list[Counted]:
    if not desk.env.get("IVR_DATABASE_URL") and not (state_folder(desk) / FILE).exists():
        return []
    engine = database_or_exit(desk)
    try:
        return list(by_month(engine, month)) if has_tables(engine) else []
    except SQLAlchemyError:
        click.echo(desk.say("report-away"), err=True)
        sys.exit(1)


def _names(desk: Desk) -> dict[str, str]:
    """The municipalities' own names, where the configuration can be read."""
    line = reading_of(desk).line
    return {word: each.name for word, each in line.municipalities.items()} if line else {}


def _print(desk: Desk, found: list[Group]) -> None:
    names = _names(desk)
    heads = {outcome: desk.say(f"outcome-{outcome.value}") for outcome in Outcome}
    for month, several in groupby(found, key=attrgetter("month")):
        click.echo(click.style(f"{month:%Y-%m}", bold=True))
        for group in several:
            word = group.municipality
            name = desk.say("report-together") if word is None else names.get(word, word)
            click.echo(f"\n  {name}")
            for line in table(group, heads, desk.say("report-anonymous")):
                click.echo(f"    {line}")
        click.echo()


def _labels(desk: Desk, counted: list[Counted]) -> Labels:
    months = sorted({each.month for each in counted})
    span = " / ".join(dict.fromkeys(f"{month:%Y-%m}" for month in (months[0], months[-1])))
    return Labels(
        title=desk.say("report-title", months=span),
        used=desk.say("report-used"),
        ended=desk.say("report-ended"),
        anonymous=desk.say("report-anonymous"),
        outcomes={outcome: desk.say(f"outcome-{outcome.value}") for outcome in Outcome},
        municipalities=_names(desk),
    )
