"""Examinations of the public URL: Twilio must reach the line there, and nobody else may use it."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator
from urllib3 import BaseHTTPResponse, PoolManager
from urllib3.exceptions import HTTPError

from ivr.doctor.examination import examination
from ivr.doctor.result import Result, Status
from ivr.doctor.surroundings import Surroundings
from ivr.model.limits import CERTIFICATE_DAYS

_HTTPS: Final = 443
_REFUSED: Final = 403
_TOO_MANY: Final = 429
"""The answer after too many rejected requests (UNSIGNED_REQUESTS): the request is rejected too."""
_GOOD: Final = range(200, 300)
_REDIRECTED: Final = range(300, 400)
NOBODY: Final = "+31000000000"
"""Dialled by the doctor. No municipality can have this number, so nobody is rung and nothing is counted."""


@examination("public-url")
def public_url_is_set(surroundings: Surroundings) -> Iterator[Result]:
    """The public URL is set, and its scheme is https."""
    parts = urlsplit(surroundings.public_url)
    if not surroundings.public_url:
        yield Result("public-url-missing", Status.ERROR)
    elif parts.scheme != "https" or not parts.hostname:
        yield Result("public-url-plain", Status.ERROR, {"url": surroundings.public_url})


@examination("address", needs=("public-url",))
def host_is_reached(surroundings: Surroundings) -> Iterator[Result]:
    """The host of the public URL accepts a TCP connection."""
    try:
        with _connection(surroundings):
            return
    except OSError as error:
        yield Result("address", Status.ERROR, {"url": surroundings.public_url, "why": _why(error)})


@examination("certificate", needs=("address",))
def certificate_lasts(surroundings: Surroundings) -> Iterator[Result]:
    """Verify the certificate in a TLS handshake, and warn CERTIFICATE_DAYS before it expires."""
    host = urlsplit(surroundings.public_url).hostname
    try:
        with (
            _connection(surroundings) as connection,
            surroundings.tls.wrap_socket(connection, server_hostname=host) as tls,
        ):
            ends = str((tls.getpeercert() or {})["notAfter"])
    except ssl.SSLCertVerificationError as error:
        yield Result("certificate", Status.ERROR, {"why": error.verify_message})
        return
    except OSError as error:
        yield Result("certificate", Status.ERROR, {"why": _why(error)})
        return
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
    days = (end - surroundings.now()).days
    if days < CERTIFICATE_DAYS:
        yield Result("certificate-ends", Status.WARNING, {"day": f"{end:%Y-%m-%d}", "days": str(days)})


@examination("signature", needs=("certificate",))
def signed_request_is_accepted(surroundings: Surroundings) -> Iterator[Result]:
    """A signed webhook gets a document that Twilio would execute.

    Source: https://www.twilio.com/docs/usage/security#validating-requests
    """
    if not surroundings.token:
        yield Result("token-missing", Status.ERROR)
        return
    validator = RequestValidator(surroundings.token)
    signature = validator.compute_signature(f"{surroundings.public_url}/voice", _FORM)
    answer = _post(surroundings, {"X-Twilio-Signature": signature})
    if isinstance(answer, Result):
        yield answer
        return
    fault = surroundings.fault(answer.data, answer.headers.get("Content-Type", ""))
    if answer.status == _REFUSED:
        yield Result("signature", Status.ERROR, {"url": surroundings.public_url})
    elif answer.status in _REDIRECTED:
        yield Result("address-moves", Status.ERROR, {"to": answer.headers.get("Location", "")})
    elif answer.status not in _GOOD:
        yield Result("voice-status", Status.ERROR, {"status": str(answer.status)})
    elif fault:
        yield Result("voice-document", Status.ERROR, {"why": fault})


@examination("unsigned", needs=("certificate",))
def unsigned_request_is_rejected(surroundings: Surroundings) -> Iterator[Result]:
    """A webhook without a signature is rejected."""
    answer = _post(surroundings, {})
    if isinstance(answer, Result):
        yield answer
    elif answer.status not in {_REFUSED, _TOO_MANY}:
        yield Result("unsigned", Status.ERROR, {"status": str(answer.status)})


_FORM: Final = {
    "AccountSid": f"AC{'0' * 32}",
    "ApiVersion": "2010-04-01",
    "CallSid": f"CA{'0' * 32}",
    "CallStatus": "ringing",
    "Direction": "inbound",
    "From": "anonymous",
    "To": NOBODY,
}


def _post(surroundings: Surroundings, headers: dict[str, str]) -> BaseHTTPResponse | Result:
    """Post the webhook of an incoming call; return its response, or the result where none came."""
    url = f"{surroundings.public_url}/voice"
    with PoolManager(ssl_context=surroundings.tls, retries=False, timeout=surroundings.timeout) as pool:
        try:
            return pool.request(
                "POST", url, fields=_FORM, headers=headers, encode_multipart=False, redirect=False
            )
        except HTTPError as error:
            return Result("voice-silent", Status.ERROR, {"why": type(error).__name__})


def _connection(surroundings: Surroundings) -> socket.socket:
    parts = urlsplit(surroundings.public_url)
    return socket.create_connection((parts.hostname or "", parts.port or _HTTPS), surroundings.timeout)


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
