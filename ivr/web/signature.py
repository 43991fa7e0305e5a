"""The check of X-Twilio-Signature, and the parsing of the posted form that Twilio signs."""

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
    """Why a request under /voice is refused."""

    UNSIGNED = "no signature"
    WRONG = "a wrong signature"
    METHOD = "neither GET nor POST"
    BODY = "a body that is no form, too long, or late"


@dataclass(frozen=True)
class SignatureCheck:
    """Checks signatures (https://www.twilio.com/docs/usage/security#validating-requests)."""

    token: str
    public_urls: Callable[[], Sequence[str]]
    """Returns the public URLs, without a path, that Twilio may use. Behind a proxy, no request shows them."""

    @cached_property
    def _validator(self) -> RequestValidator:
        return RequestValidator(self.token)

    def public_url(self, target: str, form: Mapping[str, str], signature: str) -> str | None:
        """Return the public URL for which a request was signed; None if the signature is not valid.

        `target`: path and query as received, not decoded. `form`: the posted fields; empty for GET.
        """
        if not self.token:
            return None
        # ASGI does not show a `?` before an empty query, and Twilio signs it.
        targets = (target,) if "?" in target else (target, f"{target}?")
        # `RequestValidator.validate` always computes two signatures. Here the first one usually matches.
        signed = (
            url
            for each in targets
            for url in self.public_urls()
            for base in _with_and_without_port(url)
            if compare_digest(
                self._validator.compute_signature(base + each, form).encode(), signature.encode()
            )
        )
        return next(signed, None)


@lru_cache
def _with_and_without_port(url: str) -> tuple[str, ...]:
    """Return a URL as it is, with a port, and without one. Twilio may sign any of them."""
    parts = urlsplit(url)
    with_port = url if parts.port else f"{url}:{_PORTS[parts.scheme]}"
    without = f"{parts.scheme}://{parts.hostname}"
    return tuple(dict.fromkeys((url, with_port, without)))


def read_form(body: bytes) -> Mapping[str, str]:
    """Parse a posted form into a multi-dict. Raises ValueError if it is not ASCII or has too many fields."""
    if body.count(b"&") >= FORM_FIELDS:
        raise ValueError("too many fields")
    # Takes a tenth of the time of urllib.parse.parse_qsl.
    return URL.build(query_string=body.decode("ascii"), encoded=True).query
