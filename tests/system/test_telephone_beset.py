"""Real telephones that hang up, vanish, hold, send nothing or come in numbers. All on loopback."""

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from queue import Queue

import pytest
from support.homes import HERE
from support.machines import PATIENCE
from support.raw_sip import RawCaller
from support.softphone import place_of, plays, rings, share_of, sweep, tone

from ivr.exchange.people import CallerHungUp, HungUp, PickedUp
from ivr.telephone.stack import SOUND_PORTS

pytestmark = pytest.mark.slow

SECONDS = 2.0
"""After how many seconds without RTP a leg ends here."""


def raised_by(doing):
    """The class of what this raises; None where it raises nothing."""
    try:
        doing()
    except HungUp as error:
        return type(error)
    return None


@pytest.mark.parametrize("moment", ["hears", "waits"])
def test_a_caller_may_hang_up_at_any_moment(office, phone, moment):
    told, desk = Queue(), phone()

    def lead(call):
        what = {"hears": lambda: plays(call, sweep(20)), "waits": lambda: call.caller.waits(20)}
        told.put("began")
        told.put(raised_by(what[moment]))

    line = office(lead)
    desk.dial(line.at())
    assert told.get(timeout=PATIENCE) == "began"
    time.sleep(0.2)
    desk.hang_up()
    assert told.get(timeout=PATIENCE) is HungUp


@pytest.mark.parametrize("who", ["caller", "far end"])
@pytest.mark.parametrize("moment", ["question", "talk"])
def test_either_side_may_hang_up_while_two_are_connected(office, phone, who, moment):
    told, desk, police = Queue(), phone(), phone(answers="auto")

    def lead(call):
        far_end = rings(call, police).far_end
        what = {"question": lambda: far_end.waits(20), "talk": lambda: far_end.talks(20)}
        told.put("began")
        told.put(raised_by(what[moment]))
        far_end.ends()

    line = office(lead)
    desk.dial(line.at())
    assert told.get(timeout=PATIENCE) == "began"
    time.sleep(0.2)
    (desk if who == "caller" else police).hang_up()
    ended = {"caller": CallerHungUp, "far end": HungUp if moment == "question" else None}
    assert told.get(timeout=PATIENCE) is ended[who]
    desk.until("CALL_CLOSED")
    police.until("CALL_CLOSED")


def test_a_telephone_that_vanishes_ends_the_call_and_the_far_end_s(office, phone):
    told, desk, police = Queue(), phone(), phone(answers="auto")

    def lead(call):
        far_end = rings(call, police).far_end
        told.put("began")
        told.put(raised_by(lambda: far_end.talks(60)))
        far_end.ends()

    line = office(lead, silent=SECONDS)
    desk.dial(line.at())
    assert told.get(timeout=PATIENCE) == "began"
    desk.program.kill()
    assert told.get(timeout=PATIENCE) is CallerHungUp
    police.until("CALL_CLOSED")


def test_a_telephone_that_never_sends_sound_is_hung_up(office):
    told = Queue()
    line = office(lambda call: told.put(raised_by(lambda: call.caller.waits(60))), silent=SECONDS)
    with RawCaller(line.port) as caller:
        assert caller.call() == 200
    assert told.get(timeout=PATIENCE) is HungUp


def test_a_telephone_may_hold_the_call_for_longer_and_is_heard_when_it_comes_back(office, phone):
    told, desk, police = Queue(), phone(tone(700, 1)), phone(answers="auto")

    def lead(call):
        told.put("began")
        told.put(call.caller.waits(60))
        far_end = rings(call, police).far_end
        far_end.talks(2)
        far_end.ends()

    line = office(lead, silent=SECONDS)
    desk.dial(line.at())
    assert told.get(timeout=PATIENCE) == "began"
    desk.hold()
    time.sleep(1.5 * SECONDS)
    desk.resume()
    desk.until("CALL_REMOTE_SDP", count=4)
    desk.press("3")
    assert told.get(timeout=PATIENCE) == "3"
    assert share_of(700, police.heard()) > 0.7


def test_a_stranger_gets_no_answer_and_others_are_answered(office, phone):
    desk, stranger = phone(), phone(host="127.0.0.2")
    line = office(lambda call: plays(call, sweep(0.5)), peers=("127.0.0.1/32",))
    stranger.dial(line.at())
    desk.dial(line.at())
    desk.until("CALL_CLOSED")
    assert desk.all("CALL_ESTABLISHED")
    assert not stranger.all("CALL_RINGING") + stranger.all("CALL_ESTABLISHED") + stranger.all("CALL_CLOSED")


