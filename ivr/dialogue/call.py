"""The events of a call and the replies to them."""

from dataclasses import dataclass
from enum import Enum

from ivr.model.phrase import Phrase


@dataclass(frozen=True, slots=True)
class At:
    """The whole state of a call. The URLs under /voice carry it (`ivr.twiml.urls`)."""

    language: str
    """A code of `ivr.model.languages`."""
    item: str
    silences: int = 0
    """How often the caller pressed nothing in this menu."""
    wrongs: int = 0
    """How often the caller pressed a wrong key in it."""
    member: int = 0
    """In an item that dials: index in the hunt group of the member who is rung."""
    origin: str = ""
    """In an item that dials: the item that key `*` leads back to."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call came in."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The caller was redirected to an item: after silence, or by an older document."""

    at: At


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed a key in an item."""

    at: At
    key: str


class Ending(Enum):
    """How the forwarding of a call ended."""

    TALKED = "talked"
    UNREACHED = "unreached"
    UNCLEAR = "unclear"
    """Twilio reported a status that is not known."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The forwarding of the call ended, and the caller is still there."""

    at: At
    ending: Ending


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A contact answered a forwarded call, and may have pressed a key."""

    municipality: str
    """Its slug: on this leg `To` is the contact's own number."""
    asked: int = 0
    """How often the question was asked before."""
    key: str | None = None
    """None if no key was pressed yet."""


@dataclass(frozen=True, slots=True)
class RingCheck:
    """A contact answered a call that checks the number, and may have pressed a key."""

    municipality: str
    """Its slug."""
    token: str
    """Identifies this call to the process that made it."""
    key: str | None = None


CallerEvent = Incoming | Offer | Pressed | Ended
"""What happens on the caller's leg."""
FarEndEvent = PickedUp | RingCheck
"""What happens on the leg of a contact who is rung."""
Event = CallerEvent | FarEndEvent


@dataclass(frozen=True, slots=True)
class Call:
    """One webhook. `caller` and `dialled` are endpoints as `numbers.tidy` returns them."""

    caller: str
    dialled: str
    event: Event
    full: frozenset[str] = frozenset()
    """Endpoints of contacts that this call may not ring, because too many others are ringing them now."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Speak and wait for a key."""

    says: tuple[Phrase, ...]
    seconds: int
    """How long to wait for a key after the last phrase."""
    key: At
    """State for the URL to which a key is sent."""
    silence: At
    """State for the URL that is requested without a key."""
    visited: tuple[str, ...]
    """Items that this reply entered, in order; an item that is only repeated is not among them."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ring, and how."""

    endpoint: str
    """E.164 or SIP URI."""
    caller_id: str
    """E.164: the municipality's own number."""
    seconds: int
    """How long it rings."""
    talk: int
    """Longest duration (s) of the forwarded call."""
    question: PickedUp | None
    """State for the URL of the question to the person who answers; None: the two are joined at once."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Speak, let the caller press a key meanwhile, and then ring."""

    says: tuple[Phrase, ...]
    """Empty: ring at once."""
    seconds: int
    """How long to wait for a key after the last phrase."""
    key: At
    """State for the URLs to which a key, and the end of the forwarding, are sent."""
    target: Target
    visited: tuple[str, ...]
    """As in Ask."""


@dataclass(frozen=True, slots=True)
class End:
    """Speak and hang up."""

    says: tuple[Phrase, ...]
    visited: tuple[str, ...]
    """As in Ask."""


@dataclass(frozen=True, slots=True)
class Question:
    """Ask a contact to press 1; silence ends that leg."""

    says: tuple[Phrase, ...]
    seconds: int
    """How long to wait for a key after the last phrase."""
    key: FarEndEvent
    """State for the URL to which a key is sent."""


@dataclass(frozen=True, slots=True)
class Join:
    """Join the contact who answered and the caller."""


Reply = Ask | Ring | End | Question | Join
