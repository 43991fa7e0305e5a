"""Translates a webhook of Twilio's (path, query and form) into a call."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, assert_never

from ivr.dialogue.call import (
    At,
    Call,
    Ended,
    Ending,
    Event,
    FarEndEvent,
    Incoming,
    Offer,
    PickedUp,
    Pressed,
    RingCheck,
)
from ivr.model.numbers import tidy
from ivr.twiml import urls

_ENDINGS: Final[Mapping[tuple[str, str], Ending]] = {
    ("completed", "true"): Ending.TALKED,
    ("answered", "true"): Ending.TALKED,
    # Answered but not joined to the caller: a person or a voicemail answered, and 1 was not pressed.
    ("completed", "false"): Ending.UNREACHED,
    ("answered", "false"): Ending.UNREACHED,
} | {
    (status, bridged): Ending.UNREACHED
    for status in ("busy", "no-answer", "failed", "canceled")
    for bridged in ("false", "")
}
"""DialCallStatus and DialBridged → ending; any other pair is UNCLEAR
(https://www.twilio.com/docs/voice/twiml/dial#action)."""


def read(path: str, query: Mapping[str, str], form: Mapping[str, str]) -> Call:
    """Read a webhook into a call. Nothing is raised.

    An invalid URL is an Incoming call, a missing key an Offer, and an unknown ending UNCLEAR.
    """
    return Call(
        caller=tidy(form.get("From", "")),
        dialled=tidy(form.get("To", "")),
        event=_event(*urls.read(path, query), form),
    )


def _event(state: At | FarEndEvent | None, happened: str, form: Mapping[str, str]) -> Event:
    key = form.get("Digits", "")[:1] if happened == urls.KEY else ""
    match state:
        case PickedUp() | RingCheck():
            return replace(state, key=key or None)
        case At():
            if happened == urls.ENDED:
                ended = form.get("DialCallStatus", ""), form.get("DialBridged", "").lower()
                return Ended(state, _ENDINGS.get(ended, Ending.UNCLEAR))
            return Pressed(state, key) if key else Offer(state)
        case None:
            return Incoming()
        case _:
            assert_never(state)
