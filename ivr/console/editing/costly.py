"""Numbers that cost extra to ring: a coordinator cannot put one on the line, a manager can.

Whoever gets hold of a coordinator's account could otherwise have the municipality ring a number of his own
that pays him for each minute.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from ivr.console.findings import ShownFinding
from ivr.console.words import say
from ivr.model.findings import Finding
from ivr.model.municipality import Municipality

_COSTLY: Final = frozenset({"number-abroad", "number-premium"})
"""Codes of the findings of such numbers, which are warnings: a manager may know better."""


def new_costly(
    findings: Iterable[Finding], before: Municipality | None, after: Municipality | None
) -> Iterator[Finding]:
    """Yield the findings of numbers that cost extra and are not contacts already."""
    known = {each.number for each in before.contacts} if before else set()
    for finding in findings:
        if finding.code in _COSTLY and not (after and _number(finding, after) in known):
            yield finding


def _number(finding: Finding, after: Municipality) -> str | None:
    match finding.path:
        case ("contacts", int(place), *_) if place < len(after.contacts):
            return after.contacts[place].number
        case _:
            return None


def refused(finding: ShownFinding) -> ShownFinding:
    """Return a finding that keeps a change from being published, and who can publish it."""
    return replace(finding, is_error=True, remedy=say("edit.costly"))
