"""Reads the home for a command, and prints findings."""

import sys

import click

from ivr import translations
from ivr.account.credentials import configured
from ivr.cli.common import Context, state_folder
from ivr.config.last_good import LastGood
from ivr.config.live import Live, NoLine
from ivr.config.reading import Reading, read
from ivr.model.findings import Finding, Severity
from ivr.model.line import Line


def reading_of(context: Context, *, public: bool = False) -> Reading:
    """Return a reading of the home at this moment, with the settings of the environment.

    `public`: as `ivr serve` reads it.
    """
    return read(
        context.home,
        context.now(),
        before=LastGood(state_folder(context)).confirmations(),
        public=public,
        erases=configured(context.env),
    )


def line_or_exit(context: Context) -> Line:
    """Return the line of the home. Errors are printed and end the program."""
    reading = reading_of(context)
    if reading.line is None:
        print_findings(reading, context.language, err=True)
        sys.exit(1)
    return reading.line


def live_or_exit(context: Context, *, public: bool, erases: bool, last_good: LastGood | None = None) -> Live:
    """Return the live configuration. Without a good reading, errors are printed and end the program."""
    try:
        return Live(context.home, context.now, public=public, erases=erases, last_good=last_good)
    except NoLine as error:
        print_findings(Reading(None, error.findings), context.language, err=True)
        sys.exit(1)


def print_findings(reading: Reading, language: str, *, err: bool = False) -> None:
    """Print all findings of a reading and a summary. `err`: on standard error."""
    for finding in reading.findings:
        # The name of a file may hold bytes that are no text.
        click.echo(_as_text(finding, language).encode(errors="backslashreplace").decode(), err=err)
    click.echo(_summary(reading, language), err=err)


def _as_text(finding: Finding, language: str) -> str:
    error = finding.severity is Severity.ERROR
    level = click.style(
        translations.say(finding.severity, language), fg="red" if error else "yellow", bold=True
    )
    whole_home = finding.file == "."
    place = "" if whole_home else click.style(f"{finding.file}:{finding.line}", bold=True) + ": "
    todo = translations.say("what-to-do", language, remedy=translations.remedy(finding, language))
    return f"{place}{level} [{finding.code}]\n  {translations.fact(finding, language)}\n  {todo}\n"


def _summary(reading: Reading, language: str) -> str:
    sentences = []
    if reading.unproven:
        sentences.append(translations.say("unproven", language, files=", ".join(reading.unproven)))
    if reading.errors:
        sentences.append(translations.say("count", language, errors=len(reading.errors)))
    elif reading.findings:
        sentences.append(translations.say("with-warnings", language, warnings=len(reading.findings)))
    elif reading.line:
        counts = {"municipalities": len(reading.line.municipalities), "items": len(reading.line.menu.items)}
        sentences.append(
            translations.say("all-well", language, languages=len(reading.line.prompts), **counts)
        )
    return "\n".join(sentences)
