"""Real telephones: Debian's baresip calls the endpoint over SIP, and is rung by it. All on loopback."""

import time
from ipaddress import IPv4Address, IPv4Network
from queue import Queue

import pytest
from support.machines import PATIENCE, free_port
from support.softphone import loud, place_of, share_of, softphones, strongest, sweep, tone, wav_of

from ivr.exchange.people import CallerHungUp, HungUp, NotReached, PickedUp
from ivr.speech.wav import RATE
from ivr.telephone.endpoint import Endpoint, Settings
from ivr.telephone.stack import BaresipStack

pytestmark = pytest.mark.slow

LOOPBACK = IPv4Address("127.0.0.1")
ALL = (IPv4Network("127.0.0.0/8"),)
CLIP = sweep(2.0)
SHOWN = "+31200000001"


@pytest.fixture
def phone(folder):
    """Makes a telephone."""
    numbers = iter(range(100))
    with softphones() as make:
        yield lambda *arguments, **more: make(folder / f"phone-{next(numbers)}", *arguments, **more)


@pytest.fixture
def office():
    """Opens an endpoint; `lead` leads each call. Yields what makes the URI of a user there."""
    opened = []

    def listen(lead, **more):
        port = free_port()
        endpoint = Endpoint(Settings(LOOPBACK, port, **{"peers": ALL, **more}), lead, BaresipStack)
        opened.append(endpoint.__enter__())
        return lambda user: f"sip:{user}@127.0.0.1:{port}"

    yield listen
    for each in opened:
        each.__exit__(None, None, None)


def plays(call, samples, *, listening=False):
    """Let the caller of a call hear samples; the key pressed meanwhile."""
    return call.caller.hears("", wav_of(samples), len(samples) / RATE, listening=listening)


def rings(call, telephone, seconds=20):
    """Ring a telephone for a call."""
    return call.far_ends(lambda _: telephone.uri).rings(SHOWN, seconds, SHOWN)


def test_a_telephone_hears_the_clip_that_is_played(office, phone):
    desk, at = phone(), office(lambda call: plays(call, CLIP))
    desk.dial(at("voorbeeldstad"))
    _, alike = place_of(CLIP, desk.heard())
    assert alike >= 0.98


def test_a_telephone_with_mu_law_alone_hears_it_too(office, phone):
    desk = phone(account="<sip:desk@127.0.0.1>;regint=0;audio_codecs=PCMU")
    at = office(lambda call: plays(call, CLIP))
    desk.dial(at("voorbeeldstad"))
    _, alike = place_of(CLIP, desk.heard())
    assert alike >= 0.98


def test_a_key_stops_what_is_played_within_300_ms(office, phone):
    keys = Queue()

    def lead(call):
        keys.put(plays(call, sweep(20), listening=True))
        call.caller.waits(1)

    desk, at = phone(), office(lead)
    desk.dial(at("voorbeeldstad"))
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
        plays(call, sweep(1.5))
        step.put("listening")
        keys.put(plays(call, sweep(5), listening=True))
        keys.put(call.caller.waits(1))

    desk, at = phone(), office(lead)
    desk.dial(at("voorbeeldstad"))
    assert step.get(timeout=PATIENCE) == "not listening"
    desk.press("1")
    assert step.get(timeout=PATIENCE) == "listening"
    desk.press("2")
    assert [keys.get(timeout=PATIENCE), keys.get(timeout=PATIENCE)] == ["2", None]


def test_the_far_end_rings_picks_up_and_both_hear_each_other(office, phone):
    talked, desk, police = Queue(), phone(tone(700, 1)), phone(tone(1200, 1), name="police")

    def lead(call):
        rung = rings(call, police)
        talked.put(rung.far_end.talks(2))
        rung.far_end.ends()

    at = office(lead)
    desk.dial(at("voorbeeldstad"))
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

    at = office(lead)
    desk.dial(at("voorbeeldstad"))
    first.until("CALL_INCOMING")
    first.hang_up()
    assert outcomes.get(timeout=PATIENCE) == NotReached("busy")
    second.until("CALL_INCOMING")
    second.answer()
    assert isinstance(outcomes.get(timeout=PATIENCE), PickedUp)


def test_a_far_end_that_does_not_answer_is_cancelled(office, phone):
    outcomes, desk, police = Queue(), phone(), phone()
    at = office(lambda call: outcomes.put(rings(call, police, seconds=1)))
    desk.dial(at("voorbeeldstad"))
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

    at = office(lead)
    desk.dial(at("voorbeeldstad"))
    police.until("CALL_INCOMING")
    desk.hang_up()
    assert raised.get(timeout=PATIENCE) is CallerHungUp
    police.until("CALL_CLOSED")
