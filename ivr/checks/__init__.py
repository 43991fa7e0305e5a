"""Checks of a whole configuration: one function for each property that must hold.

A check takes the line and today's date (local time), and yields a finding, with its severity, for each place
where its property does not hold. It is listed in CHECKS of its module.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from ivr.checks import absences, closing, confirmations, documents, menu, municipalities, prompts
from ivr.checks.confirmations import Confirmations
from ivr.model import files
from ivr.model.findings import Finding, Severity, broken
from ivr.model.line import Line

Check = Callable[[Line, date], Iterator[Finding]]
_CheckOfLine = Callable[[Line], Iterable[Finding]]

ALL: Final[tuple[Check, ...]] = (
    *menu.CHECKS,
    *prompts.CHECKS,
    *municipalities.CHECKS,
    *absences.CHECKS,
)
LAST: Final[tuple[Check, ...]] = documents.CHECKS
"""These make replies and documents, so they run only if the others find no error."""


def findings(
    line: Line, moment: datetime, *, public: bool, before: Confirmations | None = None
) -> list[Finding]:
    """Run all checks at a moment (aware).

    `public`: the line is for real callers, so an example is an error, and calls must leave no traces.
    `before`: what the last good reading knew of the contacts, where there was one.
    """
    today = moment.astimezone(line.settings.timezone).date()

    def of_today(check: Check) -> _CheckOfLine:
        return lambda line: check(line, today)

    first: list[_CheckOfLine] = [
        *map(of_today, ALL),
        lambda line: menu.anonymity_is_kept(line, public=public),
        lambda line: municipalities.examples_stay_at_home(line, public=public),
        lambda line: confirmations.changed_numbers_are_checked_anew(line, before or Confirmations(), today),
        lambda line: closing.the_line_is_open(line, moment),
    ]
    found = [finding for check in first for finding in _found(check, line)]
    if any(finding.severity is Severity.ERROR for finding in found):
        return found
    return found + [finding for check in map(of_today, LAST) for finding in _found(check, line)]


def _found(check: _CheckOfLine, line: Line) -> list[Finding]:
    """Run a check. An exception becomes a finding, beside those that the check made before it."""
    found: list[Finding] = []
    try:
        found.extend(check(line))
    except Exception as error:  # noqa: BLE001 - a check may raise anything
        found += _broken_files(check, line) or [broken(".", error)]
    return found


def _broken_files(check: _CheckOfLine, line: Line) -> list[Finding]:
    """The files of the municipalities for which a check raises, unless it also raises without any."""
    alone = {slug: replace(line, municipalities={slug: each}) for slug, each in line.municipalities.items()}
    if _error(check, replace(line, municipalities={})):
        return []
    errors = {slug: error for slug, each in alone.items() if (error := _error(check, each))}
    return [broken(files.municipality(slug), error) for slug, error in errors.items()]


def _error(check: _CheckOfLine, line: Line) -> Exception | None:
    try:
        list(check(line))
    except Exception as error:  # noqa: BLE001
        return error
    return None
