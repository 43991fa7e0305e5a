"""The pages that every page links to."""

from typing import Final

from flask import Flask, request, url_for

from ivr.console.rights import RIGHTS, allowed
from ivr.console.viewer import viewer
from ivr.console.words import say

MAIN: Final = {
    "overview.overview": "nav.overview",
    "phone.phone": "nav.phone",
    "menu.menu": "nav.menu",
    "texts.texts": "nav.texts",
    "report.report": "nav.report",
    "closing.line": "nav.closing",
    "accounts.accounts": "nav.accounts",
    "log.acts": "nav.log",
}
"""Endpoint → its name, in the order of the menu. A page that somebody may not open is left out."""
FOOTER: Final = {
    "about.accessibility": "nav.accessibility",
}
"""The same, at the foot of the page."""


def register(app: Flask) -> None:
    """Have the templates of an application show the links."""
    app.context_processor(
        lambda: {"main_links": _links(MAIN), "footer_links": _links(FOOTER), "viewer": viewer()}
    )


def _links(pages: dict[str, str]) -> list[dict[str, object]]:
    return [
        {"url": url_for(endpoint), "name": say(name), "current": endpoint == request.endpoint}
        for endpoint, name in pages.items()
        if allowed(RIGHTS[endpoint], viewer(), {})
    ]
