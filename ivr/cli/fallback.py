"""`ivr fallback`: makes the static documents for when the server is down."""

import sys
from pathlib import Path

import click

from ivr.cli.common import Context, in_context, municipality_options, municipality_or_exit, writing
from ivr.cli.reading import line_or_exit
from ivr.disk.writing import write_whole
from ivr.exchange import grammar, verbs
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
)
@municipality_options
@in_context
def fallback(context: Context, output: Path, slug: str | None, dialled: str | None) -> None:
    """Make the document of each municipality, or print that of one."""
    line = line_or_exit(context)
    if slug or dialled:
        _, municipality = municipality_or_exit(context, line, slug, dialled)
        click.echo(_valid(context, line, municipality))
        return
    documents = {f"{name}.xml": _valid(context, line, each) for name, each in line.municipalities.items()}
    with writing(context, str(output)):
        output.mkdir(parents=True, exist_ok=True)
        for file, text in documents.items():
            write_whole(output / file, text.encode(), like=context.home.root / SETTINGS)
    for file, each in zip(documents, line.municipalities.values(), strict=True):
        click.echo(output / file)
        if each.example:
            click.echo(f"  {context.say('fallback-example')}")
    click.echo(context.say("fallback-made"))


def _valid(context: Context, line: Line, municipality: Municipality) -> str:
    """Return the document of a municipality. One that Twilio would refuse ends the program."""
    # The document is the same at any moment, so it holds who is rung now.
    today = context.now().astimezone(line.settings.timezone).date()
    text = document(line, municipality.as_of(today))
    try:
        grammar.read(text.encode(), "text/xml")
    except verbs.TwimlError as error:
        click.echo(context.say("fallback-refused", municipality=municipality.name, why=error), err=True)
        sys.exit(1)
    return text
