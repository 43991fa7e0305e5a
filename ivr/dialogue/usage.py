"""What is usage_of of an answer: how often items are used and how forwardings end, and nothing of a caller.

An anonymous destination is usage_of by month and for all municipalities together. Where its end leads to is
usage_of nowhere: an `unreached` of a municipality on a day on which nobody there was put through to anyone
else would tell as much.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from ivr.dialogue.call import Call, Ended, Ending, Incoming, Offer, PickedUp, Pressed, Reply, Ring, RingCheck
from ivr.model.line import Line


class Outcome(StrEnum):
    """What is usage_of of an item."""

    USED = "used"
    """A caller was brought to it."""
    TALKED = "talked"
    """A forwarding ended with a talk."""
    NEXT = "next"
    """A number was not reached, and the next one was tried."""
    UNREACHED = "unreached"
    """Nobody was reached."""
    UNCLEAR = "unclear"
    """Twilio told an end that it has no word for."""
    NOBODY = "nobody"
    """Nobody was rung: nobody was on duty, or others rang all who were."""


@dataclass(frozen=True, slots=True)
class Count:
    """One more of something; kept by day."""

    municipality: str
    """The name of its file."""
    item: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Anonymous:
    """One more of something at an anonymous destination; kept by month."""

    outcome: Outcome


def usage_of(line: Line, call: Call, reply: Reply) -> tuple[Count | Anonymous, ...]:
    """Tell what to count of an answer; nothing where no municipality is dialled."""
    municipality = line.municipality_dialled(call.dialled)
    if municipality is None:
        return ()
    word = line.slug_of(municipality)
    if isinstance(call.event, Ended) and line.is_anonymous(call.event.at.item):
        return tuple(Anonymous(outcome) for _item, outcome in _ended(call, reply))
    return tuple(
        Anonymous(outcome) if line.is_anonymous(item) else Count(word, item, outcome)
        for item, outcome in (*_ended(call, reply), *_used(line, reply))
        if item in line.menu.items  # an address may be older than the menu
    )


def rings_anonymously(line: Line, call: Call, reply: Reply) -> bool:
    """Whether a reply, or the forwarding whose end it answers, rings an anonymous destination."""
    rung = [reply.key.item] if isinstance(reply, Ring) else []
    ended = [call.event.at.item] if isinstance(call.event, Ended) else []
    return any(line.is_anonymous(item) for item in rung + ended)


def _ended(call: Call, reply: Reply) -> list[tuple[str, Outcome]]:
    """How a forwarding ended, if one did."""
    match call.event:
        case Ended(at, Ending.UNREACHED):
            return [(at.item, Outcome.NEXT if isinstance(reply, Ring) else Outcome.UNREACHED)]
        case Ended(at, ending):
            return [(at.item, Outcome.TALKED if ending is Ending.TALKED else Outcome.UNCLEAR)]
        case Incoming() | Offer() | Pressed() | PickedUp() | RingCheck():
            return []
        case _:
            assert_never(call.event)


def _used(line: Line, reply: Reply) -> list[tuple[str, Outcome]]:
    """The items that a caller was brought to; those that should ring and did not, once more for that."""
    visited = getattr(reply, "visited", ())
    rung = reply.key.item if isinstance(reply, Ring) else None
    unrung = [item for item in visited if line.menu.items[item].dial is not None and item != rung]
    return [(item, Outcome.USED) for item in visited] + [(item, Outcome.NOBODY) for item in unrung]
