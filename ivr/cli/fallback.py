"""`ivr fallback`: what Twilio says while our server is down."""

import sys
from pathlib import Path

import click

from ivr.cli.common import Desk, desk, line_or_exit, municipality_or_exit, to_option, writing
from ivr.config.home import SETTINGS
from ivr.config.writing import write_whole
from ivr.exchange import grammar
from ivr.fallback import document
from ivr.model import Line, Municipality


@click.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="fallback",
    show_default=True,
    help="The folder for the documents, one for each municipality.",
)
@to_option
@desk
def fallback(desk: Desk, output: Path, dialled: str | None) -> None:
    """Make the documents that Twilio itself speaks while our server is down.

    One for each municipality: what happened, the five steps in short, its contacts, the police and the
    tip line, twice; then the police are rung. With --to only that one, on the screen.
    """
    line = line_or_exit(desk)
    if dialled is not None:
        _, municipality = municipality_or_exit(desk, line, dialled)
        click.echo(_valid(desk, line, municipality))
        return
    documents = {word: _valid(desk, line, each) for word, each in line.municipalities.items()}
    with writing(desk, str(output)):
        output.mkdir(parents=True, exist_ok=True)
        for word, text in documents.items():
            write_whole(output / f"{word}.xml", text.encode(), like=desk.home.root / SETTINGS)
    for word, municipality in line.municipalities.items():
        click.echo(output / f"{word}.xml")
        if municipality.example:
            click.echo(f"  {desk.say('fallback-example')}")
    click.echo(desk.say("fallback-made"))


def _valid(desk: Desk, line: Line, municipality: Municipality) -> str:
    """A document that Twilio takes; what it would refuse is told now, not when it is needed."""
    text = document(line, municipality)
    try:
        grammar.read(text.encode(), "text/xml")
    except grammar.Refused as error:
        click.echo(desk.say("fallback-refused", municipality=municipality.name, why=error), err=True)
        sys.exit(1)
    return text
