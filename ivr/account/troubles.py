"""Errors of Twilio's API as problems that the doctor and `ivr provision` report."""

from typing import Final

from ivr.account.client import CREDENTIALS, NOT_ACTIVE, trouble
from ivr.account.plan import Problem

_CODES: Final = {CREDENTIALS: "credentials", NOT_ACTIVE: "account-closed", 0: "account-away"}


def problem(error: Exception) -> Problem:
    """Convert one of `client.FAILURES`."""
    found = trouble(error)
    return Problem(_CODES.get(found.code, "account-refused"), {"code": str(found.code), "why": found.why})


def is_final(problem: Problem) -> bool:
    """Whether the account as a whole is unreachable, so that further requests would fail too."""
    return problem.code in _CODES.values()
