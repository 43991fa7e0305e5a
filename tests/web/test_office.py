"""A real call is led to its municipality, begins with practice, and rings by its routes alone."""

import wave
from io import BytesIO
from ipaddress import IPv4Address

import numpy as np
import pytest
from support.homes import NOON
from support.web import reach

from ivr import translations
from ivr.config.live import Live
from ivr.exchange.people import HungUp, NotReached, ScriptedCaller, rung
from ivr.model.telephone import Telephone
from ivr.speech.build import build
from ivr.speech.engines import EngineRefused
from ivr.telephone.endpoint import RealCall
from ivr.telephone.office import Office, practice

DESK = IPv4Address("127.0.0.1")


class Caller(ScriptedCaller):
    """Notes all that is heard, with or without a document."""

    def __init__(self, keys="", *, leaves=False):
        super().__init__(keys)
        self.heard, self.sounds, self.leaves = [], [], leaves

    def hears(self, text, wav, seconds, *, listening):
        self.heard.append((text, listening))
        self.sounds.append(wav)
        if self.leaves:
            raise HungUp


@pytest.fixture(scope="module")
def led(shared_home):
    return leader(shared_home)


def silence():
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8_000, 0, "NONE", ""))
    return file.getvalue()


def leader(home):
    """What leads a call at the line of a home. Sentences without a clip are silence."""
    live = Live(home, lambda: NOON, public=False)

    def lead(caller, dialled="sip:voorbeeldstad@127.0.0.1", host=DESK, **settings):
        """Lead a call; whom it rang: the number, its SIP address, and the number that is shown."""
        office = Office(Telephone.model_validate(settings), live, lambda: reach(home), lambda _: silence())
        rings = []

        class FarEnds:
            def __init__(self, route):
                self.route = route

            def rings(self, endpoint, seconds, shown):
                rings.append((endpoint, self.route(endpoint), shown))
                return rung("busy") if self.route(endpoint) else NotReached("failed")

        office.lead(RealCall(host, "sip:anybody@127.0.0.1", dialled, caller, FarEnds))
        return rings

    return lead


def test_a_call_begins_by_saying_in_both_languages_that_it_is_practice_with_112(led):
    caller = Caller()
    led(caller)
    first, second, welcome, *_ = caller.heard
    assert [first, second] == [
        (translations.say("telephone-practice", language), False) for language in ("nl", "en")
    ]
    assert all("1 1 2" in text for text, _ in (first, second))
    assert welcome[1]


class Toy:
    """An engine that makes half a second of sound of whatever text, and fails for one language."""

    name = "piper"

    def speak(self, text, language):
        if language == "en":
            raise EngineRefused("no voice")
        return np.full(4000, 0.5, np.float32), 8000


def test_practice_is_said_with_the_clip_that_was_built_of_it_and_synthesised_without_one(home, line):
    build(practice(line), home.audio, Toy(), sleep=lambda _: None, progress=lambda _: None)
    caller = Caller()
    leader(home)(caller)
    (clip,) = (home.audio / "built/nl").glob("*-piper-*.wav")
    assert caller.sounds[:2] == [clip.read_bytes(), silence()]


def test_practice_with_a_damaged_clip_is_synthesised(home, line):
    build(practice(line), home.audio, Toy(), sleep=lambda _: None, progress=lambda _: None)
    (clip,) = (home.audio / "built/nl").glob("*-piper-*.wav")
    lead, caller = leader(home), Caller()
    clip.write_bytes(b"no sound")
    lead(caller)
    assert caller.sounds[0] == silence()


def test_a_line_that_is_no_practice_begins_with_its_welcome(led):
    caller = Caller()
    led(caller, practice="no")
    assert "Balielijn" in caller.heard[0][0]


def test_who_hangs_up_while_practice_is_said_ends_the_call_before_any_webhook(led):
    caller = Caller(leaves=True)
    with pytest.raises(HungUp):
        led(caller)
    assert (len(caller.heard), caller.seen) == (1, [])


def test_the_police_ring_by_their_route_and_the_number_without_one_is_failed_and_both_see_the_town(led):
    rings = led(Caller("3-----"), routes={"0900-8844": "sip:police@127.0.0.1:5070"})
    town = "+31200000001"
    assert rings[:2] == [
        ("+319008844", "sip:police@127.0.0.1:5070", town),
        ("+31343578844", None, town),
    ]


def test_a_call_from_a_peer_may_be_put_through_to_the_contacts(led):
    peer = {"address": "127.0.0.1", "as": "020-000 01 99"}
    assert led(Caller("2----"), peers=[peer])
    stranger = {"address": "127.0.0.1", "as": "06-12345678"}
    assert led(Caller("2----"), peers=[stranger]) == []


@pytest.mark.parametrize(
    ("dialled", "host"),
    [("sip:elsewhere@127.0.0.1", DESK), ("sip:voorbeeldstad@127.0.0.1", IPv4Address("198.51.100.1"))],
)
def test_what_leads_nowhere_and_who_is_no_peer_hear_nothing(led, dialled, host):
    caller = Caller("3")
    assert (led(caller, dialled, host), caller.heard) == ([], [])
