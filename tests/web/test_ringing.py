"""A contact is rung by a few callers at once; the next caller gets the next contact, then the numbers."""

import pytest
from support.homes import NOON
from support.web import FORM, client_of, make_app, post

from ivr.config.live import Live
from ivr.dialogue import flow
from ivr.dialogue.call import Ask, At, Call, Ended, Ending, Pressed, Ring
from ivr.exchange import grammar, verbs
from ivr.model.limits import RING_SECONDS
from ivr.web.ringing import RINGING_CALLS, Ringing

FIRST, SECOND = "+31200000002", "+31200000003"
MAIN = At("nl", "main")


@pytest.fixture(scope="module")
def live(shared_home):
    return Live(shared_home, lambda: NOON, public=False)


def asks(line, event, *full):
    return flow.answer(line, Call(FORM["From"], FORM["To"], event, frozenset(full)), NOON)


def test_a_contact_that_others_ring_already_is_passed_over_for_the_next(line):
    reply = asks(line, Pressed(MAIN, "2"), FIRST)
    assert isinstance(reply, Ring)
    assert reply.target.endpoint == SECOND


def test_where_others_ring_every_contact_the_numbers_are_said_and_the_menu_follows(line):
    reply = asks(line, Pressed(MAIN, "2"), FIRST, SECOND)
    assert isinstance(reply, Ask)
    assert [phrase.prompt for phrase in reply.says][:2] == ["contact-unreached", "numbers"]


def test_after_one_that_did_not_answer_those_that_others_ring_are_passed_over_too(line):
    reply = asks(line, Ended(At("nl", "contact"), Ending.UNREACHED), SECOND)
    assert isinstance(reply, Ask)
    assert reply.says[0].prompt == "contact-unreached"


@pytest.mark.parametrize("key", ["3", "4"])
def test_the_police_and_the_tip_line_are_rung_however_many_others_ring_them(line, key):
    everybody = {number for each in line.settings.destinations.values() for number in each.numbers}
    assert isinstance(asks(line, Pressed(MAIN, key), *everybody), Ring)


def test_who_calls_a_hundred_times_at_once_does_not_ring_one_contact_a_hundred_times(live):
    client = client_of(make_app(live))
    rung = []
    for number in range(100):
        form = FORM | {"Digits": "2", "CallSid": f"CA{number:032}"}
        *_, last = grammar.read(post(client, "/voice/nl/main/key", form).data, "text/xml")
        rung.append(last.noun.endpoint if isinstance(last, verbs.Dial) else None)
    assert rung == [FIRST] * RINGING_CALLS + [SECOND] * RINGING_CALLS + [None] * (100 - 2 * RINGING_CALLS)


def test_a_forwarding_counts_until_its_ringing_time_is_over():
    ringing = Ringing()
    for _ in range(RINGING_CALLS):
        ringing.began(FIRST, RING_SECONDS, 1000)
    assert ringing.full(1000 + RING_SECONDS - 1) == {FIRST}
    assert ringing.full(1000 + RING_SECONDS) == frozenset()
    assert not ringing._ends
