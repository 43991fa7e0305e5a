"""The command `ivr`."""

import json
import os
import shutil
import sys
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path, PurePath

import click

from ivr import words
from ivr.cli import audio, call, close, doctor, fallback, provision, report, ring_check, serve
from ivr.cli.common import (
    Desk,
    at_option,
    desk,
    line_or_exit,
    moment_of,
    municipality_or_exit,
    print_findings,
    reading_of,
    to_option,
)
from ivr.config.environment import OpenToOthers, read_environment
from ivr.config.home import CLOSED, Home
from ivr.ear import LANGUAGES
from ivr.finding import Finding
from ivr.graph import draw
from ivr.numbers import written
from ivr.shipped import shipped
from ivr.speech.stock import stale
from ivr.who import who as who_is_rung


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    envvar="IVR_HOME",
    show_default="current folder",
    help="The folder that holds config/, prompts/ and audio/.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="nl",
    envvar="IVR_LANGUAGE",
    show_default=True,
    help="The language in which findings and answers are written.",
)
@click.version_option(package_name="balielijn", prog_name="ivr")
@click.pass_context
def main(context: click.Context, home: Path, language: str) -> None:
    """Balielijn: a telephone line for desk clerks who suspect human trafficking."""
    try:
        env = read_environment(home, os.environ)
    except OpenToOthers as error:
        raise click.ClickException(words.say("env-open", language, file=error.path)) from None
    context.obj = Desk(Home(home), language, env)


main.add_command(call.call)
main.add_command(serve.serve)
main.add_command(audio.audio)
main.add_command(provision.provision)
main.add_command(doctor.doctor)
main.add_command(close.close)
main.add_command(close.open_)
main.add_command(fallback.fallback)
main.add_command(ring_check.ring_check)
main.add_command(report.report)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@desk
def check(desk: Desk, as_json: bool) -> None:
    """Read the configuration and the prompts as a whole, and tell all that is wrong.

    Exits with 1 where a finding is an error.
    """
    reading = reading_of(desk)
    if reading.line:
        findings = (*reading.findings, *stale(reading.line, desk.home.audio))
        reading = replace(reading, findings=findings)
    if as_json:
        told = [_as_dict(finding, desk.language) for finding in reading.findings]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        print_findings(reading, desk.language)
    sys.exit(1 if reading.errors else 0)


def _as_dict(finding: Finding, language: str) -> dict[str, str | int]:
    return {
        "file": finding.file,
        "line": finding.line,
        "level": finding.level.value,
        "code": finding.code,
        "fact": words.fact(finding, language),
        "remedy": words.remedy(finding, language),
    }


@main.command()
@to_option
@at_option
@desk
def who(desk: Desk, dialled: str | None, at: str | None) -> None:
    """Tell who would be rung for each choice, and why."""
    line = line_or_exit(desk)
    address, municipality = municipality_or_exit(line, dialled)
    moment = moment_of(at, line.settings.timezone).astimezone(line.settings.timezone)
    shown = {
        "municipality": municipality.name,
        "dialled": written(address),
        "moment": f"{moment:%Y-%m-%d %H:%M}",
    }
    click.echo(desk.say("who-title", **shown))
    if line.closed(moment):
        click.echo(desk.say("who-line-closed"))
    for item, rungs in groupby(
        who_is_rung(line, municipality, moment, desk.language), key=attrgetter("item")
    ):
        click.echo(f"\n{item}")
        for rung in rungs:
            told = [f"{rung.name}, {rung.number}", desk.say("rung" if rung.on_duty else "not-rung"), rung.why]
            click.echo("  " + " · ".join([*told, *([desk.say("must-accept")] if rung.accept else [])]))


@main.command()
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), default="menu.svg", show_default=True
)
@desk
def graph(desk: Desk, output: Path) -> None:
    """Draw the menu as a picture (SVG)."""
    output.write_bytes(draw(line_or_exit(desk), desk.language))
    click.echo(desk.say("drawn", file=output))


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@desk
def init(desk: Desk, folder: Path) -> None:
    """Make a new home in FOLDER: the shipped menu, prompts and an example municipality."""
    for part in ("config", "prompts"):
        if (folder / part).exists():
            raise click.UsageError(desk.say("home-taken", folder=folder / part))
    for part in ("config", "prompts"):
        # Whether this line is closed today is nothing for a new one.
        shutil.copytree(shipped() / part, folder / part, ignore=shutil.ignore_patterns(PurePath(CLOSED).name))
    click.echo(desk.say("home-made", folder=folder))
