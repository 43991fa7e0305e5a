"""`ivr init`: makes a new home."""

import shutil
from pathlib import Path, PurePath

import click

from ivr.cli.common import Context, in_context
from ivr.config.shipped import shipped
from ivr.model.files import CLOSURE


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@in_context
def init(context: Context, folder: Path) -> None:
    """Make a new home in a folder."""
    for part in ("config", "prompts"):
        if (folder / part).exists():
            raise click.UsageError(context.say("home-taken", folder=folder / part))
    for part in ("config", "prompts"):
        # In a checkout, the shipped config/ is also a home, whose closure must not be copied.
        shutil.copytree(
            shipped() / part, folder / part, ignore=shutil.ignore_patterns(PurePath(CLOSURE).name)
        )
    click.echo(context.say("home-made", folder=folder))
