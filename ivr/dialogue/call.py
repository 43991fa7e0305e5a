"""A call as the flow sees it: where it is, what just happened, and what the line replies."""

from dataclasses import dataclass
from enum import Enum

from ivr.model.phrase import Phrase


@dataclass(frozen=True, slots=True)
class At:
    """Where a caller is: the whole state of a call, carried by the addresses."""

    language: str
    item: str
    silences: int = 0
    """Times this menu was met with silence."""
    wrongs: int = 0
    """Times it was met with a wrong key."""
    link: int = 0
    """In an item that dials: which number or contact of the chain."""
    origin: str = ""
    """In an item that dials: the item that `*` leads back to."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call comes in."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The caller is brought to an item."""

    at: At


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed a key there."""

    at: At
    key: str


class Ending(Enum):
    """How a forwarding ended."""

    TALKED = "talked"
    UNREACHED = "unreached"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Ended:
    """A forwarding ended."""

    at: At
    ending: Ending


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A contact picked up, on the far end's own leg, and may have pressed a key."""

    municipality: str
    """The name of its file: on this leg `To` is the contact's own number."""
    asked: int = 0
    """Times the question was put before."""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RingCheck:
    """A contact picked up a call that checks the number, and may have pressed a key."""

    municipality: str
    token: str
    """Of this one call; whoever made it knows it."""
    key: str | None = None


CallerEvent = Incoming | Offer | Pressed | Ended
"""What happens on the caller's leg."""
FarEndEvent = PickedUp | RingCheck
"""What happens on the leg of a contact who is rung."""
Event = CallerEvent | FarEndEvent


@dataclass(frozen=True, slots=True)
class Call:
    """One webhook: who called which address, and what happened. Addresses as `numbers.tidy` has them."""

    caller: str
    dialled: str
    event: Event
    full: frozenset[str] = frozenset()
    """Numbers of contacts that other callers ring at this moment, as many as may at once."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Say something and wait for a key."""

    says: tuple[Phrase, ...]
    seconds: int
    """Silence after the last word that counts as an answer."""
    key: At
    silence: At
    visited: tuple[str, ...]
    """Items that the caller was brought to by this reply; an item said once more is not among them."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who is rung."""

    address: str
    caller_id: str
    """E.164: the municipality's own number."""
    seconds: int
    talk: int
    """Seconds after which a talk is ended."""
    question: PickedUp | None
    """Asked of who picks up; None: whoever picks up is joined at once."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Announce, listen for a key meanwhile, and ring."""

    says: tuple[Phrase, ...]
    """Empty: ring at once."""
    seconds: int
    """How long a key still counts after the last word."""
    key: At
    """Also where the forwarding's end leads to."""
    target: Target
    visited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    """Say something and hang up."""

    says: tuple[Phrase, ...]
    visited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Ask who picked up to press 1; silence ends that leg."""

    says: tuple[Phrase, ...]
    seconds: int
    key: FarEndEvent


@dataclass(frozen=True, slots=True)
class Join:
    """Join who picked up and the caller."""


Reply = Ask | Ring | End | Question | Join
