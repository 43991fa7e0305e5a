"""The events of a call, and their text for golden calls and for people.

No event holds a SID. The caller's number is in none, as long as each Dial states a `callerId`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import fill
from typing import Final, assert_never

_WIDTH: Final = 100
"""Characters in a line."""


@dataclass(frozen=True, slots=True)
class CallerHears:
    """The line speaks to the caller."""

    text: str
    voice: str = ""
    """The voice of a Say; empty for a Play, and where the document names none."""


@dataclass(frozen=True, slots=True)
class CallerPresses:
    """The caller presses a key: a digit, `*` or `#`."""

    key: str


@dataclass(frozen=True, slots=True)
class CallerSilent:
    """The caller presses no key until a Gather times out."""

    seconds: int
    """The timeout of the Gather."""


@dataclass(frozen=True, slots=True)
class FarEndRings:
    """A Dial rings a far end."""

    who: str
    """The name of the endpoint in `Exchange.names`, or else the endpoint."""
    caller_id: str
    """The number that the far end sees, or its name in `Exchange.names`."""
    seconds: int
    """The timeout of the Dial."""


@dataclass(frozen=True, slots=True)
class FarEndOutcome:
    """The far end answers, or does not."""

    outcome: str
    """One of people.OUTCOMES."""


@dataclass(frozen=True, slots=True)
class FarEndHears:
    """The line speaks to the far end, before the two legs are bridged."""

    text: str
    voice: str = ""
    """The same as of CallerHears."""


@dataclass(frozen=True, slots=True)
class FarEndPresses:
    """The far end presses a key, before the two legs are bridged."""

    key: str


@dataclass(frozen=True, slots=True)
class Bridged:
    """The caller's leg and the far end's leg are bridged."""

    with_: str
    """`person` or `voicemail`."""


@dataclass(frozen=True, slots=True)
class CallEnds:
    """The call ends. Always the last event."""

    by: str
    """`line` or `caller`: who hung up. `fault`: Twilio would end the call with an error."""
    why: str = ""
    """The error of a fault; empty otherwise."""


CallerEvent = CallerHears | CallerPresses | CallerSilent | FarEndRings | FarEndOutcome | Bridged | CallEnds
"""Happens on the caller's leg."""
FarEndEvent = FarEndHears | FarEndPresses
"""Happens on the far end's leg."""
CallEvent = CallerEvent | FarEndEvent


def merged(events: Iterable[CallEvent]) -> list[CallEvent]:
    """Join consecutive texts that the same person hears into one event."""
    joined: list[CallEvent] = []
    for event in events:
        match joined[-1] if joined else None, event:
            case CallerHears(before), CallerHears(text):
                joined[-1] = CallerHears(f"{before} {text}")
            case FarEndHears(before), FarEndHears(text):
                joined[-1] = FarEndHears(f"{before} {text}")
            case _:
                joined.append(event)
    return joined


def step(event: CallEvent) -> dict[str, str]:
    """Return one step of a golden call, a dict with one key: the name of the event → its values as text."""
    match event:
        case CallerHears(text):
            return {"hears": text}
        case CallerPresses(key):
            return {"presses": key}
        case CallerSilent(seconds):
            return {"silence": f"{seconds} s"}
        case FarEndRings(who, caller_id, seconds):
            return {"rings": f"{who}, {seconds} s, sees {caller_id}"}
        case FarEndOutcome(outcome):
            return {"far end": outcome}
        case FarEndHears(text):
            return {"far end hears": text}
        case FarEndPresses(key):
            return {"far end presses": key}
        case Bridged(with_):
            return {"talk": with_}
        case CallEnds(by, why):
            return {"ends": f"{by}: {why}" if why else by}
        case _:
            assert_never(event)


def steps(events: Iterable[CallEvent]) -> list[dict[str, str]]:
    """Return the steps of a golden call, with consecutive texts joined."""
    return [step(event) for event in merged(events)]


def _lines(event: CallEvent) -> str:
    ((name, values),) = step(event).items()
    return fill(values, _WIDTH, initial_indent=f"{name:>15}  ", subsequent_indent=" " * 17)


def text(events: Iterable[CallEvent]) -> str:
    """Return a whole call for people to read, one paragraph for each event."""
    return "\n".join(_lines(event) for event in merged(events)) + "\n"
