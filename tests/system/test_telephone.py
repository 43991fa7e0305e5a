"""Real telephones: Debian's baresip calls the endpoint over SIP, and is rung by it. All on loopback."""

import time
from queue import Queue

import pytest
from support.machines import PATIENCE
from support.sipp import refusing
from support.softphone import SHOWN, loud, place_of, plays, rings, share_of, strongest, sweep, tone

from ivr.exchange.people import CallerHungUp, HungUp, NotReached, PickedUp
from ivr.speech.wav import RATE

pytestmark = pytest.mark.slow

CLIP = sweep(2.0)


def test_a_telephone_hears_the_clip_that_is_played(office, phone):
    desk, line = phone(), office(lambda call: plays(call, CLIP))
    desk.dial(line.at())
    _, alike = place_of(CLIP, desk.heard())
    assert alike >= 0.98


def test_a_telephone_with_mu_law_alone_hears_it_too(office, phone):
    desk = phone(account="<sip:desk@127.0.0.1>;regint=0;audio_codecs=PCMU")
    line = office(lambda call: plays(call, CLIP))
    desk.dial(line.at())
    _, alike = place_of(CLIP, desk.heard())
    assert alike >= 0.98


@pytest.mark.parametrize("key", ["", "5"])
def test_a_clip_is_heard_from_its_first_word_also_right_after_another_or_after_a_key(office, phone, key):
    first, second, playing = sweep(4.0 if key else 1.0, seed=2), sweep(1.0, seed=3), Queue()

    def lead(call):
        playing.put("begins")
        plays(call, first, listening=bool(key))
        plays(call, second)

    desk, line = phone(), office(lead)
    desk.dial(line.at())
    playing.get(timeout=PATIENCE)
    if key:
        desk.until("CALL_ESTABLISHED")
        while desk.hears_by_now() < RATE // 2:
            time.sleep(0.01)
        desk.press(key)
    _, alike = place_of(second, desk.heard())
    assert alike >= 0.98


def test_a_key_stops_what_is_played_within_300_ms(office, phone):
    keys = Queue()

    def lead(call):
        keys.put(plays(call, sweep(20), listening=True))
        call.caller.waits(1)

    desk, line = phone(), office(lead)
    desk.dial(line.at())
    desk.until("CALL_ESTABLISHED")
    while desk.hears_by_now() < RATE:
        time.sleep(0.01)
    pressed = desk.hears_by_now()
    desk.press("5")
    assert keys.get(timeout=PATIENCE) == "5"
    assert loud(desk.heard())[-1] - pressed < 0.3 * RATE


def test_keys_are_kept_within_a_question_and_dropped_before_it(office, phone):
    keys, step = Queue(), Queue()

    def lead(call):
        step.put("not listening")
        plays(call, sweep(4))
        step.put("listening")
        keys.put(plays(call, sweep(15), listening=True))
        keys.put(call.caller.waits(1))

    desk, line = phone(), office(lead)
    desk.dial(line.at())
    assert step.get(timeout=PATIENCE) == "not listening"
    desk.press("1")
    assert step.get(timeout=PATIENCE) == "listening"
    time.sleep(1)  # the question begins a moment after it was said, and lasts 15 seconds
    desk.press("2")
    assert [keys.get(timeout=PATIENCE), keys.get(timeout=PATIENCE)] == ["2", None]


def test_the_far_end_rings_picks_up_and_both_hear_each_other(office, phone):
    talked, desk, police = Queue(), phone(tone(700, 1)), phone(tone(1200, 1), name="police")

    def lead(call):
        rung = rings(call, police)
        talked.put(rung.far_end.talks(2))
        rung.far_end.ends()

    line = office(lead)
    desk.dial(line.at())
    ringing = police.until("CALL_INCOMING")
    assert SHOWN in ringing["peeruri"]
    desk.until("CALL_ESTABLISHED")
    time.sleep(1)
    police.answer()
    assert talked.get(timeout=PATIENCE) == 2
    assert share_of(700, police.heard()) > 0.75
    heard = desk.heard()
    assert strongest(heard, 0.1, 0.7) == pytest.approx(425, abs=3)
    assert strongest(heard, len(heard) / RATE - 1.5, len(heard) / RATE - 0.6) == pytest.approx(1200, abs=3)


def test_a_far_end_that_refuses_is_busy_and_the_next_one_rings(office, phone):
    outcomes, desk, first, second = Queue(), phone(), phone(), phone()

    def lead(call):
        outcomes.put(rings(call, first))
        outcomes.put(rings(call, second))

    line = office(lead)
    desk.dial(line.at())
    first.until("CALL_INCOMING")
    first.hang_up()
    assert outcomes.get(timeout=PATIENCE) == NotReached("busy")
    second.until("CALL_INCOMING")
    second.answer()
    assert isinstance(outcomes.get(timeout=PATIENCE), PickedUp)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("486 Busy Here", "busy"),
        ("600 Busy Everywhere", "busy"),
        ("603 Decline", "busy"),
        ("480 Temporarily Unavailable", "no-answer"),
        ("408 Request Timeout", "no-answer"),
        ("404 Not Found", "failed"),
        ("500 Server Internal Error", "failed"),
    ],
)
def test_a_refused_invite_becomes_a_status_as_the_table_says(office, phone, folder, answer, status):
    outcomes, desk = Queue(), phone()
    with refusing(folder, answer) as far_end:
        line = office(lambda call: outcomes.put(rings(call, far_end)))
        desk.dial(line.at())
        assert outcomes.get(timeout=PATIENCE) == NotReached(status)


def test_a_far_end_that_does_not_answer_is_cancelled(office, phone):
    outcomes, desk, police = Queue(), phone(), phone()
    line = office(lambda call: outcomes.put(rings(call, police, seconds=1)))
    desk.dial(line.at())
    police.until("CALL_INCOMING")
    assert outcomes.get(timeout=PATIENCE) == NotReached("no-answer")
    police.until("CALL_CLOSED")


def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing(office, phone):
    raised, desk, police = Queue(), phone(), phone()

    def lead(call):
        try:
            rings(call, police)
        except HungUp as error:
            raised.put(type(error))

    line = office(lead)
    desk.dial(line.at())
    police.until("CALL_INCOMING")
    desk.hang_up()
    assert raised.get(timeout=PATIENCE) is CallerHungUp
    police.until("CALL_CLOSED")
