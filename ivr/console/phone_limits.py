"""How often somebody without an account may use the practice phone, so that the console stays quick."""

from http import HTTPStatus
from typing import Final

from flask import abort, current_app, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

REQUESTS: Final = parse("1200 per minute")
"""From one IP address to one worker. A call takes about twenty a minute, a lesson has thirty clerks."""


class PracticeLimit:
    """Counts in memory: the addresses are never written, and forgotten after a minute."""

    def __init__(self, limit: RateLimitItem = REQUESTS) -> None:
        self._counter = FixedWindowRateLimiter(MemoryStorage())
        self._limit = limit

    def check(self) -> None:
        """Refuse the current request if there were too many."""
        if not self._counter.hit(self._limit, request.remote_addr or ""):
            abort(HTTPStatus.TOO_MANY_REQUESTS)


def check_limit() -> None:
    limit: PracticeLimit = current_app.extensions["practice-limit"]
    limit.check()
