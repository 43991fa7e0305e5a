"""Answers the events of a contact's leg, of a forwarded call or of a call that checks the number."""

from dataclasses import replace
from typing import assert_never

from ivr.dialogue.call import End, FarEndEvent, Join, PickedUp, Question, Reply, RingCheck
from ivr.dialogue.prompts import ACCEPT_KEY, Speaker
from ivr.model import limits
from ivr.model.line import Line


def answer(line: Line, event: FarEndEvent) -> Reply:
    """Answer one webhook of a contact's leg, in the line's first language."""
    match event:
        case PickedUp():
            return _picked_up(line, event)
        case RingCheck():
            return _ring_check(line, event)
        case _:
            assert_never(event)


def _picked_up(line: Line, event: PickedUp) -> Reply:
    """Ask to press 1. A wrong key repeats the question, up to PICKUP_TRIES; silence ends the leg."""
    if event.key == ACCEPT_KEY:
        return Join()
    municipality = line.municipalities.get(event.municipality)
    asked = event.asked + (event.key is not None)
    if municipality is None or asked >= limits.PICKUP_TRIES:
        return End((), ())
    question = Speaker(line, line.settings.language, municipality).question()
    return Question((question,), limits.PICKUP_SECONDS, replace(event, asked=asked, key=None))


def _ring_check(line: Line, event: RingCheck) -> Reply:
    """Ask to press 1 if the number is right; silence ends the leg."""
    municipality = line.municipalities.get(event.municipality)
    if municipality is None:
        return End((), ())
    speaker = Speaker(line, line.settings.language, municipality)
    if event.key is None:
        return Question((speaker.ring_check(),), limits.PICKUP_SECONDS, event)
    thanks = "ring-check-thanks" if event.key == ACCEPT_KEY else "ring-check-other"
    return End((speaker.say(thanks),), ())
