"""Where a call leads, and whom it may ring. Pure: no network, and nothing of the library."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address

from ivr.model import numbers
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.numbers import Sip
from ivr.model.telephone import Peer, Telephone
from ivr.model.trial_call import desk_of


@dataclass(frozen=True, slots=True)
class Reached:
    """A call reaches a municipality."""

    municipality: Municipality
    from_: str
    """Number (E.164) or SIP URI as which the line knows the caller; never what the caller claims."""
    to: str
    """Endpoint of the municipality, as the line knows it."""


class Refused(StrEnum):
    """A call is not answered."""

    PEER = "not from a peer"
    DIALLED = "no municipality has what was dialled"


def reached(line: Line, settings: Telephone, host: IPv4Address | None, dialled: str) -> Reached | Refused:
    """Return where a call leads. `host`: where it comes from. `dialled`: a SIP URI, perhaps with a port."""
    peer = _peer(settings, host)
    if peer is None:
        return Refused.PEER
    found = _municipality(line, settings.lines, dialled)
    if found is None:
        return Refused.DIALLED
    municipality, to = found
    return Reached(municipality, peer.known_as or desk_of(municipality), to)


def _peer(settings: Telephone, host: IPv4Address | None) -> Peer | None:
    """Return the peer with this address; of several the one with the fewest addresses."""
    found = [each for each in settings.peers if host and host in each.address]
    return max(found, key=lambda each: each.address.prefixlen, default=None)


def _municipality(line: Line, lines: Mapping[str, str], dialled: str) -> tuple[Municipality, str] | None:
    """Return the municipality that was dialled, and its endpoint.

    It has the SIP address, or the number before the `@`; or its slug stands there, or what `lines` names.
    """
    sip = Sip.of(dialled)
    if sip is None:
        return None
    for endpoint in numbers.reached(str(sip)):
        if municipality := line.municipality_dialled(endpoint):
            return municipality, endpoint
    municipality = line.municipalities.get(lines.get(sip.user, sip.user))
    return (municipality, municipality.dialled[0]) if municipality else None


def target(settings: Telephone, endpoint: str) -> str | None:
    """Return the SIP URI that is rung for a number (E.164) or SIP URI; None where it has no route."""
    wanted = numbers.tidy(endpoint)
    return next((to for each, to in settings.routes.items() if numbers.tidy(each) == wanted), None)
