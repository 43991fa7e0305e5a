"""`ivr report`: prints and draws the counts."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from ivr.cli.common import Context, database_or_exit, in_context, writing
from ivr.config.reading import names
from ivr.report.months import to_months
from ivr.report.table import as_csv, as_table
from ivr.store import counts
from ivr.store.counts import Counted
from ivr.store.opening import is_made


@click.command()
@click.option("--month")
@click.option("--csv", "for_programs", is_flag=True)
@click.option("--svg", "picture", type=click.Path(dir_okay=False, path_type=Path))
@in_context
def report(context: Context, month: str | None, for_programs: bool, picture: Path | None) -> None:
    """Print the counts by month and municipality, and those of anonymous destinations by month alone."""
    rows = _counted(context, month)
    if for_programs:
        click.echo(as_csv(rows), nl=False)
    if not rows:
        message = context.say("report-nothing-in", month=month) if month else context.say("report-nothing")
        click.echo(f"{message}\n{context.say('report-elsewhere')}", err=for_programs)
    elif not for_programs:
        click.echo(as_table(to_months(rows), names(context.home), context.language))
    if picture is not None:
        # Imported only here: the import takes longer than the rest of the command.
        from ivr.report.picture import draw  # noqa: PLC0415

        if sys.stderr.isatty():
            click.echo(context.say("report-drawing"), err=True)
        drawn = draw(to_months(rows), names(context.home), context.language)
        with writing(context, str(picture)):
            picture.write_bytes(drawn)
        click.echo(context.say("report-drawn", file=picture), err=for_programs)


def _counted(context: Context, month: str | None) -> Sequence[Counted]:
    first = _month(context, month)
    engine = database_or_exit(context)
    try:
        return list(counts.by_month(engine, first)) if is_made(engine) else []
    except (SQLAlchemyError, OSError) as error:
        # Only the type of the error is shown: its text may hold the URL of the database with a password.
        click.echo(context.say("report-database-away", why=type(error).__name__), err=True)
        sys.exit(1)
    finally:
        engine.dispose()


def _month(context: Context, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise click.BadParameter(context.say("report-month", month=text), param_hint="--month") from None
