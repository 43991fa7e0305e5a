"""The REST client for the account, and its errors (https://www.twilio.com/docs/usage/requests-to-twilio)."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any, Final
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.version import Version
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.util.retry import Retry

from ivr.account.credentials import configured, credentials
from ivr.model.limits import TWILIO_PAUSE, TWILIO_SECONDS, TWILIO_TRIES

CREDENTIALS: Final = 20003
"""Twilio's error: wrong credentials (https://www.twilio.com/docs/api/errors/20003)."""
NOT_ACTIVE: Final = 20005
"""Twilio's error: the account is suspended or closed (https://www.twilio.com/docs/api/errors/20005)."""
NOT_FINISHED: Final = 20009
"""Twilio's error: a call in progress cannot be deleted (https://www.twilio.com/docs/api/errors/20009)."""
NOT_FOUND: Final = 20404
"""Twilio's error: no such resource, or it was deleted (https://www.twilio.com/docs/api/errors/20404)."""


class NotConfigured(Exception):
    """The environment has no account SID, or no credentials."""


def client(env: Mapping[str, str]) -> Client:
    """Make a client for the account, region and edge that the environment names. Raises NotConfigured.

    `env`: the environment. Its requests raise FAILURES, which `trouble` describes.
    """
    if not configured(env):
        raise NotConfigured
    # urllib3 logs URLs, and the URL of a call contains its SID.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    username, password = credentials(env)
    return Client(
        username,
        password,
        env["TWILIO_ACCOUNT_SID"],
        region=env.get("TWILIO_REGION"),
        edge=env.get("TWILIO_EDGE"),
        environment=dict(env),  # otherwise it reads os.environ
        http_client=_Http(env.get("IVR_TWILIO_API", "")),
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a request to Twilio failed."""

    code: int
    """Twilio's error code, or else the HTTP status; 0 if no response came."""
    why: str
    """For people. It contains no URL and no SID."""


FAILURES: Final = (TwilioException, RequestException, JSONDecodeError)
"""The exceptions that the client raises if Twilio or the connection fails."""
_SID: Final = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


def trouble(error: Exception) -> Trouble:
    """Describe one of FAILURES."""
    described: Any = error
    if error.args and isinstance(error.args[-1], Response):
        # If a list request fails, the exception of the twilio package holds the response and no details.
        described = Version.exception("GET", "", error.args[-1], "Unable to fetch page")
    if isinstance(described, TwilioRestException):
        return Trouble(
            int(described.code or described.status), _without_sids(f"{described.status}: {described.msg}")
        )
    if isinstance(described, TwilioServiceException):
        return Trouble(int(described.code), _without_sids(f"{described.status}: {described.title}"))
    return Trouble(0, type(error).__name__)


def _without_sids(text: str) -> str:
    """Replace each word that contains a SID, such as a path, with an ellipsis."""
    return " ".join("…" if _SID.search(word) else word for word in text.split())


class _RetryBusy(Retry):
    """Repeats a request that Twilio has surely not processed.

    Either it was refused with status 429 (https://www.twilio.com/docs/api/errors/20429), or there was no
    connection. Any other failed request may have been processed.
    """

    RETRY_AFTER_STATUS_CODES = frozenset({429})


class _Http(TwilioHttpClient):  # type: ignore[misc]  # it publishes no types
    """Sends requests to Twilio, or to another server with the same path."""

    def __init__(self, instead: str) -> None:
        """`instead`: the URL of the other server; empty for Twilio."""
        super().__init__(timeout=TWILIO_SECONDS)
        self._instead = urlsplit(instead)
        retry = _RetryBusy(
            total=TWILIO_TRIES,
            read=0,
            other=0,
            status_forcelist=(429,),
            allowed_methods=None,
            backoff_factor=1,
            retry_after_max=TWILIO_PAUSE,
            raise_on_status=False,
        )
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=retry))

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Response:
        if self._instead.netloc:
            url = urlsplit(url)._replace(scheme=self._instead.scheme, netloc=self._instead.netloc).geturl()
        return super().request(method, url, *arguments, **named)

    def log_request(self, kwargs: Mapping[str, Any]) -> None:
        """Log nothing, because the URL of a call contains its SID."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Log nothing."""
