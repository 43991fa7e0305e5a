"""The verbs of a TwiML document as values, and the error for a document that Twilio would refuse.

Source: https://www.twilio.com/docs/voice/twiml and the page of each verb there.
"""

from dataclasses import dataclass


class TwimlError(Exception):
    """An error that Twilio would report. `code`: its number; 0 for a limit of this exchange."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Say:
    """Speaks a text (https://www.twilio.com/docs/voice/twiml/say)."""

    text: str
    voice: str


@dataclass(frozen=True, slots=True)
class Play:
    """Plays a file (https://www.twilio.com/docs/voice/twiml/play)."""

    url: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Waits (https://www.twilio.com/docs/voice/twiml/pause)."""

    length: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Gather:
    """Collects keys (https://www.twilio.com/docs/voice/twiml/gather)."""

    action: str
    timeout: int
    """Seconds without a key, after the nested verbs or after a key, that end the Gather."""
    num_digits: int | None
    """Keys after which the Gather ends; None for no limit."""
    finish_on_key: str
    """The key that ends the Gather and is not part of the result; empty for none."""
    action_on_empty_result: bool
    """Whether `action` is requested also without a key. Otherwise the next verb follows."""
    verbs: tuple["Say | Play | Pause", ...]


@dataclass(frozen=True, slots=True)
class DialNoun:
    """The Number or Sip in a Dial. Twilio calls it a noun."""

    endpoint: str
    """A number (E.164) or a SIP URI."""
    url: str | None
    """URL of a document for the person who answers, before the two legs are bridged; None for none."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Rings a far end and bridges it with the caller (https://www.twilio.com/docs/voice/twiml/dial)."""

    action: str | None
    """Requested after the Dial; with None the next verb follows."""
    timeout: int
    """Seconds that the far end rings, at most."""
    time_limit: int
    """Seconds that the bridged call lasts, at most."""
    caller_id: str | None
    """None: the caller's own number."""
    noun: DialNoun
    others: tuple[DialNoun, ...] = ()
    """Rung after `noun`, one after the other, until one is reached: `sequential` is true."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Continues with another document (https://www.twilio.com/docs/voice/twiml/redirect)."""

    url: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """Ends the call (https://www.twilio.com/docs/voice/twiml/hangup)."""


Verb = Say | Play | Pause | Gather | Dial | Redirect | Hangup
