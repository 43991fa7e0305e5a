"""What happens in a call, in words for who tries the line."""

from typing import assert_never

from ivr import translations
from ivr.exchange.transcript import (
    CallEvent,
    Ends,
    FarEndDoes,
    FarEndHears,
    FarEndPresses,
    Hears,
    Presses,
    Rings,
    Silent,
    Talk,
)


def narrate(event: CallEvent, language: str) -> str:
    """What happens, in words."""
    name, values = _parts(event, language)
    return translations.say(f"event-{name}", language, **values)


def _parts(event: CallEvent, language: str) -> tuple[str, dict[str, object]]:
    match event:
        case Hears(text):
            return "hears", {"text": text}
        case Presses(key):
            return "presses", {"key": key}
        case Silent(seconds):
            return "silent", {"seconds": seconds}
        case Rings(who, caller_id, seconds):
            return "rings", {"who": who, "caller_id": caller_id, "seconds": seconds}
        case FarEndDoes(outcome):
            return "far-end", {"outcome": translations.say(f"far-end-{outcome}", language)}
        case FarEndHears(text):
            return "far-end-hears", {"text": text}
        case FarEndPresses(key):
            return "far-end-presses", {"key": key}
        case Talk(with_):
            return f"talk-{with_}", {}
        case Ends(by, why):
            return f"ends-{by}", {"why": why}
        case _:
            assert_never(event)
