"""Telephone numbers and SIP addresses, as people write them and as Twilio wants them.

An address is a plain string in one of two forms: E.164 (`+31207600809`) or `sip:user@host`.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, Self

import phonenumbers
from pydantic_core import PydanticCustomError

from ivr.model.errors import refuse
from ivr.model.limits import ENDPOINT_CHARACTERS

REGION: Final = "NL"
_WRITTEN: Final = re.compile(r"[0-9 ()./+-]+")
_E164: Final = re.compile(r"\+[0-9]{1,15}")
_PATTERN: Final = re.compile(r"\+[0-9]{3,15}\*?")
_USER_SIGNS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,/")
_SIP: Final = re.compile(
    r"sip:(?P<user>(?:[a-z0-9_.!~*'()&=+$,/-]|%[0-9a-f]{2})+)@(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*)\.?"
    r"(?::[0-9]{1,5})?(?:;[!-?A-~]*)?"
)
"""No sign of a user or a host can be another part's too, so no text is tried in two ways
(https://www.rfc-editor.org/rfc/rfc3261#section-25.1)."""
_CODED: Final = re.compile(r"%([0-9a-f]{2})")
_DOMAIN: Final = re.compile(r"([a-z0-9-]+)\.sip\.(?:[a-z0-9-]+\.){0,2}twilio\.com")
"""A SIP domain, also where an address names the edge or region by which it is reached
(https://www.twilio.com/docs/voice/api/sending-sip)."""
_SHORT: Final = 6
"""Digits: what is no longer than this is a short number, such as 112 or 14020."""


@dataclass(frozen=True, slots=True)
class Sip:
    """Who a SIP address names; its parameters and port say nothing about that."""

    user: str
    """In small letters, nothing percent-coded that need not be."""
    host: str
    """In small letters, without a dot at its end."""

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Take an address apart; None where it is none."""
        if len(text) > ENDPOINT_CHARACTERS or not text.isascii():
            return None
        found = _SIP.fullmatch(text.lower())
        return cls(_CODED.sub(_decoded, found["user"]), found["host"]) if found else None

    @property
    def domain(self) -> str | None:
        """The SIP domain at Twilio that it belongs to, whatever edge and region it names; None: to none."""
        found = _DOMAIN.fullmatch(self.host)
        return f"{found[1]}.sip.twilio.com" if found else None

    def __str__(self) -> str:
        return f"sip:{self.user}@{self.host}"


def _decoded(found: re.Match[str]) -> str:
    sign = chr(int(found[1], 16)).lower()
    return sign if sign in _USER_SIGNS else found[0]


def read_endpoint(text: str) -> str:
    """Read a telephone number or a SIP address."""
    return read_sip(text) if text.lower().startswith("sip:") else read_number(text)


def read_sip(text: str) -> str:
    """Read a SIP address; its parameters and port go."""
    sip = Sip.of(text)
    if sip is None:
        raise refuse("sip-unreadable", text=text)
    return str(sip)


@lru_cache(maxsize=4096)
def read_number(text: str) -> str:
    """Read a number as a Dutch person writes it, into E.164."""
    if not _WRITTEN.fullmatch(text) or not any(map(str.isdigit, text)):
        raise refuse("number-unreadable", text=text)
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise refuse("number-unreadable", text=text) from None
    national = str(number.national_number)
    if phonenumbers.is_emergency_number(national, REGION):
        raise refuse("number-emergency", text=text)
    if len(national) <= _SHORT:
        raise refuse("number-short", text=text)
    if not phonenumbers.is_valid_number(number):
        raise refuse("number-invalid", text=text, digits=len(national) + 1)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_pattern(text: str) -> str:
    """Read one line of `callers`: an address in which `*` stands for digits, or for any part of a user."""
    if text.lower().startswith("sip:"):
        pattern = tidy(text)
    else:
        pattern = re.sub(r"[ ()./-]", "", text[:ENDPOINT_CHARACTERS])
        if pattern.startswith("0"):
            pattern = f"+{pattern[2:]}" if pattern.startswith("00") else f"+31{pattern[1:]}"
        pattern = pattern if _PATTERN.fullmatch(pattern) else ""
    if not pattern:
        raise refuse("pattern-unreadable", text=text)
    return pattern


def tidy(address: str) -> str:
    """Bring an address into the form in which two are compared; empty where it is none.

    Equal are those that reach the same: a SIP domain at Twilio by any edge or region is one.
    """
    address = address.strip(" ")
    if _E164.fullmatch(address):
        return address
    sip = Sip.of(address)
    return str(Sip(sip.user, sip.domain or sip.host)) if sip else ""


def reached(address: str) -> tuple[str, ...]:
    """What an address of ours may reach, as `tidy` has it: a number is also reached by a SIP address."""
    sip = Sip.of(address)
    if sip is None:
        return (address,)
    found = []
    for text in (sip.user, f"+{sip.user}"):
        try:
            found.append(read_number(text))
        except PydanticCustomError:
            continue
    return (tidy(address), *found)


def matches(address: str, pattern: str) -> bool:
    """Whether an address, as `tidy` has it, fits a pattern of `callers`."""
    if is_sip(pattern):
        user, _, host = address.partition("@")
        fits, _, domain = pattern.partition("@")
        return host == domain and fnmatchcase(user, fits)
    start, star, _ = pattern.partition("*")
    return address == start or bool(star and address.startswith(start) and _E164.fullmatch(address))


def is_sip(address: str) -> bool:
    return address.startswith("sip:")


def is_domestic(address: str) -> bool:
    return is_sip(address) or address.startswith("+31")


@lru_cache(maxsize=4096)
def is_premium(address: str) -> bool:
    """Whether calling it costs extra (0900, 0906, 0909)."""
    if is_sip(address):
        return False
    kind = phonenumbers.number_type(phonenumbers.parse(address, REGION))
    return kind == phonenumbers.PhoneNumberType.PREMIUM_RATE


@lru_cache(maxsize=4096)
def written(address: str) -> str:
    """Write an address as people in the Netherlands do: `020 760 0809`."""
    if is_sip(address):
        return address
    number = phonenumbers.parse(address, REGION)
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if is_domestic(address) else form.INTERNATIONAL)
