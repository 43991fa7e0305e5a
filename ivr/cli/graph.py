"""`ivr graph`: the menu as a picture."""

from pathlib import Path

import click

from ivr.cli.common import Desk, desk, line_or_exit, writing
from ivr.graph import draw


@click.command()
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), default="menu.svg", show_default=True
)
@desk
def graph(desk: Desk, output: Path) -> None:
    """Draw the menu as a picture (SVG)."""
    drawn = draw(line_or_exit(desk), desk.language)
    with writing(desk, str(output)):
        output.write_bytes(drawn)
    click.echo(desk.say("drawn", file=output))
