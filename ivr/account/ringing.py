"""Ringing a contact through the account, and waiting for how it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, SIGTERM, pthread_sigmask
from typing import Any, Final

from twilio.rest import Client

from ivr.account.client import FAILURES
from ivr.dialogue.ring_check import RingCheckCall
from ivr.model.limits import RING_CHECK_POLL_FAILURES, RING_CHECK_POLL_SECONDS, RING_CHECK_SECONDS

Sleep = Callable[[float], None]


class Rang(Enum):
    """How a call that was made ended (https://www.twilio.com/docs/voice/api/call-resource#call-status-values)."""

    PICKED_UP = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


_ENDS: Final = frozenset(rang.value for rang in Rang)


def ring(client: Client, check: RingCheckCall, url: str, sleep: Sleep) -> Rang:
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
        return _end(call, sleep)
    except BaseException:
        if call is not None:
            with suppress(*FAILURES):
                call.update(status="completed")
        raise


def _end(call: Any, sleep: Sleep) -> Rang:
    """Look at a call until it is over; a look or two may fail."""
    blind = 0
    while True:
        try:
            status = call.fetch().status
            blind = 0
        except FAILURES:
            blind += 1
            if blind == RING_CHECK_POLL_FAILURES:
                raise
        else:
            if status in _ENDS:
                return Rang(status)
        sleep(RING_CHECK_POLL_SECONDS)


@contextmanager
def _unstopped() -> Iterator[None]:
    """Who stops the program waits a moment: only a call that is known can be ended."""
    before = pthread_sigmask(SIG_BLOCK, {SIGINT, SIGTERM})
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)
