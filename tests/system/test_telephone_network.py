"""Real telephones behind an office's exchange (Debian's Kamailio) and behind a bad network, on loopback."""

from queue import Queue

import pytest
from support.kamailio import PASSWORD, exchange
from support.machines import PATIENCE
from support.relay import relay
from support.softphone import SHOWN, place_of, plays, rings, share_of, sweep, tone

from ivr.speech.wav import RATE
from ivr.telephone.dialog import Registration

pytestmark = pytest.mark.slow


def test_the_line_registers_at_an_exchange_and_is_called_and_rings_through_it(office, phone, folder):
    desk, police = phone(tone(700, 1)), phone(tone(1200, 1), name="police", answers="auto")
    with exchange(folder, police) as kamailio:

        def lead(call):
            far_end = call.far_ends(lambda _: f"sip:police@{kamailio.host}").rings(SHOWN, 20, SHOWN).far_end
            far_end.talks(2)
            far_end.ends()

        line = office(lead, registration=Registration("meldlijn", kamailio.host, PASSWORD))
        kamailio.until_registered()
        desk.dial(f"sip:meldlijn@{kamailio.host}")
        assert share_of(700, police.heard()) > 0.7
        assert share_of(1200, desk.heard()) > 0.6
        line.is_empty()


def test_a_line_that_may_not_register_takes_calls_all_the_same(office, phone, folder):
    desk, police, clip = phone(), phone(), sweep(0.5)
    with exchange(folder, police) as kamailio:
        line = office(
            lambda call: plays(call, clip), registration=Registration("meldlijn", kamailio.host, "wrong")
        )
        kamailio.until_refused()
        desk.dial(line.at())
        _, alike = place_of(clip, desk.heard())
    assert alike >= 0.98
    assert not kamailio.registered()


def test_speech_keys_and_talk_come_through_5_percent_loss_and_40_ms_jitter(office, phone):
    keys, desk, police, clip = Queue(), phone(tone(700, 1)), phone(tone(1200, 1), answers="auto"), sweep(4.0)

    def lead(call):
        plays(call, clip)
        keys.put(call.caller.waits(60))
        far_end = rings(call, police).far_end
        far_end.talks(3)
        far_end.ends()

    line = office(lead)
    with relay(desk.port, line.port, loss=0.05, jitter=0.04) as network:
        desk.dial(f"sip:voorbeeldstad@127.0.0.1:{network.port}")
        desk.until("CALL_ESTABLISHED")
        while desk.hears_by_now() < 4.5 * RATE:
            desk.all("CALL_CLOSED")
        desk.press("3")
        assert keys.get(timeout=PATIENCE) == "3"
        heard = desk.heard()
        assert network.lost > 0.03 * (network.sent + network.lost)
    parts = [clip[begin : begin + RATE // 5] for begin in range(0, len(clip), RATE // 5)]
    assert sum(place_of(part, heard)[1] > 0.7 for part in parts) > 0.8 * len(parts)
    assert share_of(700, police.heard()) > 0.7
    assert share_of(1200, heard[-2 * RATE :]) > 0.6
