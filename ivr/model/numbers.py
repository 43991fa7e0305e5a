"""Telephone numbers and SIP URIs, as people write them and as Twilio takes them.

An endpoint is a string in one of two forms: E.164 (`+31207600809`) or a SIP URI (`sip:user@host`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, Self

import phonenumbers
from pydantic_core import PydanticCustomError

from ivr.model.errors import refuse
from ivr.model.limits import ENDPOINT_CHARACTERS
from ivr.model.spelling import plain

REGION: Final = "NL"
_WRITTEN: Final = re.compile(r"[0-9 ()./+-]+")
_TEL: Final = re.compile(r"^tel(?:efoon)?[.:]? ?", re.IGNORECASE)
_EXTENSION: Final = re.compile(
    r"[0-9] ?[,;]? ?(?:toestel|tst|doorkies|extension|ext|x|#)[.:=]? ?[0-9]{1,6}$", re.IGNORECASE
)
_SEVERAL: Final = re.compile(r" ?(?:[/,;|]|\b(?:of|en|or|and)\b) ?")
_LETTERS: Final = {ord("O"): "0", ord("o"): "0", ord("l"): "1", ord("I"): "1"}
"""Letters that look like a digit."""
_E164: Final = re.compile(r"\+[0-9]{1,15}")
_PATTERN: Final = re.compile(r"\+[0-9]{3,15}\*?")
_USER_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,/")
_SIP: Final = re.compile(
    r"sip:(?P<user>(?:[a-z0-9_.!~*'()&=+$,/-]|%[0-9a-f]{2})+)@(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*)\.?"
    r"(?::[0-9]{1,5})?(?:;[!-?A-~]*)?"
)
"""SIP URI (https://www.rfc-editor.org/rfc/rfc3261#section-25.1). No character can belong to two neighbouring
parts, so that matching takes linear time."""
_CODED: Final = re.compile(r"%([0-9a-f]{2})")
_DOMAIN: Final = re.compile(r"([a-z0-9-]+)\.sip\.(?:[a-z0-9-]+\.){0,2}twilio\.com")
"""Host of a SIP domain at Twilio, with or without an edge or region
(https://www.twilio.com/docs/voice/api/sending-sip)."""
_SHORT: Final = 6
"""Digits of the longest short number, such as 112 or 14020."""
_PERSONAL: Final = ("+3184", "+3187")
"""Numbers of personal assistants, which may cost extra (the Dutch numbering plan,
https://wetten.overheid.nl/BWBR0010198). For `phonenumbers` they are as ordinary as 088."""


@dataclass(frozen=True, slots=True)
class Sip:
    """User and host of a SIP URI, without its port and parameters."""

    user: str
    """In small letters; percent-encoded only where it must be."""
    host: str
    """In small letters, without a final dot."""

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Parse a SIP URI; None if it is not valid."""
        if len(text) > ENDPOINT_CHARACTERS or not text.isascii():
            return None
        found = _SIP.fullmatch(text.lower())
        return cls(_CODED.sub(_decoded, found["user"]), found["host"]) if found else None

    @property
    def domain(self) -> str | None:
        """The SIP domain at Twilio, without edge and region, or None if the host is none."""
        found = _DOMAIN.fullmatch(self.host)
        return f"{found[1]}.sip.twilio.com" if found else None

    def __str__(self) -> str:
        return f"sip:{self.user}@{self.host}"


def _decoded(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16)).lower()
    return character if character in _USER_CHARACTERS else found[0]


def read_endpoint(text: str) -> str:
    """Read a telephone number or a SIP URI into an endpoint. Raises as `read_number` and `read_sip`."""
    text = plain(text)
    return read_sip(text) if text.lower().startswith("sip:") else read_number(text)


def read_sip(text: str) -> str:
    """Read a SIP URI, without its port and parameters. Raises the error of `refuse` if it is not valid."""
    sip = Sip.of(text)
    if sip is None:
        raise refuse("sip-unreadable", text=text)
    return str(sip)


@lru_cache(maxsize=4096)
def read_number(text: str) -> str:
    """Read a telephone number in Dutch or international form into E.164.

    Raises the error of `refuse` if it is not valid, or is an emergency or short number.
    """
    bare = _TEL.sub("", plain(text))
    try:
        return _read(bare)
    except PydanticCustomError as error:
        if error.type not in {"number-unreadable", "number-invalid"}:
            raise
        raise _explained(bare) or error from None


def _explained(text: str) -> PydanticCustomError | None:
    """Return the error for what is plainly wrong in a text that is no number, or None."""
    text = re.sub(r"\s+", " ", text)
    if _EXTENSION.search(text):
        return refuse("number-extension", text=text)
    digits = re.sub(r"\D", "", text)
    halves = (digits[: len(digits) // 2], digits[len(digits) // 2 :])
    if _all_numbers(_SEVERAL.split(text)) or _all_numbers(halves):
        return refuse("number-two", text=text)
    if text.startswith("+0") and _all_numbers((text[1:], text[1:])):
        return refuse("number-unreadable", text=text, meant=text[1:])
    better = text.translate(_LETTERS)
    if better != text and _all_numbers((better, better)):
        letter = next(each for each in text if ord(each) in _LETTERS)
        return refuse("number-letter", text=text, letter=letter, meant=better)
    return None


def _all_numbers(texts: Sequence[str]) -> bool:
    """Whether there are several texts, and each is a whole number."""
    try:
        return len([_read(text) for text in texts]) > 1
    except PydanticCustomError:
        return False


def _read(text: str) -> str:
    if len(text) > ENDPOINT_CHARACTERS or not _WRITTEN.fullmatch(text) or not any(map(str.isdigit, text)):
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
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PAGER:
        raise refuse("number-pager", text=text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_pattern(text: str) -> str:
    """Read a pattern of `callers`: an endpoint in which `*` stands for any digits, or any part of a SIP user.

    Raises the error of `refuse` if it is not valid, or has fewer than three digits before the `*`.
    """
    text = plain(text)
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


def tidy(endpoint: str) -> str:
    """Return the form in which two endpoints can be compared, or an empty string if it is not valid.

    Two forms are equal if both endpoints reach the same. Edge and region of a SIP domain at Twilio are
    dropped for that.
    """
    endpoint = endpoint.strip(" ")
    if _E164.fullmatch(endpoint):
        return endpoint
    sip = Sip.of(endpoint)
    return str(Sip(sip.user, sip.domain or sip.host)) if sip else ""


def reached(endpoint: str) -> tuple[str, ...]:
    """Return all endpoints, as `tidy` returns them, that dialling this one may reach.

    A SIP URI whose user is a telephone number may reach that number.
    """
    sip = Sip.of(endpoint)
    if sip is None:
        return (endpoint,)
    found = []
    for text in (sip.user, f"+{sip.user}"):
        try:
            found.append(read_number(text))
        except PydanticCustomError:
            continue
    return (tidy(endpoint), *found)


def matches(endpoint: str, pattern: str) -> bool:
    """Whether an endpoint, as `tidy` returns it, matches a pattern, as `read_pattern` returns it."""
    if is_sip(pattern):
        user, _, host = endpoint.partition("@")
        fits, _, domain = pattern.partition("@")
        return host == domain and fnmatchcase(user, fits)
    start, star, _ = pattern.partition("*")
    return endpoint == start or bool(star and endpoint.startswith(start) and _E164.fullmatch(endpoint))


def is_sip(endpoint: str) -> bool:
    return endpoint.startswith("sip:")


def is_domestic(endpoint: str) -> bool:
    """Whether it is a Dutch telephone number or a SIP URI."""
    return is_sip(endpoint) or endpoint.startswith("+31")


@lru_cache(maxsize=4096)
def is_premium(endpoint: str) -> bool:
    """Whether it is a telephone number that costs extra (0900, 0906, 0909), or may (084, 087)."""
    if is_sip(endpoint):
        return False
    kind = phonenumbers.number_type(phonenumbers.parse(endpoint, REGION))
    return kind == phonenumbers.PhoneNumberType.PREMIUM_RATE or endpoint.startswith(_PERSONAL)


@lru_cache(maxsize=4096)
def written(endpoint: str) -> str:
    """Write an endpoint as people in the Netherlands do: `020 760 0809`, `+32 2 555 00 00`."""
    if is_sip(endpoint):
        return endpoint
    number = phonenumbers.parse(endpoint, REGION)
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if is_domestic(endpoint) else form.INTERNATIONAL)
