"""`ivr telephone`: Debian's baresip calls the shipped line, and is rung by it as police and as a contact."""

import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

import numpy as np
import pytest
import requests
from support.homes import make_home, make_timeless
from support.machines import Program, free_port
from support.softphone import loud, place_of, samples_of, share_of, tone

from ivr import translations
from ivr.model.files import TELEPHONE
from ivr.model.limits import ANNOUNCEMENT_SECONDS
from ivr.speech.build import spoken
from ivr.speech.engines import Espeak
from ivr.speech.wav import RATE

pytestmark = pytest.mark.slow

POLICE, NEXT = "0900-8844", "+31 34 357 88 44"
CONTACT, SECOND = "+31 20 000 00 02", "+31 20 000 00 03"


@pytest.fixture
def telephone(folder):
    """Starts `ivr telephone` with routes. Yields what makes the URI of a user there, and the program."""
    running = []

    def start(text="practice: no\n", *options, **routes):
        home = folder / "home"
        if not home.exists():
            make_timeless(home)
        (home / TELEPHONE).write_text(text, "utf-8")
        port = free_port()
        given = [each for number, uri in routes.items() for each in ("--route", f"{number}={uri}")]
        command = [sys.executable, "-m", "ivr", "--home", str(home), "--language", "en", "telephone"]
        program = Program([*command, "--listen", f"127.0.0.1:{port}", *given, *options], folder / "log")
        running.append(program)
        program.until(lambda: "Call with a SIP telephone" in program.said())
        return (lambda user: f"sip:{user}@127.0.0.1:{port}"), program

    yield start
    for each in running:
        each.kill()


def quiet_after(desk, seconds):
    """Wait until a telephone has heard so much."""
    desk.program.until(lambda: desk.hears_by_now() > seconds * RATE)


def spoken_first(text):
    """Samples of a text that a process speaks first: espeak never speaks it quite like that again."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return samples_of(process.submit(spoken, Espeak(), text, "nl").result())


def dials_and_presses(desk, uri, key):
    """Dial, hear a second of the menu, and press a key."""
    desk.dial(uri)
    desk.until("CALL_ESTABLISHED")
    quiet_after(desk, 1)
    desk.press(key)


def test_a_call_begins_with_practice_and_112_and_the_police_ring_by_their_route(telephone, phone):
    desk, police = phone(tone(700, 1)), phone(tone(1200, 1), name="police")
    at, program = telephone("practice: yes\n", **{POLICE: police.uri})
    desk.dial(at("voorbeeldstad"))
    desk.until("CALL_ESTABLISHED")
    said = spoken_first(translations.say("telephone-practice", "nl"))
    quiet_after(desk, 14)
    desk.press("3")
    assert "+31200000001" in police.until("CALL_INCOMING")["peeruri"]
    police.answer()
    police.until("CALL_ESTABLISHED")
    police.program.until(lambda: police.hears_by_now() > 3 * RATE)
    desk.hang_up()
    heard = desk.heard()
    place, alike = place_of(said, heard)
    assert (alike >= 0.98, place < 2 * RATE) == (True, True)
    assert share_of(700, police.heard()) > 0.6
    assert share_of(1200, heard[-2 * RATE :]) > 0.6
    assert program.process.poll() is None


def test_busy_then_the_next_number_and_a_number_without_a_route_is_never_rung(telephone, phone):
    desk, first, second = phone(), phone(name="first"), phone(name="second")
    at, _ = telephone(**{POLICE: first.uri, NEXT: second.uri})
    dials_and_presses(desk, at("+31200000001"), "3")
    first.until("CALL_INCOMING")
    first.hang_up()
    second.until("CALL_INCOMING")
    desk.hang_up()
    second.until("CALL_CLOSED")


def test_a_contact_hears_the_question_and_presses_1_and_then_both_talk(telephone, phone):
    desk, contact = phone(tone(700, 1)), phone(tone(1200, 1), name="contact")
    at, _ = telephone(**{CONTACT: contact.uri})
    dials_and_presses(desk, at("voorbeeldstad"), "2")
    contact.until("CALL_INCOMING")
    contact.answer()
    contact.until("CALL_ESTABLISHED")
    contact.program.until(lambda: contact.hears_by_now() > 2 * RATE)
    contact.press("1")
    before = contact.hears_by_now()
    contact.program.until(lambda: contact.hears_by_now() > before + 4 * RATE)
    desk.hang_up()
    heard = contact.heard()
    assert share_of(700, heard[-2 * RATE :]) > 0.6
    assert len(loud(heard[: 2 * RATE])) > RATE // 2  # the question


def test_with_a_url_it_is_another_line_that_is_asked_and_its_document_that_rings(telephone, phone, folder):
    desk, police, port = phone(), phone(name="police"), free_port()
    home = make_home(folder / "home")
    command = [sys.executable, "-m", "ivr", "--home", str(home.root), "serve", "--demo"]
    line = Program([*command, "--port", str(port), "--workers", "1"], folder / "line-log")
    try:
        line.until((home.root / ".demo-token").exists)
        line.until(lambda: answers(port))
        url = f"http://127.0.0.1:{port}"
        at, _ = telephone("practice: no\n", "--url", url, **{POLICE: police.uri})
        dials_and_presses(desk, at("voorbeeldstad"), "3")
        police.until("CALL_INCOMING")
    finally:
        line.kill(signal.SIGTERM)


def answers(port):
    with suppress(OSError):
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok
    return False


def test_a_contact_who_presses_nothing_is_hung_up_and_the_next_one_rings(telephone, phone, folder):
    desk, first, second = phone(), phone(name="first", answers="auto"), phone(name="second")
    at, _ = telephone(**{CONTACT: first.uri, SECOND: second.uri})
    dials_and_presses(desk, at("voorbeeldstad"), "2")
    first.until("CALL_ESTABLISHED")
    second.until("CALL_INCOMING")
    assert first.all("CALL_CLOSED")
    desk.hang_up()
    second.until("CALL_CLOSED")


def test_the_police_ring_within_a_second_beside_the_announcement(telephone, phone):
    desk, police = phone(), phone(name="police")
    at, _ = telephone(**{POLICE: police.uri})
    desk.dial(at("voorbeeldstad"))
    desk.until("CALL_ESTABLISHED")
    quiet_after(desk, 1)
    pressed = desk.hears_by_now()
    desk.press("3")
    police.until("CALL_INCOMING")
    rung = desk.hears_by_now()
    desk.hang_up()
    sounds = loud(desk.heard()[pressed:rung])
    begins = sounds[np.argmax(np.diff(sounds) > RATE // 25) + 1]
    # The announcement ends with the time in which * may still be pressed.
    assert begins + (rung - pressed - sounds[-1]) - ANNOUNCEMENT_SECONDS * RATE < RATE


def test_what_no_municipality_has_is_refused_before_it_is_answered(telephone, phone):
    desk = phone()
    at, _ = telephone()
    desk.dial(at("elsewhere"))
    desk.until("CALL_CLOSED")
    assert desk.all("CALL_ESTABLISHED") == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_calls_and_program(telephone, phone, how):
    desk = phone()
    at, program = telephone()
    desk.dial(at("voorbeeldstad"))
    desk.until("CALL_ESTABLISHED")
    program.process.send_signal(how)
    desk.until("CALL_CLOSED")
    assert program.process.wait(20) == 0
    assert "+31" not in program.said()
    assert "sip:desk" not in program.said()
