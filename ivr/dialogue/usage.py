"""What is counted of a reply: the use of items and the ends of forwardings, and nothing of the caller.

Calls to an anonymous destination are counted by month, for all municipalities together. The item that follows
such a call is not counted: on a day with no other call of that municipality it would reveal the call. Neither
is the item of a caller who asked for it and may not be put through.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from ivr.dialogue.call import Call, Ended, Ending, Incoming, Offer, PickedUp, Pressed, Reply, Ring, RingCheck
from ivr.model.line import Line


class Outcome(StrEnum):
    """What is counted of an item."""

    USED = "used"
    """A caller entered it."""
    TALKED = "talked"
    """The caller and the far end were connected, and that has ended."""
    NEXT = "next"
    """A member of the hunt group was not reached, and the next one was rung."""
    UNREACHED = "unreached"
    """Nobody was reached, and no further member is rung."""
    UNCLEAR = "unclear"
    """Twilio reported an unknown status."""
    NOBODY = "nobody"
    """Nobody was rung: nobody was on duty, other calls were ringing all who were, or it was refused."""


@dataclass(frozen=True, slots=True)
class Count:
    """One more of an outcome; stored by day."""

    municipality: str
    """Its slug."""
    item: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Anonymous:
    """One more of an outcome at an anonymous destination; stored by month."""

    outcome: Outcome


def usage_of(line: Line, call: Call, reply: Reply) -> tuple[Count | Anonymous, ...]:
    """What to count of a reply; nothing if the call was to no municipality."""
    municipality = line.municipality_dialled(call.dialled)
    if municipality is None:
        return ()
    slug = line.slug_of(municipality)
    if isinstance(call.event, Ended) and line.is_anonymous(call.event.at.item):
        return tuple(Anonymous(outcome) for _item, outcome in _ended(call, reply))
    return tuple(
        Anonymous(outcome) if line.is_anonymous(item) else Count(slug, item, outcome)
        for item, outcome in (*_ended(call, reply), *_used(line, reply))
        if item in line.menu.items  # a URL may be older than the menu
    )


def rings_anonymously(line: Line, call: Call, reply: Reply) -> bool:
    """Whether the reply rings an anonymous destination, or a forwarding to one has just ended."""
    rung = [reply.key.item] if isinstance(reply, Ring) else []
    ended = [call.event.at.item] if isinstance(call.event, Ended) else []
    return any(line.is_anonymous(item) for item in rung + ended)


def _ended(call: Call, reply: Reply) -> list[tuple[str, Outcome]]:
    """Item and outcome of the forwarding that has just ended, if one has."""
    match call.event:
        case Ended(at, Ending.UNREACHED):
            # The item that follows an unreached one may ring somebody as well.
            rings_next = isinstance(reply, Ring) and reply.key.item == at.item
            return [(at.item, Outcome.NEXT if rings_next else Outcome.UNREACHED)]
        case Ended(at, ending):
            return [(at.item, Outcome.TALKED if ending is Ending.TALKED else Outcome.UNCLEAR)]
        case Incoming() | Offer() | Pressed() | PickedUp() | RingCheck():
            return []
        case _:
            assert_never(call.event)


def _used(line: Line, reply: Reply) -> list[tuple[str, Outcome]]:
    """The items that a reply entered; one that dials but rang nobody also as NOBODY."""
    visited = getattr(reply, "visited", ())
    anonymous = [place for place, item in enumerate(visited) if line.is_anonymous(item)]
    visited = visited[: anonymous[0] + 1] if anonymous else visited
    rung = reply.key.item if isinstance(reply, Ring) else None
    unrung = [item for item in visited if line.menu.items[item].dial is not None and item != rung]
    return [(item, Outcome.USED) for item in visited] + [(item, Outcome.NOBODY) for item in unrung]
