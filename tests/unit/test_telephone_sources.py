"""From where an INVITE came: read in the library's trace, without a network and without a clock."""

from ipaddress import IPv4Address

import pytest

from ivr.telephone.sources import Invite, Sources, invite_in

HOST, OTHER = IPv4Address("192.0.2.10"), IPv4Address("192.0.2.11")
CALL = Invite("call-1", "SIP/2.0/UDP192.0.2.99;branch=z9hG4bK1")
INVITE = "INVITE sip:6000@192.0.2.5 SIP/2.0"
VIA, CALL_ID = "Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK1", "Call-ID: call-1"


def record(*headers, first=INVITE, way="RX UDP 192.0.2.10:5060 -> 192.0.2.5:5060"):
    return f"{way}\n" + "\r\n".join([first, *headers, "", "v=0", "i: body"])


@pytest.mark.parametrize(
    "headers",
    [
        (VIA, CALL_ID),
        ("v: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK1", "i : call-1"),
        ("VIA: SIP/2.0/UDP 192.0.2.99\r\n\t;branch=z9hG4bK1", "call-id:\r\n call-1"),
        (VIA, "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK2", CALL_ID),
        (f"{VIA} , SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK2", CALL_ID),
    ],
)
def test_an_invite_is_known_by_its_call_id_and_topmost_via_however_they_are_written(headers):
    assert invite_in(record(*headers)) == (CALL, HOST)


@pytest.mark.parametrize(
    "shown",
    [
        record(VIA, CALL_ID, way="TX UDP 192.0.2.10:5060 -> 192.0.2.5:5060"),
        record(VIA, CALL_ID, first="BYE sip:6000@192.0.2.5 SIP/2.0"),
        record(VIA, CALL_ID, CALL_ID),
        record(f'{VIA};x="a,b";mAddr=198.51.100.1', CALL_ID),
        record(VIA),
        record(CALL_ID),
        record(VIA, CALL_ID, way="RX UDP 999.0.2.10:5060 -> 192.0.2.5:5060"),
        "RX TCP 192.0.2.10:5060 -> 192.0.2.5:5060 (9382 bytes, too large to trace)",
        "",
    ],
)
def test_what_is_no_clear_invite_or_wants_its_answers_elsewhere_tells_nothing(shown):
    assert invite_in(shown) is None


class Loop:
    """An event loop whose time passes when it is told to."""

    def __init__(self):
        self.now, self.later = 0.0, []

    def time(self):
        return self.now

    def call_later(self, seconds, doing, *arguments):
        self.later.append((self.now + seconds, doing, arguments))

    def passes(self, seconds):
        self.now += seconds
        due = [each for each in self.later if each[0] <= self.now]
        self.later = [each for each in self.later if each not in due]
        for _, doing, arguments in due:
            doing(*arguments)


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def sources(loop):
    return Sources(loop)


@pytest.mark.parametrize("asked_first", [False, True])
def test_a_call_is_answered_with_its_host_whichever_comes_first(sources, loop, asked_first):
    hosts = []
    if asked_first:
        sources.ask(CALL, hosts.append)
    sources.note(CALL, HOST)
    if not asked_first:
        sources.ask(CALL, hosts.append)
    loop.passes(60)
    assert hosts == [HOST]


def test_one_invite_from_two_hosts_is_nobody_s(sources):
    hosts = []
    for host in (HOST, OTHER, HOST):
        sources.note(CALL, host)
    sources.ask(CALL, hosts.append)
    assert hosts == [None]


def test_an_invite_that_was_sent_twice_by_one_host_is_known(sources):
    hosts = []
    for _ in range(2):
        sources.note(CALL, HOST)
    sources.ask(CALL, hosts.append)
    assert hosts == [HOST]


def test_what_was_noted_long_ago_is_no_answer(sources, loop):
    hosts = []
    sources.note(CALL, OTHER)
    loop.passes(60)
    sources.ask(CALL, hosts.append)
    assert hosts == [None]


def test_a_call_of_which_nothing_is_told_gets_no_host_soon(sources, loop):
    hosts = []
    sources.ask(CALL, hosts.append)
    loop.passes(1)
    sources.note(CALL, HOST)
    assert hosts == [None]


def test_many_calls_of_which_nothing_is_told_do_not_wait_together(sources):
    hosts = []
    for each in range(100):
        sources.ask(Invite(f"call-{each}", CALL.via), hosts.append)
    assert len(hosts) > 80
    assert set(hosts) == {None}


def test_of_invites_that_nobody_asks_about_few_are_kept(sources):
    for each in range(5000):
        sources.note(Invite(f"call-{each}", CALL.via), HOST)
    assert len(sources._noted) < 2000
