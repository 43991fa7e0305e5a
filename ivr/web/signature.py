"""Who may ask: only requests that Twilio signed with our auth token."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from hmac import compare_digest
from typing import Final
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator
from yarl import URL

from ivr.model.limits import FORM_FIELDS

FORM: Final = "application/x-www-form-urlencoded"
_PORTS: Final = {"https": 443, "http": 80}


class Refusal(StrEnum):
    """Why a request is not let in."""

    UNSIGNED = "no signature"
    WRONG = "a wrong signature"
    METHOD = "neither GET nor POST"
    BODY = "a body that is no form, too long, or late"


@dataclass(frozen=True)
class SignatureCheck:
    """What a signature is checked with (https://www.twilio.com/docs/usage/security#validating-requests)."""

    token: str
    public_urls: Callable[[], Sequence[str]]
    """As Twilio may know us, without a path: a proxy in front of us changes what we would see ourselves."""

    @cached_property
    def _validator(self) -> RequestValidator:
        return RequestValidator(self.token)

    def accepts(self, target: str, form: Mapping[str, str], signature: str) -> bool:
        """Tell whether Twilio signed a request for this path and query, as they came, with this form."""
        if not self.token:
            return False
        # A lone `?` was signed, and ASGI does not tell of it.
        targets = (target,) if "?" in target else (target, f"{target}?")
        # The validator's own `validate` signs twice each time; here the first signature nearly always fits.
        return any(
            compare_digest(self._validator.compute_signature(base + each, form).encode(), signature.encode())
            for each in targets
            for url in self.public_urls()
            for base in _spellings(url)
        )


@lru_cache
def _spellings(url: str) -> tuple[str, ...]:
    """Give an address with and without its port: Twilio signs the one or the other."""
    parts = urlsplit(url)
    with_port = url if parts.port else f"{url}:{_PORTS[parts.scheme]}"
    without = f"{parts.scheme}://{parts.hostname}"
    return tuple(dict.fromkeys((url, with_port, without)))


def read_form(body: bytes) -> Mapping[str, str]:
    """Read a posted form. A name that comes twice has both values. Raises ValueError where it is no form."""
    if body.count(b"&") >= FORM_FIELDS:
        raise ValueError("too many fields")
    # A tenth of the time that the standard library takes.
    return URL.build(query_string=body.decode("ascii"), encoded=True).query
