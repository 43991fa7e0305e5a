"""`ivr undo`: puts an older version of a municipality's file back."""

import sys
from dataclasses import replace

import click

from ivr.cli.common import Context, in_context, writing
from ivr.cli.history import print_difference, row
from ivr.cli.reading import print_findings, reading_of
from ivr.cli.versioned import person, slug_or_exit, usable, version_or_exit, zone_of
from ivr.config.reading import Reading
from ivr.config.restoring import Restoration, new_errors, reading_with, restoration
from ivr.config.versions import Kind, Outdated, Unrecorded, Version, Versions

_YES = frozenset({"j", "ja", "y", "yes"})


@click.command()
@click.argument("municipality")
@click.option("--to", "ident")
@click.option("--yes", is_flag=True)
@in_context
def undo(context: Context, municipality: str, ident: str | None, yes: bool) -> None:
    """Put the file of a municipality back as it was in an older version.

    MUNICIPALITY is the name of its file without .yaml; `ivr history` tells its versions. Days on which
    numbers were confirmed meanwhile stay. What stands there now is kept as a version too. Nothing is
    written where it would bring in an error.
    """
    versions = Versions(context.home)
    with usable(context):
        found = _restoration(context, versions, municipality, ident)
        if found is None:
            raise click.ClickException(context.say("undo-none"))
        if found.since == found.before:
            click.echo(context.say("undo-same"))
            return
        click.echo(context.say("undo-version", version=row(context, found.version, zone_of(context))))
        print_difference(found.file, _text(found.before), _text(found.since))
        _refuse_errors(context, found)
        if not yes:
            _ask(context)
        draft = Version(Kind.UNDO, person(context), context.now(), restored=found.version.id)
        try:
            with writing(context, found.file):
                versions.record({found.file: found.since}, draft, expected={found.file: found.before})
        except Outdated:
            raise click.ClickException(context.say("undo-outdated", file=found.file)) from None
        except Unrecorded as error:
            click.echo(context.say("version-unwritten", why=error), err=True)
    reading = reading_of(context)
    click.echo(context.say("undone-with-errors" if reading.errors else "undone"))
    if reading.errors:
        print_findings(Reading(None, reading.errors), context.language, err=True)


def _restoration(
    context: Context, versions: Versions, municipality: str, ident: str | None
) -> Restoration | None:
    slug = slug_or_exit(context, versions, municipality)
    version = version_or_exit(context, versions, ident, "--to") if ident is not None else None
    today = context.now().astimezone(zone_of(context)).date()
    with writing(context, municipality):
        return restoration(versions, slug, today, version)


def _refuse_errors(context: Context, found: Restoration) -> None:
    """End the program where the file would bring in an error; print the findings."""
    with writing(context, found.file):
        then = reading_with(
            context.home, {found.file: found.since}, lambda home: reading_of(replace(context, home=home))
        )
    if errors := new_errors(reading_of(context), then):
        print_findings(Reading(None, errors), context.language, err=True)
        raise click.ClickException(context.say("undo-refused"))


def _ask(context: Context) -> None:
    """Ask whether to go on; any answer but yes ends the program."""
    answer = click.prompt(context.say("undo-sure"), default="", show_default=False, prompt_suffix=" ")
    if answer.strip().lower() not in _YES:
        click.echo(context.say("undo-left"))
        sys.exit(1)


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode(errors="replace")
