"""`ivr graph`: draws the menu."""

from pathlib import Path

import click

from ivr.cli.common import Context, in_context, writing
from ivr.cli.reading import line_or_exit
from ivr.report.graph import draw


@click.command()
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), default="menu.svg", show_default=True
)
@in_context
def graph(context: Context, output: Path) -> None:
    """Draw the menu as a picture (SVG)."""
    drawn = draw(line_or_exit(context), context.language)
    with writing(context, str(output)):
        output.write_bytes(drawn)
    click.echo(context.say("drawn", file=output))
