"""`ivr doctor`: runs the examinations and prints their results."""

import json
import shutil
import ssl
import sys
from collections import Counter
from collections.abc import Iterator

import click

from ivr import translations
from ivr.account.client import client
from ivr.account.credentials import configured
from ivr.cli.common import Context, database_or_exit, in_context, public_url_of, state_folder
from ivr.cli.reading import print_findings, reading_of
from ivr.config.reading import Reading
from ivr.doctor import ALL, Result, Status, Surroundings, examine
from ivr.exchange import grammar, verbs
from ivr.model.limits import DOCTOR_SECONDS
from ivr.model.line import Line
from ivr.store.opening import FILE, reach

_COLOURS = {Status.OK: "green", Status.WARNING: "yellow", Status.ERROR: "red", Status.NOT_EXAMINED: "cyan"}
_NAMES = {
    Status.OK: "doctor-well",
    Status.WARNING: "doctor-warning",
    Status.ERROR: "doctor-error",
    Status.NOT_EXAMINED: "doctor-unknown",
}


@click.command()
@click.option("--public-url")
@click.option("--strict", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@in_context
def doctor(context: Context, public_url: str | None, strict: bool, as_json: bool) -> None:
    """Examine the account, the public address and this machine. Exits with 1 on an error."""
    reading = reading_of(context)
    if reading.line is None:
        _print_reading(context, reading, as_json=as_json)
        sys.exit(1)
    surroundings = _surroundings(context, reading, reading.line, public_url)
    results = list(_examined(context, surroundings))
    if as_json:
        shown = [_as_dict(context, code, result) for code, result in results]
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        _print(context, results)
    statuses = {result.status for _, result in results}
    bad = {Status.ERROR, Status.WARNING} if strict else {Status.ERROR}
    sys.exit(1 if statuses & bad else 0)


def _print_reading(context: Context, reading: Reading, *, as_json: bool) -> None:
    """Print the findings of the files. With an error in them there is no line to examine."""
    if not as_json:
        print_findings(reading, context.language, err=True)
        return
    shown = [
        {
            "examination": "configuration",
            "code": finding.code,
            "level": finding.severity.value,
            "fact": f"{finding.file}:{finding.line}: {translations.fact(finding, context.language)}",
            "remedy": translations.remedy(finding, context.language),
        }
        for finding in reading.findings
    ]
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False))


def _surroundings(context: Context, reading: Reading, line: Line, public_url: str | None) -> Surroundings:
    return Surroundings(
        line=line,
        findings=reading.findings,
        audio=context.home.audio,
        folders=(context.home.root, state_folder(context)),
        public_url=public_url_of(context, line, public_url),
        token=context.env.get("TWILIO_AUTH_TOKEN", ""),
        account=client(context.env) if configured(context.env) else None,
        now=context.now,
        timeout=DOCTOR_SECONDS,
        tls=ssl.create_default_context(),
        fault=_fault,
        database=lambda: _reach(context),
        free=lambda folder: shutil.disk_usage(folder).free,
    )


def _examined(context: Context, surroundings: Surroundings) -> Iterator[tuple[str, Result]]:
    """Yield the code of an examination with each of its results; on a terminal show a progress bar."""
    found = examine(surroundings)
    if sys.stderr.isatty():
        label = context.say("doctor-examining")
        with click.progressbar(found, length=len(ALL), label=label, file=sys.stderr) as bar:
            found = iter(list(bar))
    for code, results in found:
        yield from ((code, result) for result in results)


def _fault(document: bytes, content_type: str) -> str:
    """Return why Twilio would refuse a document; empty where it would not."""
    try:
        grammar.read(document, content_type)
    except verbs.TwimlError as error:
        return str(error)
    return ""


def _reach(context: Context) -> None:
    """Connect to the database. Raises where that fails."""
    # Connecting would create a missing SQLite file. Only `ivr serve` may, as its user must own the file.
    if context.env.get("IVR_DATABASE_URL") or (state_folder(context) / FILE).exists():
        reach(database_or_exit(context))


def _print(context: Context, results: list[tuple[str, Result]]) -> None:
    width = max(len(context.say(name)) for name in _NAMES.values())
    for code, result in results:
        shown = _as_dict(context, code, result)
        status = click.style(context.say(_NAMES[result.status]).ljust(width), fg=_COLOURS[result.status])
        click.echo(f"{status}  {code:<16}  {shown['fact']}")
        if shown["remedy"]:
            click.echo(f"{'':<{width}}  {'':<16}  {context.say('what-to-do', remedy=shown['remedy'])}")
    counts = Counter(result.status for _, result in results)
    if set(counts) == {Status.OK}:
        click.echo(f"\n{context.say('doctor-all-well')}")
        return
    totals = {"errors": Status.ERROR, "warnings": Status.WARNING, "unknown": Status.NOT_EXAMINED}
    numbers = {name: counts[status] for name, status in totals.items()}
    click.echo(f"\n{context.say('doctor-summary', **numbers)}")


def _as_dict(context: Context, examination: str, result: Result) -> dict[str, str]:
    fact, remedy = _texts(context, result)
    return {
        "examination": examination,
        "code": result.code,
        "level": result.status.value,
        "fact": fact,
        "remedy": remedy,
    }


def _texts(context: Context, result: Result) -> tuple[str, str]:
    """Return what was found and what to do about it; the second is empty where nothing is to be done."""

    def part(name: str) -> str:
        return translations.diagnosis(result.code, name, context.language, **result.values)

    match result.status:
        case Status.OK:
            return part("well"), ""
        case Status.NOT_EXAMINED:
            return context.say("doctor-because", **result.values), ""
        case _:
            return part("fact"), part("do")
