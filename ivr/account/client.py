"""The way into the account (https://www.twilio.com/docs/usage/requests-to-twilio)."""

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

from ivr.account.credentials import configured, way_in
from ivr.model.limits import TWILIO_PAUSE, TWILIO_SECONDS, TWILIO_TRIES

CREDENTIALS: Final = 20003
"""Twilio's error: who asks is not known (https://www.twilio.com/docs/api/errors/20003)."""
NOT_ACTIVE: Final = 20005
"""Twilio's error: the account is suspended or closed (https://www.twilio.com/docs/api/errors/20005)."""
NOT_FINISHED: Final = 20009
"""Twilio's error: a call that is not over cannot be deleted (https://www.twilio.com/docs/api/errors/20009)."""
NOT_FOUND: Final = 20404
"""Twilio's error: it has no such thing, or has it no more (https://www.twilio.com/docs/api/errors/20404)."""


class NotConfigured(Exception):
    """The environment does not say which account, or not how to open it."""


def client(env: Mapping[str, str]) -> Client:
    """Open the account, in the region and by the edge that the environment names. Raises NotConfigured.

    What goes wrong in using it, `trouble` puts into words.
    """
    if not configured(env):
        raise NotConfigured
    # It writes addresses into the log, and those of calls hold their SIDs.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    username, password = way_in(env)
    return Client(
        username,
        password,
        env["TWILIO_ACCOUNT_SID"],
        region=env.get("TWILIO_REGION"),
        edge=env.get("TWILIO_EDGE"),
        environment=dict(env),  # or it would look into the process's own
        http_client=_Http(env.get("IVR_TWILIO_API", "")),
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why Twilio did not do what it was asked."""

    code: int
    """Twilio's error number, or the status of its answer where it gave none; 0: there was no answer."""
    why: str
    """For people, free of addresses."""


FAILURES: Final = (TwilioException, RequestException, JSONDecodeError)
"""All that a client raises at what Twilio, or the way there, does."""
_SID: Final = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


def trouble(error: Exception) -> Trouble:
    """Put one of FAILURES into words."""
    told: Any = error
    if error.args and isinstance(error.args[-1], Response):
        # Where a list fails, the package says no more than that, and leaves the answer to us.
        told = Version.exception("GET", "", error.args[-1], "Unable to fetch page")
    if isinstance(told, TwilioRestException):
        return Trouble(int(told.code or told.status), _without_sids(f"{told.status}: {told.msg}"))
    if isinstance(told, TwilioServiceException):
        return Trouble(int(told.code), _without_sids(f"{told.status}: {told.title}"))
    return Trouble(0, type(error).__name__)


def _without_sids(text: str) -> str:
    """Leave out each word, such as a path, that holds a SID."""
    return " ".join("…" if _SID.search(word) else word for word in text.split())


class _Busy(Retry):
    """Tries again what Twilio was too busy for (https://www.twilio.com/docs/api/errors/20429).

    Such a request was not processed, nor was one that found no connection; any other may have been.
    """

    RETRY_AFTER_STATUS_CODES = frozenset({429})


class _Http(TwilioHttpClient):  # type: ignore[misc]  # it publishes no types
    """Sends requests to Twilio, or with their path to another address instead."""

    def __init__(self, instead: str) -> None:
        super().__init__(timeout=TWILIO_SECONDS)
        self._instead = urlsplit(instead)
        busy = _Busy(
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
            self.session.mount(scheme, HTTPAdapter(max_retries=busy))

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Response:
        if self._instead.netloc:
            url = urlsplit(url)._replace(scheme=self._instead.scheme, netloc=self._instead.netloc).geturl()
        return super().request(method, url, *arguments, **named)

    def log_request(self, kwargs: Mapping[str, Any]) -> None:
        """Log nothing: the address of a call holds its SID."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Log nothing."""
