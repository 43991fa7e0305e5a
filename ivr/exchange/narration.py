"""Sentences about the events of a call, in the language of the person who tries the line."""

from typing import assert_never

from ivr import translations
from ivr.exchange.transcript import (
    Bridged,
    CallEnds,
    CallerHears,
    CallerPresses,
    CallerSilent,
    CallEvent,
    FarEndHears,
    FarEndOutcome,
    FarEndPresses,
    FarEndRings,
)


def narrate(event: CallEvent, language: str) -> str:
    """Return one sentence about an event. `language`: a language of `ivr.translations`."""
    name, values = _sentence(event, language)
    return translations.say(f"event-{name}", language, **values)


def _sentence(event: CallEvent, language: str) -> tuple[str, dict[str, object]]:
    """Return the name of the sentence in ivr/translations, without `event-`, and its values."""
    match event:
        case CallerHears(text):
            return "hears", {"text": text}
        case CallerPresses(key):
            return "presses", {"key": key}
        case CallerSilent(seconds):
            return "silent", {"seconds": seconds}
        case FarEndRings(who, caller_id, seconds):
            return "rings", {"who": who, "caller_id": caller_id, "seconds": seconds}
        case FarEndOutcome(outcome):
            return "far-end", {"outcome": translations.say(f"far-end-{outcome}", language)}
        case FarEndHears(text):
            return "far-end-hears", {"text": text}
        case FarEndPresses(key):
            return "far-end-presses", {"key": key}
        case Bridged(with_):
            return f"talk-{with_}", {}
        case CallEnds(by, why):
            return f"ends-{by}", {"why": why}
        case _:
            assert_never(event)
