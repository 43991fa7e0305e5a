"""What is usage_of of a call: items and endings by municipality, and of the tip line hardly anything."""

from dataclasses import replace

import pytest
from support import pure
from support.homes import NOON

from ivr.dialogue import flow
from ivr.dialogue.call import At, Call, Ended, Ending, Incoming, Offer, PickedUp, Pressed
from ivr.dialogue.usage import Anonymous, Count, Outcome, rings_anonymously, usage_of
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd

CLERK, DESK = "+31200000199", "+31200000001"


def told(line, keys, far_ends=None, moment=NOON, dialled=DESK, caller=CLERK):
    """Everything usage_of in one call."""
    counts = []

    def answer(line, call, moment):
        reply = flow.answer(line, call, moment)
        counts.extend(usage_of(line, call, reply))
        return reply

    groups = {number: word for word, each in line.settings.destinations.items() for number in each.numbers}
    groups |= {each.number: "contacts" for m in line.municipalities.values() for each in m.contacts}
    far_end = ScriptedFarEnd(far_ends or {}, groups)
    pure.play(line, caller, dialled, ScriptedCaller(keys), far_end, moment, {}, answer)
    return counts


def in_voorbeeldstad(*pairs):
    return [Count("voorbeeldstad", item, Outcome(outcome)) for item, outcome in pairs]


def test_each_item_that_a_caller_comes_to_is_counted_once(line):
    assert told(line, "1#h") == in_voorbeeldstad(("main", "used"), ("step-1", "used"), ("step-2", "used"))


def test_silence_and_a_wrong_key_use_nothing_anew(line):
    assert told(line, "-8h") == in_voorbeeldstad(("main", "used"))


def test_a_talk_is_counted_where_it_took_place(line):
    assert told(line, "3")[1:] == in_voorbeeldstad(("police", "used"), ("police", "talked"))


def test_a_second_number_is_counted_as_next_and_the_end_of_the_chain_as_unreached(line):
    ends = told(line, "3--h", {"police": ["busy", "no-answer"]})
    assert ends == in_voorbeeldstad(
        ("main", "used"),
        ("police", "used"),
        ("police", "next"),
        ("police", "unreached"),
        ("unreached", "used"),
        ("main", "used"),
    )


def test_an_unreached_item_is_counted_so_also_where_the_item_that_follows_rings_somebody_else(line):
    fairwork = line.menu.items["fairwork"].model_copy(update={"unreached": "police"})
    line = replace(line, menu=line.menu.model_copy(update={"fairwork": fairwork}))
    ends = told(line, "7--", {"fairwork": ["busy"]})
    assert ends[1:] == in_voorbeeldstad(
        ("fairwork", "used"), ("fairwork", "unreached"), ("police", "used"), ("police", "talked")
    )


def test_nobody_on_duty_is_counted(line):
    ends = told(line, "2h", dialled="+31200000101", moment=NOON.replace(hour=22))
    assert Count("dorp", "contact", Outcome.NOBODY) in ends


@pytest.mark.parametrize("far_end", ["answer", "busy", "no-answer", "failed"])
@pytest.mark.parametrize("dialled", [DESK, "+31200000101"])
def test_the_tip_line_is_counted_without_its_municipality_or_day(line, far_end, dialled):
    ends = told(line, "4---h", {"tip-line": [far_end]}, dialled=dialled)
    anonymous = [each for each in ends if isinstance(each, Anonymous)]
    outcome = Outcome.TALKED if far_end == "answer" else Outcome.UNREACHED
    assert anonymous == [Anonymous(Outcome.USED), Anonymous(outcome)]


@pytest.mark.parametrize("far_end", ["answer", "busy"])
def test_what_a_municipality_is_counted_for_is_the_same_with_and_without_the_tip_line(line, far_end):
    with_it = [each for each in told(line, "4h", {"tip-line": [far_end]}) if isinstance(each, Count)]
    assert with_it == told(line, "h")


def test_a_stranger_who_asks_for_the_tip_line_is_counted_there_alone(line):
    counts = told(line, "4h", caller="anonymous")
    assert [each for each in counts if isinstance(each, Count)] == told(line, "h")
    assert counts[1:] == [Anonymous(Outcome.USED), Anonymous(Outcome.NOBODY)]


def test_a_stranger_who_asks_for_the_police_is_counted_as_a_call_that_rang_nobody(line):
    assert told(line, "3h", caller="anonymous")[1:] == in_voorbeeldstad(
        ("police", "used"), ("stranger", "used"), ("police", "nobody")
    )


def test_only_the_ring_of_an_anonymous_destination_and_its_end_are_erasures(line):
    def asks_to_erase(event):
        call = Call(CLERK, DESK, event)
        return rings_anonymously(line, call, flow.answer(line, call, NOON))

    main, tip_line, police = (At("nl", item) for item in ("main", "tip-line", "police"))
    assert asks_to_erase(Pressed(main, "4"))
    assert asks_to_erase(Ended(tip_line, Ending.TALKED))
    assert asks_to_erase(Ended(tip_line, Ending.UNREACHED))
    for event in (
        Incoming(),
        Offer(main),
        Pressed(main, "3"),
        Ended(police, Ending.TALKED),
        Pressed(tip_line, "*"),
    ):
        assert not asks_to_erase(event)


def test_what_nobody_can_tell_apart_is_not_counted(line):
    for call in (
        Call(CLERK, "+31209999999", Incoming()),
        Call("", "+31200000002", PickedUp("voorbeeldstad")),
        Call(CLERK, DESK, Ended(At("nl", "gone"), Ending.TALKED)),
    ):
        assert usage_of(line, call, flow.answer(line, call, NOON)) == ()


def test_an_ending_without_a_word_of_ours_is_unclear(line):
    call = Call(CLERK, DESK, Ended(At("nl", "police"), Ending.UNCLEAR))
    reply = replace(flow.answer(line, call, NOON), visited=())
    assert usage_of(line, call, reply) == tuple(in_voorbeeldstad(("police", "unclear")))
