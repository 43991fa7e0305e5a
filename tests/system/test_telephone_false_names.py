"""Callers whose messages name another sender: who calls is the address from which the packets came."""

from ipaddress import IPv4Network
from queue import Queue

import pytest
from support.kamailio import PASSWORD, exchange
from support.machines import PATIENCE
from support.raw_sip import RawCaller
from support.softphone import place_of, plays, rings, sweep

from ivr.telephone.dialog import Registration

pytestmark = pytest.mark.slow

OFFICE, OTHER, FAR = "127.0.0.1", "127.0.0.8", "127.0.0.9"
"""Two peers, and a host where a far end is."""
CLIP = sweep(0.3)


def line_and_hosts(office, **more):
    """A line that tells from where each call comes and then hangs up."""
    told = Queue()

    def lead(call):
        told.put(str(call.host))
        plays(call, CLIP)

    return told, office(lead, peers=(OFFICE, OTHER), **more)


def test_a_far_end_that_names_a_peer_as_the_sender_is_refused(office):
    told, line = line_and_hosts(office, far_ends=(IPv4Network(FAR),))
    with RawCaller(line.port, FAR, claims=[OFFICE]) as far_end:
        assert far_end.call() == 486
    with RawCaller(line.port, OFFICE) as peer:
        assert peer.call() == 200
    assert told.get(timeout=PATIENCE) == OFFICE
    assert told.empty()


def test_a_peer_that_names_another_peer_is_known_as_itself(office):
    told, line = line_and_hosts(office)
    with RawCaller(line.port, OTHER, claims=[OFFICE]) as peer:
        assert peer.call() == 200
    assert told.get(timeout=PATIENCE) == OTHER


def test_a_host_that_names_many_senders_is_counted_as_one(office):
    told, line = line_and_hosts(office, flood=3)
    with RawCaller(line.port, OTHER, claims=[f"127.0.1.{each}" for each in range(9)]) as flooder:
        assert [flooder.call() for _ in range(5)] == [200, 200, 200, 486, 486]
    with RawCaller(line.port, OFFICE) as peer:
        assert peer.call() == 200
    assert [told.get(timeout=PATIENCE) for _ in range(4)] == [OTHER] * 3 + [OFFICE]


@pytest.mark.parametrize("compact", [False, True])
def test_a_peer_that_names_a_host_name_or_writes_short_headers_is_known_by_its_address(office, compact):
    told, line = line_and_hosts(office)
    with RawCaller(line.port, OTHER, claims=["pbx.office.example"], compact=compact) as peer:
        assert peer.call() == 200
    assert told.get(timeout=PATIENCE) == OTHER


def test_a_telephone_that_calls_by_tcp_is_known_by_the_address_of_its_connection(office, phone):
    told, line = line_and_hosts(office)
    desk = phone(host=OTHER)  # it connects from OFFICE all the same, as that is the line's own address
    desk.dial(f"{line.at()};transport=tcp")
    assert told.get(timeout=PATIENCE) == OFFICE
    assert place_of(CLIP, desk.heard())[1] >= 0.98


def test_a_far_end_holds_resumes_and_hangs_up_though_it_may_not_call(office, phone):
    desk, police, told = phone(), phone(host=FAR, name="police", answers="auto"), Queue()

    def lead(call):
        told.put(rings(call, police).far_end.talks(60))

    line = office(lead, peers=(OFFICE,), far_ends=(IPv4Network(FAR),))
    desk.dial(line.at())
    police.until("CALL_ESTABLISHED")
    police.hold()
    police.until("CALL_REMOTE_SDP", count=2)
    police.resume()
    police.until("CALL_REMOTE_SDP", count=3)
    police.hang_up()
    assert told.get(timeout=PATIENCE) < 60
    desk.until("CALL_CLOSED")


def test_a_registrar_that_is_no_peer_lets_the_line_register_and_its_calls_are_refused(office, phone, folder):
    desk, police, told = phone(), phone(host=FAR, name="police"), Queue()
    with exchange(folder, police) as kamailio:
        line = office(
            told.put,
            peers=(OTHER,),
            far_ends=(IPv4Network(OFFICE),),
            registration=Registration("meldlijn", kamailio.host, PASSWORD),
        )
        kamailio.until_registered()
        desk.dial(f"sip:meldlijn@{kamailio.host}")
        assert "486" in desk.until("CALL_CLOSED")["param"]
    assert told.empty()
    assert line.endpoint.calls == 0
