"""Why the account could not be read or changed, as a problem with words."""

from typing import Final

from ivr.account.client import CREDENTIALS, NOT_ACTIVE, trouble
from ivr.account.plan import Problem

_CODES: Final = {CREDENTIALS: "credentials", NOT_ACTIVE: "account-closed", 0: "account-away"}


def problem(error: Exception) -> Problem:
    """Tell one of `client.FAILURES` under a code of ours."""
    found = trouble(error)
    return Problem(_CODES.get(found.code, "account-refused"), {"code": str(found.code), "why": found.why})


def is_final(problem: Problem) -> bool:
    """Whether the account as a whole is out of reach, so that asking on is of no use."""
    return problem.code in _CODES.values()
