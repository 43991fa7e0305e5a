"""The types of config/telephone.yaml: how `ivr telephone` is reached, and whom it rings."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from ivr.model import limits
from ivr.model.errors import refuse
from ivr.model.fields import Endpoint, Slug, YesNo, from_text, json_string, whole
from ivr.model.numbers import Sip
from ivr.model.shape import Shape

PORT: Final = 5060
"""Of SIP, where none is named (https://www.rfc-editor.org/rfc/rfc3261#section-19.1.2)."""
_WIDEST: Final = 8
"""Bits that the addresses of a peer have in common, at least. So nobody lets in the whole internet."""
_PLACE: Final = re.compile(r"([0-9.]{7,15})(?::([0-9]{1,5}))?")
_TARGET: Final = re.compile(r"(sip:[^@]+@[^:;]+?)\.?(?::([0-9]{1,5}))?(?:;.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the line listens."""

    host: IPv4Address
    port: int = PORT


def read_place(text: str) -> Place:
    """Read an IPv4 address, perhaps with a port. Raises the error of `refuse`."""
    found = _PLACE.fullmatch(text)
    try:
        place = found and Place(IPv4Address(found[1]), _port(found[2]))
    except ValueError:
        place = None
    if place is None:
        raise refuse("listen-unreadable", text=text)
    return place


def _port(text: str | None) -> int:
    port = int(text or PORT)
    if not 0 < port < 2**16:
        raise ValueError("no port")
    return port


def read_network(text: str) -> IPv4Network:
    """Read an IPv4 address, or several with equal first bits: `10.1.0.0/16`. Raises the error of `refuse`."""
    try:
        network = IPv4Network(text)
    except ValueError:
        raise refuse("peer-unreadable", text=text) from None
    if network.prefixlen < _WIDEST:
        raise refuse("peer-unreadable", text=text)
    return network


def read_target(text: str) -> str:
    """Read a SIP URI to be rung: with its port, and without parameters. Raises the error of `refuse`."""
    found = _TARGET.fullmatch(text)
    try:
        if found and Sip.of(text):
            return f"{found[1]}:{_port(found[2])}" if found[2] else found[1]
    except ValueError:
        pass
    raise refuse("sip-unreadable", text=text)


def read_user(text: str) -> str:
    """Read the part of a SIP URI before the `@`, in small letters. Raises the error of `refuse`."""
    sip = Sip.of(f"sip:{text}@host")
    if sip is None:
        raise refuse("sip-unreadable", text=text)
    return sip.user


Target = Annotated[str, from_text(read_target), json_string(pattern="^sip:", examples=["sip:200@192.0.2.1"])]
User = Annotated[str, from_text(read_user), json_string()]


class Peer(Shape):
    """An exchange of an office, or telephones, that may call."""

    address: Annotated[IPv4Network, from_text(read_network), json_string(examples=["192.0.2.0/24"])]
    known_as: Endpoint | None = Field(default=None, alias="as")
    """Number or SIP address as which the line knows its callers. Left out: one that may be put through."""


def _as_peer(value: Any) -> Any:
    return {"address": value} if isinstance(value, str) else value


class Registration(Shape):
    """An account at an exchange of an office. Its password is in the environment (IVR_SIP_PASSWORD)."""

    account: Target
    login: User | None = None
    """The name for signing in, where it is not the one in `account`."""


class Telephone(Shape):
    """The content of config/telephone.yaml."""

    listen: Annotated[Place, from_text(read_place), json_string(examples=["127.0.0.1:5060"])] = Field(
        default_factory=lambda: read_place("127.0.0.1")
    )
    """Left out: this computer alone."""
    peers: Annotated[
        tuple[Annotated[Peer, BeforeValidator(_as_peer, json_schema_input_type=str | Peer)], ...],
        Field(min_length=1, max_length=limits.LISTED),
    ] = Field(default_factory=lambda: (Peer.model_validate({"address": "127.0.0.0/8"}),))
    """Who may call; nobody else is answered. Left out: this computer."""
    lines: Annotated[dict[User, Slug], Field(max_length=limits.LISTED)] = Field(default_factory=dict)
    """What is dialled, such as an internal number → the municipality."""
    routes: Annotated[dict[Endpoint, Target], Field(max_length=limits.LISTED)] = Field(default_factory=dict)
    """Number or SIP address of the other files → SIP address that is rung in its place. No other is rung."""
    registration: Registration | None = Field(default=None, alias="register")
    calls: Annotated[int, *whole(*limits.CALLS_RANGE)] = 8
    """Callers at once; the next one hears that it is busy."""
    practice: YesNo = True
    """Whether each call begins by saying that this is practice."""
