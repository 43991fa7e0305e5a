"""A reminder that the line is closed on purpose."""

from collections.abc import Iterator
from datetime import datetime

from ivr.model import files
from ivr.model.findings import Finding, Severity
from ivr.model.line import Line


def the_line_is_open(line: Line, moment: datetime) -> Iterator[Finding]:
    """Not in a list of CHECKS, because it needs the time and not only the date."""
    closure = line.closure
    if closure is None:
        return
    until = closure.until or "…"
    if closure.until and closure.until <= moment:
        yield Finding("closure-over", files.CLOSURE, ("until",), {"until": until}, severity=Severity.WARNING)
    else:
        values = {"text": closure.reason, "since": closure.since, "until": until}
        yield Finding("line-closed", files.CLOSURE, ("reason",), values, severity=Severity.WARNING)
