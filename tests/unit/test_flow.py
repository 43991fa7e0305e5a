"""The flow: where each event leads a caller."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import pure
from support.homes import NOON
from support.people import AnyFarEnd, outcomes, scripts

from ivr.dialogue import flow
from ivr.dialogue.call import (
    Ask,
    At,
    Call,
    End,
    Ended,
    Ending,
    Incoming,
    Offer,
    PickedUp,
    Pressed,
    Question,
    Ring,
)
from ivr.exchange.people import ScriptedCaller
from ivr.exchange.transcript import CallEnds, CallerPresses, FarEndRings
from ivr.model.closure import Closure
from ivr.model.languages import LANGUAGES
from ivr.model.menu import Menu
from ivr.twiml import requests

DIALLED = "+31200000001"
CALLER = "+31200000199"


def answer(line, event, moment=NOON):
    return flow.answer(line, Call(CALLER, DIALLED, event), moment)


def starts_the_menu(reply):
    return isinstance(reply, Ask) and reply.key.item == "main" and reply.says[0].prompt == "welcome"


@pytest.mark.parametrize("status", ["", "initiated", "queued", "ringing", "nonsense"])
def test_an_unknown_status_leads_to_the_menu(line, status):
    call = requests.read(
        "/voice/nl/police/ended", {}, {"To": DIALLED, "From": CALLER, "DialCallStatus": status}
    )
    assert starts_the_menu(flow.answer(line, call, NOON))


@pytest.mark.parametrize("status", ["completed", "answered"])
def test_a_talk_without_word_of_it_leads_to_the_menu(line, status):
    call = requests.read(
        "/voice/nl/police/ended", {}, {"To": DIALLED, "From": CALLER, "DialCallStatus": status}
    )
    assert starts_the_menu(flow.answer(line, call, NOON))


@pytest.mark.parametrize("status", ["completed", "answered"])
def test_completed_but_not_bridged_means_nobody_was_reached(line, status):
    form = {"To": DIALLED, "From": CALLER, "DialCallStatus": status, "DialBridged": "false"}
    reply = flow.answer(line, requests.read("/voice/nl/police/ended", {}, form), NOON)
    assert isinstance(reply, Ring)
    assert reply.target.endpoint == "+31343578844"


def test_after_a_talk_the_call_ends(line):
    assert answer(line, Ended(At("nl", "police"), Ending.TALKED)) == End((), ())


@pytest.mark.parametrize(
    "address",
    [
        "/voice/nl/no-longer-there",
        "/voice/nl/no-longer-there/key",
        "/voice/nl/main/ended",
        "/voice/xx/main",
        "/voice/",
        "/voice/nl",
        "/voice/a/b/c/d",
        "/voice//",
        "/voice/nl/contact/ended",
    ],
)
def test_an_old_or_odd_address_leads_to_the_menu(line, address):
    form = {"To": DIALLED, "From": CALLER, "Digits": "", "DialCallStatus": "?"}
    assert starts_the_menu(
        flow.answer(line, requests.read(address, {"silences": "x", "member": "-1"}, form), NOON)
    )


def test_a_place_in_a_chain_that_became_shorter_counts_as_its_end(line):
    reply = answer(line, Ended(At("nl", "police", member=40), Ending.UNREACHED))
    assert reply.visited == ("unreached", "main")


def test_that_a_call_is_erased_is_said_only_where_it_is(line):
    for erases, prompt in ((False, "traces-kept"), (True, "traces-erased")):
        said = answer(replace(line, erases=erases), Offer(At("nl", "tip-line"))).says
        assert [phrase.prompt for phrase in said if phrase.prompt.startswith("traces")] == [prompt]


def test_who_is_rung_sees_the_municipality_and_never_the_clerk(line):
    for item in ("contact", "police", "tip-line", "fairwork"):
        assert answer(line, Offer(At("nl", item))).target.caller_id == DIALLED


STRANGERS = ["anonymous", "unknown", "+31600000000", "+31201234567", "sip:1@elsewhere.example", ""]


def of_stranger(line, event, caller="anonymous"):
    return flow.answer(line, Call(caller, DIALLED, event), NOON)


@pytest.mark.parametrize("caller", STRANGERS)
def test_a_stranger_hears_all_that_does_not_ring_somebody_as_everybody_does(line, caller):
    for name, item in line.menu.items.items():
        if item.dial is None:
            assert of_stranger(line, Offer(At("nl", name)), caller) == answer(line, Offer(At("nl", name)))
            for key, target in line.menu.ways(item).items():
                if line.menu.items[target].dial is None and item.keys:
                    event = Pressed(At("en", name), key)
                    assert of_stranger(line, event, caller) == answer(line, event)


@pytest.mark.parametrize("caller", STRANGERS)
@pytest.mark.parametrize(
    "event", [Offer, lambda at: Pressed(at, "3"), lambda at: Ended(at, Ending.UNREACHED)]
)
@pytest.mark.parametrize("item", ["contact", "police", "tip-line", "fairwork"])
def test_a_stranger_is_not_put_through_and_hears_the_numbers_and_can_go_on(line, item, event, caller):
    reply = of_stranger(line, event(At("nl", item)), caller)
    assert isinstance(reply, Ask)
    said = [phrase.prompt for phrase in reply.says]
    assert (said[0], said.count("numbers"), reply.key.item) == ("stranger", 3, "stranger")


@pytest.mark.parametrize(("item", "first"), [("tip-line", "Meld Misdaad"), ("fairwork", "FairWork")])
def test_the_number_that_was_asked_for_comes_first(line, item, first):
    refused = of_stranger(line, Offer(At("nl", item)))
    unreached = answer(line, Ended(At("nl", item, member=9), Ending.UNREACHED))
    for reply in (refused, unreached):
        numbers = [phrase.text for phrase in reply.says if phrase.prompt == "numbers"]
        assert first in numbers[0]
        assert (len(numbers), "de politie" in numbers[1]) == (3, True)


def test_in_a_menu_without_the_item_stranger_who_is_refused_hears_what_who_is_not_reached_hears(line):
    items = {name: item for name, item in line.menu.items.items() if name != "stranger"}
    menu = Menu(start=line.menu.start, always=line.menu.always, **items)
    reply = of_stranger(replace(line, menu=menu), Offer(At("nl", "police")))
    assert reply.visited == ("police", "unreached", "main")


def test_only_contacts_must_press_a_key(line):
    assert answer(line, Offer(At("nl", "contact"))).target.question is not None
    for item in ("police", "tip-line", "fairwork"):
        assert answer(line, Offer(At("nl", item))).target.question is None


def test_every_menu_listens_to_the_police_key_in_every_language(line):
    for name, item in line.menu.items.items():
        if item.keys:
            for language in LANGUAGES:
                reply = answer(line, Pressed(At(language, name), "3"))
                assert isinstance(reply, Ring)
                assert reply.target.endpoint == "+319008844"


def test_a_failure_says_sorry_and_the_numbers_and_ends_in_the_end(line):
    event = Incoming()
    for _ in range(line.settings.tries):
        reply = flow.apology(line, event)
        assert {"apology", "numbers"} <= {phrase.prompt for phrase in reply.says}
        assert isinstance(reply, Ask)
        event = Offer(reply.silence)
    assert isinstance(flow.apology(line, event), End)


def test_a_contact_who_presses_a_wrong_key_is_asked_once_more_and_then_hung_up_on(line):
    again = answer(line, PickedUp("voorbeeldstad", 0, "5"))
    assert isinstance(again, Question)
    assert answer(line, replace(again.key, key="5")) == End((), ())


@pytest.mark.parametrize("kind", ["pickup/voorbeeldstad", f"ring-check/voorbeeldstad/{'0' * 32}"])
def test_an_address_without_parameters_as_an_older_program_writes_it_asks_the_contact(line, kind):
    assert isinstance(flow.answer(line, requests.read(f"/voice/{kind}", {}, {}), NOON), Question)


def test_a_failure_while_a_contact_is_asked_to_press_1_hangs_up_on_the_contact_alone(line):
    assert flow.apology(line, PickedUp("voorbeeldstad", 0)) == End((), ())


moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


closures = st.one_of(
    st.none(),
    st.builds(
        lambda start, end: Closure.model_construct(reason="x", since=min(start, end), until=max(start, end)),
        moments,
        moments,
    ),
)


@settings(deadline=None, max_examples=150)
@given(
    scripts,
    outcomes,
    moments,
    st.sampled_from(["+31200000001", "+31200000101", "+31200000201"]),
    closures,
    st.sampled_from([CALLER, "anonymous"]),
)
def test_whatever_is_pressed_whenever_the_call_ends_within_its_limits(
    line, keys, several, moment, dialled, closure, caller
):
    line = replace(line, closure=closure)
    events = pure.play(line, caller, dialled, ScriptedCaller(keys), AnyFarEnd(several), moment, {})
    assert isinstance(events[-1], CallEnds)
    # After the last key each menu is offered `tries` times, at most once more for each chain that ended.
    pressed = max(
        (place for place, event in enumerate(events) if isinstance(event, CallerPresses)), default=0
    )
    rung = sum(isinstance(event, FarEndRings) for event in events[pressed:])
    assert len(events) - pressed <= 2 * (line.settings.tries + 1) + 6 * rung + 4
