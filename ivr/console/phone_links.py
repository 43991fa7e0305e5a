"""Practice links: whoever has one may call the line of one municipality on the desk phone, and nothing else.

A link holds the municipality and its number, signed. The store says which number is good; so a link can be
printed again, and ends when a newer one is made or when a coordinator ends it.
"""

from flask import url_for
from itsdangerous import BadSignature, Signer

from ivr.console.context import outside, stores


def link_of(slug: str) -> str | None:
    """Return the URL of the practice phone of a municipality, or None: no link is good."""
    number = stores().practice.number(slug)
    if number is None:
        return None
    token = _signer().sign(f"{slug}.{number}").decode()
    return outside().url + url_for("practice.phone", token=token)


def slug_of(token: str) -> str | None:
    """Return the municipality of a link that is good, or None."""
    try:
        slug, _, number = _signer().unsign(token).decode().rpartition(".")
    except (BadSignature, UnicodeError):
        return None
    return slug if str(stores().practice.number(slug)) == number else None


def _signer() -> Signer:
    return Signer(outside().secret, salt="practice link")
