"""Caps the number of findings of each file, so that a person can read them."""

from collections.abc import Iterable

from ivr.model.findings import Finding, Severity
from ivr.model.limits import FINDINGS_SHOWN


def capped(findings: Iterable[Finding]) -> list[Finding]:
    """Return at most FINDINGS_SHOWN findings of each file, and one that has the number of those left out.

    Errors are kept before warnings. The order by line stays.
    """
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.file, []).append(finding)
    return [finding for file, found in files.items() for finding in _capped(file, found)]


def _capped(file: str, found: list[Finding]) -> list[Finding]:
    more = len(found) - FINDINGS_SHOWN
    if more <= 0:
        return found
    kept = sorted(found, key=lambda each: each.severity is not Severity.ERROR)[:FINDINGS_SHOWN]
    kept.sort(key=lambda each: each.line)
    return [
        *kept,
        Finding(
            "findings-more", file, values={"count": more}, line=found[-1].line, severity=Severity.WARNING
        ),
    ]
