"""Every promise of the line, proven over a whole reading: one small function each.

A check takes the line and the day it is (some promises grow old) and yields what breaks its promise.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Final

from ivr.checks import closing, documents, menu, municipalities, prompts
from ivr.finding import Finding
from ivr.model import Line

Check = Callable[[Line, date], Iterator[Finding]]

ALL: Final[tuple[Check, ...]] = (*menu.CHECKS, *prompts.CHECKS, *municipalities.CHECKS)
LAST: Final[tuple[Check, ...]] = documents.CHECKS
"""These play the line, so they need one on which the others find no error."""


def findings(line: Line, moment: datetime, *, public: bool) -> list[Finding]:
    """All that breaks a promise at a moment (aware). `public`: an example municipality does."""
    today = moment.astimezone(line.settings.timezone).date()
    found = [finding for check in ALL for finding in check(line, today)]
    found += municipalities.examples_stay_at_home(line, public=public)
    found += closing.the_line_is_open(line, moment)
    if any(finding.level == "error" for finding in found):
        return found
    return found + [finding for check in LAST for finding in check(line, today)]
