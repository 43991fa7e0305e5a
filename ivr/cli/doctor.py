"""`ivr doctor`: what can go wrong before a clerk finds out."""

import json
import shutil
import ssl
import sys
from collections import Counter
from collections.abc import Iterator

import click

from ivr import words
from ivr.account.client import client, configured
from ivr.cli.common import (
    Desk,
    database_or_exit,
    desk,
    now,
    print_findings,
    public_address,
    reading_of,
    state_folder,
)
from ivr.doctor import ALL, Level, Result, Surroundings, examine
from ivr.exchange import grammar
from ivr.limits import DOCTOR_SECONDS
from ivr.store.opening import FILE, reach

_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "red", Level.UNKNOWN: "cyan"}
_NAMES = {
    Level.OK: "doctor-well",
    Level.WARNING: "doctor-warning",
    Level.ERROR: "doctor-error",
    Level.UNKNOWN: "doctor-unknown",
}


@click.command()
@click.option("--public-url", help="The line's public address.  [default: IVR_PUBLIC_URL, or public_url]")
@click.option("--strict", is_flag=True, help="Exit with 1 on a warning too.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@desk
def doctor(desk: Desk, public_url: str | None, strict: bool, as_json: bool) -> None:
    """Examine the account, the public address and the house, and tell what to do about what is wrong.

    Changes nothing and rings nobody. Needs the same settings as `ivr serve`. Exits with 1 on an error, so
    that a scheduler can run it.
    """
    surroundings = _surroundings(desk, public_url)
    results = list(_examined(desk, surroundings))
    if as_json:
        told = [_as_dict(desk, code, result) for code, result in results]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        _print(desk, results)
    levels = {result.level for _, result in results}
    bad = {Level.ERROR, Level.WARNING} if strict else {Level.ERROR}
    sys.exit(1 if levels & bad else 0)


def _surroundings(desk: Desk, public_url: str | None) -> Surroundings:
    reading = reading_of(desk)
    if reading.line is None:
        print_findings(reading, desk.language, err=True)
        sys.exit(1)
    return Surroundings(
        line=reading.line,
        findings=reading.findings,
        audio=desk.home.audio,
        folders=(desk.home.root, state_folder(desk)),
        public_url=public_address(desk, reading.line, public_url),
        token=desk.env.get("TWILIO_AUTH_TOKEN", ""),
        account=client(desk.env) if configured(desk.env) else None,
        now=now,
        patience=DOCTOR_SECONDS,
        tls=ssl.create_default_context(),
        fault=_fault,
        database=lambda: _reach(desk),
        free=lambda folder: shutil.disk_usage(folder).free,
    )


def _examined(desk: Desk, surroundings: Surroundings) -> Iterator[tuple[str, Result]]:
    """Every result with the examination's code; on a terminal with a sign of how far it is."""
    found = examine(surroundings)
    if sys.stderr.isatty():
        label = desk.say("doctor-examining")
        with click.progressbar(found, length=len(ALL), label=label, file=sys.stderr) as bar:
            found = iter(list(bar))
    for code, results in found:
        yield from ((code, result) for result in results)


def _fault(document: bytes, content_type: str) -> str:
    try:
        grammar.read(document, content_type)
    except grammar.Refused as error:
        return str(error)
    return ""


def _reach(desk: Desk) -> None:
    # A file of our own that is not there yet is made by `ivr serve`, which must be its owner.
    if desk.env.get("IVR_DATABASE_URL") or (state_folder(desk) / FILE).exists():
        reach(database_or_exit(desk))


def _print(desk: Desk, results: list[tuple[str, Result]]) -> None:
    width = max(len(desk.say(name)) for name in _NAMES.values())
    for code, result in results:
        told = _as_dict(desk, code, result)
        level = click.style(desk.say(_NAMES[result.level]).ljust(width), fg=_COLOURS[result.level])
        click.echo(f"{level}  {code:<16}  {told['fact']}")
        if told["remedy"]:
            click.echo(f"{'':<{width}}  {'':<16}  {desk.say('what-to-do', remedy=told['remedy'])}")
    counts = Counter(result.level for _, result in results)
    if set(counts) == {Level.OK}:
        click.echo(f"\n{desk.say('doctor-all-well')}")
        return
    shown = {"errors": Level.ERROR, "warnings": Level.WARNING, "unknown": Level.UNKNOWN}
    numbers = {name: counts[level] for name, level in shown.items()}
    click.echo(f"\n{desk.say('doctor-summary', **numbers)}")


def _as_dict(desk: Desk, examination: str, result: Result) -> dict[str, str]:
    fact, remedy = _told(desk, result)
    return {
        "examination": examination,
        "code": result.code,
        "level": result.level.value,
        "fact": fact,
        "remedy": remedy,
    }


def _told(desk: Desk, result: Result) -> tuple[str, str]:
    """What was found, and what to do about it, if anything."""

    def part(name: str) -> str:
        return words.diagnosis(result.code, name, desk.language, **result.values)

    match result.level:
        case Level.OK:
            return part("well"), ""
        case Level.UNKNOWN:
            return desk.say("doctor-because", **result.values), ""
        case _:
            return part("fact"), part("do")
