"""What the endpoint of telephones decides without a network: causes, floods, whose packets it reads."""

from ipaddress import IPv4Address, IPv4Network

import numpy as np
import pytest

from ivr.speech.wav import RATE
from ivr.telephone.causes import outcome_of
from ivr.telephone.endpoint import FLOOD_SECONDS, FloodGuard
from ivr.telephone.packet_filter import instructions
from ivr.telephone.sound import ringback

HOST, OTHER = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")


@pytest.mark.parametrize(
    ("status", "outcome"), [(486, "busy"), (480, "no-answer"), (404, "failed"), (None, "failed")]
)
def test_a_status_becomes_what_twilio_reports_of_a_dial(status, outcome):
    assert outcome_of(status) == outcome


def test_a_host_that_calls_too_often_is_refused_and_others_are_not():
    guard = FloodGuard(3)
    assert [guard.passes(HOST, each / 10) for each in range(5)] == [True, True, True, False, False]
    assert guard.passes(OTHER, 0.5)


def test_a_host_that_slows_down_is_let_in_again():
    guard = FloodGuard(3)
    for each in range(5):
        guard.passes(HOST, each / 10)
    assert guard.passes(HOST, 0.5 + FLOOD_SECONDS)


@pytest.mark.parametrize(
    ("source", "read"), [("192.0.2.77", True), ("198.51.100.7", True), ("192.0.3.1", False)]
)
def test_the_filter_reads_packets_of_the_networks_alone(source, read):
    networks = [IPv4Network("192.0.2.0/24"), IPv4Network("198.51.100.7")]
    assert bool(_run(instructions(networks), int(IPv4Address(source)))) is read


def _run(program, source):
    """What a machine for these instructions returns for a packet: how much of it is kept."""
    at = register = 0
    while True:
        code, true, false, operand = program[at]
        at += 1
        match code:
            case 0x20:
                register = source
            case 0x54:
                register &= operand
            case 0x15:
                at += true if register == operand else false
            case 0x06:
                return operand


def test_ringback_is_one_second_of_425_hz_and_four_of_silence():
    samples = np.frombuffer(ringback(), "<i2")
    assert len(samples) == 5 * RATE
    assert np.argmax(np.abs(np.fft.rfft(samples[:RATE]))) == 425
    assert not samples[RATE:].any()
