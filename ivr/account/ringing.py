"""The call of a ring check, made through Twilio's API."""

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


class CallEnding(Enum):
    """How a call ended, by Twilio's call status (https://www.twilio.com/docs/voice/api/call-resource#call-status-values)."""

    PICKED_UP = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


_ENDS: Final = frozenset(ending.value for ending in CallEnding)


def ring(client: Client, check: RingCheckCall, url: str, sleep: Sleep) -> CallEnding:
    """Call a contact, wait for the end of the call, and return how it ended.

    `url`: of the TwiML document for the contact. `sleep`: sleeps for a number of seconds.
    Raises `ivr.account.client.FAILURES`. Any exception, also KeyboardInterrupt, is raised after the call is
    hung up.
    """
    call: Any = None
    try:
        with _signals_delayed():
            made = client.calls.create(
                to=check.contact.number,
                from_=check.municipality.shown,
                url=url,
                method="POST",
                timeout=check.contact.ring,
                time_limit=RING_CHECK_SECONDS,
            )
            call = client.calls(made.sid)
        return _poll(call, sleep)
    except BaseException:
        if call is not None:
            with suppress(*FAILURES):
                call.update(status="completed")
        raise


def _poll(call: Any, sleep: Sleep) -> CallEnding:
    """Poll a call until it has ended. Raises after RING_CHECK_POLL_FAILURES failed requests in a row."""
    failures = 0
    while True:
        try:
            status = call.fetch().status
            failures = 0
        except FAILURES:
            failures += 1
            if failures == RING_CHECK_POLL_FAILURES:
                raise
        else:
            if status in _ENDS:
                return CallEnding(status)
        sleep(RING_CHECK_POLL_SECONDS)


@contextmanager
def _signals_delayed() -> Iterator[None]:
    """Delay SIGINT and SIGTERM until the call's SID is known. Without the SID the call cannot be hung up."""
    before = pthread_sigmask(SIG_BLOCK, {SIGINT, SIGTERM})
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)
