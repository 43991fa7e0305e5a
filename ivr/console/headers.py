"""Headers of every response, and the check of where a form was sent from."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from flask import Response, abort, request

from ivr.console.context import note
from ivr.console.request import path_without_secret
from ivr.store.act_limits import ONCE_A_MINUTE
from ivr.store.acts import Action, Detail, Result

POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        *(
            f"{kind} 'self'"
            for kind in (
                "script-src",
                "style-src",
                "img-src",
                "font-src",
                "connect-src",
                "media-src",
                "form-action",
            )
        ),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""The Content-Security-Policy. Nothing is inline, and there is no data: URL (see `tools/vendor.py`)."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    # Not no-referrer: a browser would then send the Origin "null" with a form.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Headers that protect browsers (https://owasp.org/www-project-secure-headers/)."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


def add_headers(*, secure: bool) -> Callable[[Response], Response]:
    """Make the function that adds the headers to a response."""

    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        return response

    return add


def check_origin(origins: frozenset[str]) -> Callable[[], None]:
    """Make the function that refuses a request that changes something and was not sent from one of our pages.

    Browsers send Origin with every form; a request without it is refused too.
    """

    def check() -> None:
        if request.method not in SAFE and request.headers.get("Origin") not in origins:
            refuse_form(Detail.ORIGIN)
            abort(HTTPStatus.FORBIDDEN)

    return check


def refuse_form(why: Detail) -> None:
    """Record that a form was refused, because another site may have sent it."""
    path = path_without_secret()
    note(Action.FORM, path, Result.REFUSED, changed=[why], limits=ONCE_A_MINUTE)
