"""No more findings than a person reads."""

from collections.abc import Iterable

from ivr.model.findings import Finding, Severity
from ivr.model.limits import FINDINGS_SHOWN


def few(findings: Iterable[Finding]) -> list[Finding]:
    """As many findings of each file as a person reads, errors before warnings; one more counts the others."""
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.file, []).append(finding)
    return [finding for file, found in files.items() for finding in _few_of(file, found)]


def _few_of(file: str, found: list[Finding]) -> list[Finding]:
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
