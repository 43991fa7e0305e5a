"""What happened in a call, to read and to compare. It holds no SIDs and no caller's number."""

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import fill
from typing import Final, assert_never

_WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Hears:
    text: str


@dataclass(frozen=True, slots=True)
class Presses:
    key: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The caller pressed nothing for so long."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Rings:
    who: str
    caller_id: str
    seconds: int


@dataclass(frozen=True, slots=True)
class FarEndDoes:
    """`answer`, `busy`, … (see people.OUTCOMES)."""

    outcome: str


@dataclass(frozen=True, slots=True)
class FarEndHears:
    text: str


@dataclass(frozen=True, slots=True)
class FarEndPresses:
    key: str


@dataclass(frozen=True, slots=True)
class Talk:
    """Caller and far end are joined."""

    with_: str
    """`person` or `voicemail`."""


@dataclass(frozen=True, slots=True)
class Ends:
    by: str
    """`line`, `caller`, or `fault` where the line did what Twilio refuses."""
    why: str = ""


CallEvent = Hears | Presses | Silent | Rings | FarEndDoes | FarEndHears | FarEndPresses | Talk | Ends


def merged(events: Iterable[CallEvent]) -> list[CallEvent]:
    """What is heard without anything else between is one."""
    told: list[CallEvent] = []
    for event in events:
        match told[-1] if told else None, event:
            case Hears(before), Hears(text):
                told[-1] = Hears(f"{before} {text}")
            case FarEndHears(before), FarEndHears(text):
                told[-1] = FarEndHears(f"{before} {text}")
            case _:
                told.append(event)
    return told


def step(event: CallEvent) -> dict[str, str]:
    """One event as one line of a golden call: its name and what it says."""
    match event:
        case Hears(text):
            return {"hears": text}
        case Presses(key):
            return {"presses": key}
        case Silent(seconds):
            return {"silence": f"{seconds} s"}
        case Rings(who, caller_id, seconds):
            return {"rings": f"{who}, {seconds} s, sees {caller_id}"}
        case FarEndDoes(outcome):
            return {"far end": outcome}
        case FarEndHears(text):
            return {"far end hears": text}
        case FarEndPresses(key):
            return {"far end presses": key}
        case Talk(with_):
            return {"talk": with_}
        case Ends(by, why):
            return {"ends": f"{by}: {why}" if why else by}
        case _:
            assert_never(event)


def steps(events: Iterable[CallEvent]) -> list[dict[str, str]]:
    return [step(event) for event in merged(events)]


def line_of(event: CallEvent) -> str:
    """One event for people to read."""
    ((name, told),) = step(event).items()
    return fill(told, _WIDTH, initial_indent=f"{name:>15}  ", subsequent_indent=" " * 17)


def text(events: Iterable[CallEvent]) -> str:
    """A whole call for people to read."""
    return "\n".join(line_of(event) for event in merged(events)) + "\n"
