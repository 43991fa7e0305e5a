"""Requests to the line, as Twilio makes them: to an application in this process, or to a server over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from twilio.request_validator import RequestValidator
from werkzeug.test import Client

from ivr.exchange.in_process import Application, as_wsgi
from ivr.exchange.verbs import TwimlError

TIMEOUT: Final = 15
"""Seconds that Twilio waits for a response (https://www.twilio.com/docs/voice/twiml)."""
_REDIRECTED: Final = range(300, 400)
_GOOD: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response. `location`: the header of a redirect; empty otherwise."""

    status: int
    content_type: str
    body: bytes
    location: str = ""


class Wire(Protocol):
    """Sends one request to the line."""

    def send(self, method: str, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        """Send a request, return its response, follow no redirect. Raises OSError if no response comes."""


class InProcess:
    """Sends requests to an ASGI application in this process."""

    def __init__(self, app: Application) -> None:
        self._client = Client(as_wsgi(app))

    def send(self, method: str, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        data = dict(form) if method == "POST" else None
        answer = self._client.open(path, method=method, data=data, headers=dict(headers))
        return Response(
            answer.status_code, answer.content_type or "", answer.data, answer.headers.get("Location", "")
        )


class OverHttp:
    """Sends requests to a server."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def send(self, method: str, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        answer = self._session.request(
            method, url, data=dict(form), headers=dict(headers), timeout=TIMEOUT, allow_redirects=False
        )
        content_type = answer.headers.get("Content-Type", "")
        return Response(answer.status_code, content_type, answer.content, answer.headers.get("Location", ""))


@dataclass(frozen=True, slots=True)
class ReachedLine:
    """A line and what is needed to send it signed webhooks."""

    wire: Wire
    token: str
    """The auth token, which signs the webhooks (https://www.twilio.com/docs/usage/security)."""
    public_url: str
    """Without a slash at its end."""

    def ask(self, url: str, form: Mapping[str, str]) -> tuple[str, Response]:
        """Post a signed webhook, follow one redirect, and return the final URL and its response.

        Raises TwimlError 11200 where no response comes or its status is not 2xx.
        """
        signature = RequestValidator(self.token).compute_signature(url, dict(form))
        answer = self._send("POST", url, form, {"X-Twilio-Signature": signature})
        if answer.status in _REDIRECTED:
            # Twilio follows a redirect with a GET without the posted parameters, so the key pressed is lost.
            url = self.resolve(url, answer.location)
            signature = RequestValidator(self.token).compute_signature(url, {})
            answer = self._send("GET", url, {}, {"X-Twilio-Signature": signature})
        if answer.status not in _GOOD:
            raise TwimlError(11200, f"status {answer.status} from {urlsplit(url).path}")
        return url, answer

    def fetch(self, url: str) -> Response:
        """Get a media file without a signature, as Twilio does. The response may have any status.

        Raises TwimlError 11200 where no response comes.
        """
        return self._send("GET", url, {}, {})

    def resolve(self, base: str, url: str) -> str:
        """Return an absolute URL. `base`: the URL of the document; empty before the first one."""
        return urljoin(base or self.public_url, url)

    def _send(self, method: str, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        try:
            return self.wire.send(method, url, form, headers)
        except OSError as error:
            raise TwimlError(11200, f"{type(error).__name__} from {urlsplit(url).path}") from None
