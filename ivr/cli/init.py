"""`ivr init`: makes a new home."""

import shutil
from pathlib import Path, PurePath

import click

from ivr.cli.common import Context, in_context
from ivr.config.shipped import shipped
from ivr.model.files import CLOSURE, VERSIONS


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
    # Made here, because `ivr serve` may write in this folder and not beside it.
    (folder / VERSIONS).mkdir(mode=0o700, exist_ok=True)
    click.echo(context.say("home-made", folder=folder))
