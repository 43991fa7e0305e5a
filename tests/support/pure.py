"""A telephone without wires: plays a call on the flow alone, into the same transcript as the exchange."""

from dataclasses import replace

from ivr.dialogue import flow
from ivr.dialogue.call import (
    Ask,
    Call,
    End,
    Ended,
    Ending,
    Incoming,
    Join,
    Offer,
    Pressed,
    Question,
    Ring,
)
from ivr.exchange.people import HungUp
from ivr.exchange.transcript import (
    Bridged,
    CallEnds,
    CallerHears,
    CallerPresses,
    CallerSilent,
    FarEndHears,
    FarEndOutcome,
    FarEndPresses,
    FarEndRings,
)

PICKS_UP = {"answer", "voicemail", "declines"}
MOST_REPLIES = 500


def play(line, caller, dialled, person, far_end, moment, names, answer=flow.answer):
    """Play a call to its end; what happened. Each reply must lead on or end, or this raises."""
    events, event = [], Incoming()
    try:
        for _ in range(MOST_REPLIES):
            reply = answer(line, Call(caller, dialled, event), moment)
            event = _obey(line, reply, person, far_end, moment, names, events)
            if event is None:
                return [*events, CallEnds("line")]
    except HungUp:
        return [*events, CallEnds("caller")]
    raise AssertionError(f"more than {MOST_REPLIES} replies")


def _obey(line, reply, person, far_end, moment, names, events):
    """What happens next in a call; None when it ends."""
    if says := " ".join(" ".join(phrase.text.split()) for phrase in reply.says):
        events.append(CallerHears(says))
    match reply:
        case End():
            return None
        case Ask(_, seconds, key, silence):
            pressed = _wait(person, seconds, events)
            return Pressed(key, pressed) if pressed else Offer(silence)
        case Ring(_, seconds, key, target):
            pressed = _wait(person, seconds, events) if says else None
            if pressed:
                return Pressed(key, pressed)
            who = names.get(target.endpoint, target.endpoint)
            events.append(FarEndRings(who, names.get(target.caller_id, target.caller_id), target.seconds))
            return Ended(key, _ring(line, target, far_end, moment, events))


def _wait(person, seconds, events):
    pressed = person.waits(seconds)
    events.append(CallerPresses(pressed) if pressed else CallerSilent(seconds))
    return pressed


def _ring(line, target, far_end, moment, events):
    outcome = far_end.rings(target.endpoint, target.seconds, target.caller_id).outcome
    events.append(FarEndOutcome(outcome))
    if outcome not in PICKS_UP or not _accepted(line, target.question, outcome, moment, events):
        return Ending.UNREACHED
    events.append(Bridged("voicemail" if outcome == "voicemail" else "person"))
    return Ending.TALKED


def _accepted(line, question, outcome, moment, events):
    """Whether who picked up is joined to the caller."""
    key = {"answer": "1", "declines": "2"}.get(outcome)
    while question is not None:
        match flow.answer(line, Call("", "", question), moment):
            case Join():
                return True
            case End():
                return False
            case Question(says, _, event):
                events.append(FarEndHears(" ".join(" ".join(phrase.text.split()) for phrase in says)))
                if key is None:
                    return False
                events.append(FarEndPresses(key))
                question, key = replace(event, key=key), None
    return True