def test_one_caller_too_many_is_told_busily(office, phone):
    desk, other, ready, free = phone(), phone(), Queue(), threading.Event()

    def lead(call):
        ready.put("it came")
        while not free.is_set():
            call.caller.waits(1)

    line = office(lead, calls=1)
    desk.dial(line.at())
    assert ready.get(timeout=PATIENCE)
    other.dial(line.at())
    assert "486" in other.until("CALL_CLOSED")["param"]
    free.set()
    line.is_empty()
    other.dial(line.at())
    assert ready.get(timeout=PATIENCE)


def test_eight_calls_at_once_hear_each_their_own_far_end(office, phone):
    tones = [500 + 150 * each for each in range(8)]
    desks = [phone(tone(each, 1)) for each in tones]
    far = [phone(tone(each + 75, 1), answers="auto") for each in tones]
    own = dict(zip((f"desk-{each}" for each in range(8)), far, strict=True))

    def lead(call):
        rung = rings(call, own[call.to.partition(":")[2].partition("@")[0]])
        rung.far_end.talks(3)
        rung.far_end.ends()

    line = office(lead)
    for each, desk in enumerate(desks):
        desk.dial(line.at(f"desk-{each}"))
    for hertz, desk, other in zip(tones, desks, far, strict=True):
        assert share_of(hertz, other.heard()) > 0.7
        assert share_of(hertz + 75, desk.heard()) > 0.7


def test_a_far_end_that_answers_at_once_is_heard_of_however_late_the_line_looks(office, phone):
    desk, far, outcomes = phone(), phone(answers="auto"), Queue()

    rung = threading.Event()

    def lead(call):
        def stand_still():
            time.sleep(0.3)
            if not rung.is_set():
                call.caller.loop.call_soon(stand_still)

        call.caller.loop.call_soon_threadsafe(stand_still)
        try:
            outcomes.put(rings(call, far))
        finally:
            rung.set()

    line = office(lead)
    desk.dial(line.at())
    assert isinstance(outcomes.get(timeout=PATIENCE), PickedUp)


def test_250_calls_in_a_row_leave_nothing_behind(office):
    line, clip, sizes = office(lambda call: plays(call, clip), flood=1000), sweep(0.1), []
    for _ in range(5):
        with ThreadPoolExecutor(5) as callers:
            assert set(callers.map(lambda _: ten_calls(line.port), range(5))) == {(200,) * 10}
        line.is_empty()
        gc.collect()
        sizes.append((threads(), memory()))
    assert sizes[-1][0] <= sizes[0][0]
    # Memory comes in steps of two megabytes, but what 50 calls leave behind shows after each 50.
    assert min(after - before for (_, before), (_, after) in pairwise(sizes)) < 500_000


def test_sound_takes_the_ports_that_the_guide_names(office):
    line = office(lambda call: plays(call, sweep(0.1)))
    with RawCaller(line.port) as caller:
        for _ in range(10):
            assert caller.call() == 200
            line.is_empty()
    first, last = SOUND_PORTS
    assert len(caller.sound_ports) == 10
    assert all(first <= each <= last for each in caller.sound_ports), caller.sound_ports
    assert f"UDP {first} to {last}" in (HERE.parent / "docs/telephony.md").read_text("utf-8")


def ten_calls(port):
    """The answers to ten calls, one after another."""
    with RawCaller(port) as caller:
        return tuple(caller.call() for _ in range(10))


def threads():
    return len(list(Path("/proc/self/task").iterdir()))


def memory():
    """Bytes of memory that this process has of its own."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_calls_go_on_while_one_host_floods_the_line(office, phone):
    told, desk, clip = Queue(), phone(), sweep(4.0)

    def lead(call):
        told.put("began")
        plays(call, clip)

    line = office(lead)
    desk.dial(line.at())
    assert told.get(timeout=PATIENCE) == "began"
    with RawCaller(line.port, "127.0.0.9") as flooder:
        flooder.flood(400, rate=200)
    _, alike = place_of(clip, desk.heard())
    assert alike >= 0.98
    desk.dial(line.at())
    desk.until("CALL_ESTABLISHED", count=2)
