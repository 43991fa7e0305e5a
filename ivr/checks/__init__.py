"""Every promise of the line, proven over a whole reading: one small function each.

A check takes the line and the day it is (some promises grow old) and yields what breaks its promise.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from ivr.checks import closing, documents, menu, municipalities, prompts
from ivr.model import files
from ivr.model.findings import Finding, Severity, broken
from ivr.model.line import Line

Check = Callable[[Line, date], Iterator[Finding]]
_Promise = Callable[[Line], Iterable[Finding]]

ALL: Final[tuple[Check, ...]] = (*menu.CHECKS, *prompts.CHECKS, *municipalities.CHECKS)
LAST: Final[tuple[Check, ...]] = documents.CHECKS
"""These play the line, so they need one on which the others find no error."""


def findings(line: Line, moment: datetime, *, public: bool) -> list[Finding]:
    """All that breaks a promise at a moment (aware). `public`: an example municipality does."""
    today = moment.astimezone(line.settings.timezone).date()

    def of_today(check: Check) -> _Promise:
        return lambda line: check(line, today)

    first: list[_Promise] = [
        *map(of_today, ALL),
        lambda line: municipalities.examples_stay_at_home(line, public=public),
        lambda line: closing.the_line_is_open(line, moment),
    ]
    found = [finding for check in first for finding in _found(check, line)]
    if any(finding.severity is Severity.ERROR for finding in found):
        return found
    return found + [finding for check in map(of_today, LAST) for finding in _found(check, line)]


def _found(check: _Promise, line: Line) -> list[Finding]:
    """What a check finds; one that breaks off hides neither what it found nor what others find."""
    found: list[Finding] = []
    try:
        found.extend(check(line))
    except Exception as error:  # noqa: BLE001 - whatever a value brings about, the promise is unproven
        found += _blamed(check, line) or [broken(".", error)]
    return found


def _blamed(check: _Promise, line: Line) -> list[Finding]:
    """The files of the municipalities at which a check breaks off, where it does not without any."""
    alone = {word: replace(line, municipalities={word: each}) for word, each in line.municipalities.items()}
    if _error(check, replace(line, municipalities={})):
        return []
    errors = {word: error for word, each in alone.items() if (error := _error(check, each))}
    return [broken(files.municipality(word), error) for word, error in errors.items()]


def _error(check: _Promise, line: Line) -> Exception | None:
    try:
        list(check(line))
    except Exception as error:  # noqa: BLE001
        return error
    return None
