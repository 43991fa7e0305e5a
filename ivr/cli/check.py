"""`ivr check`: prints all findings of the home."""

import json
import sys
from dataclasses import replace

import click

from ivr import translations
from ivr.cli.common import Context, in_context
from ivr.cli.reading import print_findings, reading_of
from ivr.config.telephone import read_telephone
from ivr.model.findings import Finding
from ivr.speech.inventory import unplayed


@click.command()
@click.option("--json", "as_json", is_flag=True)
@in_context
def check(context: Context, as_json: bool) -> None:
    """Print all findings. Exits with 1 where one is an error.

    With a token, the line is checked as `ivr serve` will.
    """
    reading = reading_of(context, public=bool(context.env.get("TWILIO_AUTH_TOKEN")))
    _, of_telephone = read_telephone(context.home, reading.line)
    of_audio = unplayed(reading.line, context.home.audio) if reading.line else ()
    reading = replace(reading, findings=(*reading.findings, *of_telephone, *of_audio))
    if as_json:
        entries = [_as_dict(finding, context.language) for finding in reading.findings]
        shown = json.dumps(entries, indent=2, ensure_ascii=False)
        click.echo(
            shown.encode(errors="backslashreplace").decode()
        )  # the name of a file may hold bytes that are no text
    else:
        print_findings(reading, context.language)
    sys.exit(1 if reading.errors else 0)


def _as_dict(finding: Finding, language: str) -> dict[str, str | int]:
    return {
        "file": finding.file,
        "line": finding.line,
        "field": finding.field,
        "level": finding.severity.value,
        "code": finding.code,
        "fact": translations.fact(finding, language),
        "remedy": translations.remedy(finding, language),
    }
