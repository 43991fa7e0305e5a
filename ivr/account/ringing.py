"""Ringing a contact through the account, and waiting for how it ends."""

from collections.abc import Callable
from contextlib import suppress
from enum import Enum
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
    made = client.calls.create(
        to=check.contact.number,
        from_=check.municipality.shown,
        url=url,
        method="POST",
        timeout=check.contact.ring,
        time_limit=RING_CHECK_SECONDS,
    )
    call: Any = client.calls(made.sid)
    try:
        while (status := call.fetch().status) not in _ENDS:
            sleep(RING_CHECK_LOOK)
    except BaseException:
        with suppress(*FAILURES):
            call.update(status="completed")
        raise
    return _ENDS[status]
