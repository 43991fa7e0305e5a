"""The desk phone shows what the line says as fast as it is spoken, whatever is pressed meanwhile."""

from io import StringIO

import pytest

from ivr.exchange.people import HungUp
from ivr.exchange.phone import DeskPhone


class Hands:
    """Keys pressed at given seconds, and the clock that passes while they are awaited."""

    def __init__(self, presses):
        self.now = 0.0
        self.presses = sorted(presses.items())

    def key(self, seconds):
        if self.presses and self.presses[0][0] <= self.now + seconds:
            at, key = self.presses.pop(0)
            self.now = max(self.now, at)
            return key
        self.now += seconds
        return None


def phone(presses):
    hands = Hands(presses)
    out = StringIO()
    return DeskPhone(hands, "nl", out, lambda: hands.now), hands, out


@pytest.mark.parametrize(("key", "listening"), [("3", False), ("#", False), ("x", True), ("x", False)])
def test_a_key_that_does_nothing_shortens_no_speech(key, listening):
    desk, hands, out = phone({0.5: key, 0.6: key, 2.5: key})
    assert desk.hears("een twee drie", None, 3, listening=listening) is None
    assert hands.now == pytest.approx(3)
    assert out.getvalue().endswith("een twee drie ")


def test_a_key_that_is_listened_to_stops_the_speech_at_once():
    desk, hands, out = phone({1.5: "3"})
    assert desk.hears("een twee drie", None, 3, listening=True) == "3"
    assert hands.now == 1.5
    assert "drie" not in out.getvalue()


@pytest.mark.parametrize("listening", [True, False])
def test_who_hangs_up_while_the_line_speaks_is_gone_at_once(listening):
    desk, hands, _ = phone({1.5: "h"})
    with pytest.raises(HungUp):
        desk.hears("een twee drie", None, 3, listening=listening)
    assert hands.now == 1.5


def test_a_key_that_no_telephone_has_shortens_no_wait():
    desk, hands, _ = phone({1: "x"})
    assert desk.waits(5) is None
    assert hands.now == 5
