"""What the forms of all pages have in common: errors at their fields, and addresses to go on to.

A form with errors is shown again with status 200: of another, browsers write a message to their console.
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ivr.console.words import say


@dataclass(frozen=True, slots=True)
class FieldError:
    """Something wrong in a field of a form. The summary on top links to the field."""

    field: str
    """The name of the field, which is also the id of its element."""
    text: str


def errors_at(**words: str | None) -> list[FieldError]:
    """Return an error for each field whose word (a path in ivr/translations/console) is not None."""
    return [FieldError(field, say(word)) for field, word in words.items() if word is not None]


def typed(name: str, most: int = 500) -> str:
    """Return what was typed in a field of the form, without spaces around it."""
    return request.form.get(name, "").strip()[:most]


def see_other(endpoint: str, **values: Any) -> BaseResponse:
    """Redirect a browser to a page after a form (https://httpwg.org/specs/rfc9110.html#status.303)."""
    return redirect(url_for(endpoint, **values), 303)


def own_path(path: str) -> str:
    """Return a path of the console, or "/" for anything that could lead elsewhere."""
    good = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if good else "/"


def go_on(path: str) -> Response:
    """Answer with a page that loads another one at once.

    A browser sends no SameSite=Strict cookie on a way that began at another site, also not after a
    redirect. On a way that begins at this page it does.
    """
    return make_response(render_template("go_on.html", path=own_path(path)))
