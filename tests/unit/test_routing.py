"""Where a call of a real telephone leads, and whom it may ring."""

from ipaddress import IPv4Address

import pytest

from ivr.model.telephone import Telephone
from ivr.telephone.routing import Reached, Refused, reached, target

DESK, OFFICE, STRANGER = (IPv4Address(each) for each in ("127.0.0.1", "192.0.2.10", "198.51.100.1"))
KNOWN = "+31200000199"


def settings(**more):
    return Telephone.model_validate(more)


def led(line, dialled, host=DESK, **more):
    found = reached(line, settings(**more), host, dialled)
    return (line.slug_of(found.municipality), found.from_, found.to) if isinstance(found, Reached) else found


@pytest.mark.parametrize(
    ("dialled", "to"),
    [
        ("sip:voorbeeldstad@127.0.0.1:5060", "+31200000001"),
        ("sip:Voorbeeldstad@127.0.0.1", "+31200000001"),
        ("sip:+31200000001@127.0.0.1:5060", "+31200000001"),
        ("sip:0200000001@pbx.example", "+31200000001"),
        ("sip:31200000001@pbx.example;user=phone", "+31200000001"),
        ("sip:6000@127.0.0.1:5060", "+31200000001"),
    ],
)
def test_a_slug_a_number_of_a_municipality_and_a_line_of_the_file_reach_that_municipality(line, dialled, to):
    slug, _, dialled_as = led(line, dialled, lines={"6000": "voorbeeldstad"})
    assert (slug, dialled_as) == ("voorbeeldstad", to)


def test_a_sip_address_of_a_municipality_reaches_it_under_that_address(line):
    address = next(each for each in line.municipalities["voorbeeldstad"].dialled if each.startswith("sip:"))
    assert led(line, f"{address}:5060")[::2] == ("voorbeeldstad", address)


@pytest.mark.parametrize("dialled", ["sip:elsewhere@127.0.0.1", "sip:112@127.0.0.1", "", "tel:112", "sip:@x"])
def test_what_no_municipality_has_is_refused(line, dialled):
    assert led(line, dialled) is Refused.DIALLED


@pytest.mark.parametrize("host", [STRANGER, OFFICE, None])
def test_who_is_no_peer_is_refused_whatever_is_dialled(line, host):
    assert led(line, "sip:voorbeeldstad@127.0.0.1", host) is Refused.PEER


def test_a_peer_is_known_by_the_number_that_the_file_gives_it_and_the_nearest_range_counts(line):
    peers = [{"address": "192.0.2.0/24", "as": "020-000 01 98"}, {"address": "192.0.2.10", "as": KNOWN}]
    assert led(line, "sip:voorbeeldstad@x", OFFICE, peers=peers)[1] == KNOWN


def test_a_peer_without_a_number_counts_as_a_desk_that_may_be_put_through(line):
    _, from_, _ = led(line, "sip:voorbeeldstad@x", OFFICE, peers=["192.0.2.10"])
    assert line.municipalities["voorbeeldstad"].forwards(from_)


def test_what_has_no_route_is_never_rung(line):
    routes = {"0900-8844": "sip:police@127.0.0.1:5070", "sip:duty@example.nl": "sip:200@127.0.0.1"}
    file = settings(routes=routes)
    assert target(file, "+319008844") == "sip:police@127.0.0.1:5070"
    assert target(file, "sip:duty@example.nl:5080") == "sip:200@127.0.0.1"
    rung = {n for each in line.municipalities.values() for n in (c.number for c in each.contacts)}
    assert rung
    assert {target(file, each) for each in rung | {"+31612345678", "sip:police@127.0.0.1:5070"}} == {None}
