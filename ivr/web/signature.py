"""Who may ask: only requests that Twilio signed with our auth token."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request
from twilio.request_validator import RequestValidator
from werkzeug.exceptions import HTTPException


@dataclass(frozen=True, slots=True)
class Doors:
    """What a signature is checked with (https://www.twilio.com/docs/usage/security#validating-requests)."""

    token: str
    public_url: str
    """As Twilio knows us, without a path: a proxy in front of us changes what we would see ourselves."""

    def open_to(self, request: Request) -> bool:
        """Whether a request carries a good signature; whatever cannot be checked does not."""
        if not self.token:
            return False
        try:
            # A GET signs its whole address and no form.
            form = request.form if request.method == "POST" else {}
            signature = request.headers.get("X-Twilio-Signature", "")
            return bool(RequestValidator(self.token).validate(self._url(request), form, signature))
        except (HTTPException, ValueError, TypeError, AttributeError, KeyError):
            # The validator raises at what it did not expect: a bad port, no bodySHA256, a large body.
            return False

    def _url(self, request: Request) -> str:
        # The raw path and query: Flask's own url would decode %C3%A9, and the signature would not fit.
        raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
        parts = urlsplit(raw)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.public_url}{parts.path}{query}"
