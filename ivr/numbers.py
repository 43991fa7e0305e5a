"""Telephone numbers and SIP addresses, as people write them and as Twilio wants them.

An address is a plain string in one of two forms: E.164 (`+31207600809`) or `sip:user@host`.
"""

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

import phonenumbers
from pydantic_core import PydanticCustomError

REGION: Final = "NL"
_WRITTEN = re.compile(r"[0-9 ()./+-]+")
_SIP = re.compile(r"sip:(?P<user>[^@\s;:<>\"]+)@(?P<host>[a-z0-9.-]+)")
_SHORT: Final = 6
"""Digits: what is no longer than this is a short number, such as 112 or 14020."""


def read_address(text: str) -> str:
    """Read a telephone number or a SIP address."""
    return read_sip(text) if text.lower().startswith("sip:") else read_number(text)


def read_sip(text: str) -> str:
    """Read a SIP address; its parameters and port say nothing about who it is, and go."""
    bare = tidy(text)
    if not _SIP.fullmatch(bare):
        raise PydanticCustomError("sip-unreadable", "", {"text": text})
    return bare


@lru_cache(maxsize=4096)
def read_number(text: str) -> str:
    """Read a number as a Dutch person writes it, into E.164."""
    if not _WRITTEN.fullmatch(text) or not any(map(str.isdigit, text)):
        raise PydanticCustomError("number-unreadable", "", {"text": text})
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise PydanticCustomError("number-unreadable", "", {"text": text}) from None
    national = str(number.national_number)
    if phonenumbers.is_emergency_number(national, REGION):
        raise PydanticCustomError("number-emergency", "", {"text": text})
    if len(national) <= _SHORT:
        raise PydanticCustomError("number-short", "", {"text": text})
    if not phonenumbers.is_valid_number(number):
        raise PydanticCustomError("number-invalid", "", {"text": text, "digits": len(national) + 1})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_pattern(text: str) -> str:
    """Read one line of `callers`: an address in which `*` stands for any characters."""
    if text.lower().startswith("sip:"):
        bare = tidy(text)
        if not _SIP.fullmatch(bare) or bare.startswith("sip:*@*"):
            raise PydanticCustomError("pattern-unreadable", "", {"text": text})
        return bare
    digits = re.sub(r"[ ()./-]", "", text)
    digits = re.sub(r"^00", "+", digits)
    digits = re.sub(r"^0", "+31", digits)
    if not re.fullmatch(r"\+\d{3,15}\*?", digits):
        raise PydanticCustomError("pattern-unreadable", "", {"text": text})
    return digits


def tidy(address: str) -> str:
    """Bring an address that Twilio sends into the form in which ours are kept."""
    address = address.strip()
    if not address.lower().startswith("sip:"):
        return address
    return re.sub(r"(;.*|:\d+)+$", "", address.lower())


def matches(address: str, pattern: str) -> bool:
    """Whether an address fits a pattern of `callers`."""
    return fnmatchcase(address, _for_fnmatch(pattern))


@lru_cache(maxsize=4096)
def _for_fnmatch(pattern: str) -> str:
    # `[` and `?` mean something to fnmatch; in an address they are themselves.
    return re.sub(r"([\[?])", r"[\1]", pattern)


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
