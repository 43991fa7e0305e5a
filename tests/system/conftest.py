"""Telephones and endpoints for the tests of real calls. All end with the test, whatever happens in it."""

import socket
import threading
import time

import pytest
from support.machines import PATIENCE
from support.softphone import Office, softphones

from ivr.telephone import packet_filter


@pytest.fixture
def phone(folder):
    """Makes a telephone."""
    numbers = iter(range(1000))
    with softphones() as make:
        yield lambda *arguments, **more: make(folder / f"phone-{next(numbers)}", *arguments, **more)


@pytest.fixture
def office(phone):
    """Opens an endpoint, of which no thread, socket or call is left when the test is over."""
    opened, ports, threads = [], datagram_ports(), threading.active_count()

    def listen(lead, **more):
        opened.append(Office(lead, **more))
        return opened[-1]

    try:
        yield listen
        for each in opened:
            each.is_empty()
    finally:
        for each in opened:
            each.close()
    end = time.monotonic() + PATIENCE
    # Threads of an earlier test may have ended meanwhile.
    while any(left := [datagram_ports() - ports, max(threading.active_count() - threads, 0)]):
        assert time.monotonic() < end, left
        time.sleep(0.05)


def datagram_ports():
    """The ports of this process at which datagrams (SIP, RTP) arrive."""
    ports = set()
    for each in packet_filter.sockets():
        with each:
            if each.type == socket.SOCK_DGRAM:
                ports.add(each.getsockname())
    return ports
