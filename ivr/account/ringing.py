"""Ringing a contact through the account, and waiting for how it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, SIGTERM, pthread_sigmask
from typing import Any, Final

from twilio.rest import Client

from ivr.account.client import FAILURES
from ivr.limits import RING_CHECK_LOOK, RING_CHECK_SECONDS
from ivr.ring_check import Check

Sleep = Callable[[float], None]


class Rang(Enum):
    """How a call that was made ended (https://www.twilio.com/docs/voice/api/call-resource#call-status-values)."""

    PICKED_UP = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


_ENDS: Final = {rang.value: rang for rang in Rang}


def ring(client: Client, check: Check, url: str, sleep: Sleep) -> Rang:
    """Ring a contact and play the document at `url` to who picks up; how it ended.

    Whatever interrupts it (Ctrl-C, or a network that is gone) hangs up first. Raises client.FAILURES.
    """
    call: Any = None
    try:
        with _unstopped():
            made = client.calls.create(
                to=check.contact.number,
                from_=check.municipality.shown,
                url=url,
                method="POST",
                timeout=check.contact.ring,
                time_limit=RING_CHECK_SECONDS,
            )
            call = client.calls(made.sid)
        while (status := call.fetch().status) not in _ENDS:
            sleep(RING_CHECK_LOOK)
    except BaseException:
        if call is not None:
            with suppress(*FAILURES):
                call.update(status="completed")
        raise
    return _ENDS[status]


@contextmanager
def _unstopped() -> Iterator[None]:
    """Who stops the program waits a moment: only a call that is known can be ended."""
    before = pthread_sigmask(SIG_BLOCK, {SIGINT, SIGTERM})
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)
