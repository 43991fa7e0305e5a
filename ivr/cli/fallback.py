"""`ivr fallback`: makes the static documents for when the server is down."""

import sys
from pathlib import Path

import click

from ivr.cli.common import Context, in_context, municipality_or_exit, to_option, writing
from ivr.cli.reading import line_or_exit
from ivr.disk.writing import write_whole
from ivr.exchange import grammar
from ivr.model.files import SETTINGS
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.twiml.fallback import document


@click.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="fallback",
    show_default=True,
    help="The folder for the documents, one for each municipality.",
)
@to_option
@in_context
def fallback(context: Context, output: Path, dialled: str | None) -> None:
    """Make the documents that Twilio itself speaks while our server is down.

    One for each municipality: what happened, the five steps in short, its contacts, the police and the
    tip line, twice; then the police are rung. With --to only that one, on the screen.
    """
    line = line_or_exit(context)
    if dialled is not None:
        _, municipality = municipality_or_exit(context, line, dialled)
        click.echo(_valid(context, line, municipality))
        return
    documents = {slug: _valid(context, line, each) for slug, each in line.municipalities.items()}
    with writing(context, str(output)):
        output.mkdir(parents=True, exist_ok=True)
        for slug, text in documents.items():
            write_whole(output / f"{slug}.xml", text.encode(), like=context.home.root / SETTINGS)
    for slug, municipality in line.municipalities.items():
        click.echo(output / f"{slug}.xml")
        if municipality.example:
            click.echo(f"  {context.say('fallback-example')}")
    click.echo(context.say("fallback-made"))


def _valid(context: Context, line: Line, municipality: Municipality) -> str:
    """Return the document of a municipality. One that Twilio would refuse ends the program."""
    text = document(line, municipality)
    try:
        grammar.read(text.encode(), "text/xml")
    except grammar.TwimlError as error:
        click.echo(context.say("fallback-refused", municipality=municipality.name, why=error), err=True)
        sys.exit(1)
    return text
