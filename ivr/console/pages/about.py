"""Pages about the console itself: its accessibility, and how to report a hole."""

from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, abort, render_template

from ivr.console.context import outside

pages = Blueprint("about", __name__)

_GOOD: Final = timedelta(days=180)
"""How long what security.txt says holds: RFC 9116 wants less than a year."""


@pages.get("/toegankelijkheid")
def accessibility() -> str:
    return render_template("accessibility.html", contact=outside().contact)


@pages.get("/.well-known/security.txt")
def security() -> Response:
    """Tell how to report a hole (RFC 9116)."""
    contact = outside().contact
    if not contact:
        abort(404)
    ends = (outside().clock() + _GOOD).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        f"Contact: {contact}",
        f"Expires: {ends}",
        "Preferred-Languages: nl, en",
        f"Canonical: {outside().url}/.well-known/security.txt",
    ]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
