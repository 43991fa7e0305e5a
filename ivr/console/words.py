"""The language of a page: chosen by the switch (`?taal=en`), and kept in a cookie."""

from datetime import datetime
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, request, url_for

from ivr import translations
from ivr.config.reading import Reading
from ivr.console import context
from ivr.console.reading import USUAL_ZONE

PARAMETER: Final = "taal"
_KEPT: Final = 365 * 24 * 3600
"""Seconds for which the choice of a language is kept."""
_DUTCH: Final = "nl"


def language() -> str:
    """Return the language of the current request."""
    return cast("str", g.language)


def say(name: str, /, **values: Any) -> str:
    """Return a text of ivr/translations/console in the language of the current request. Raises KeyError."""
    return translations.page(name, language(), **values)


def language_names() -> dict[str, str]:
    """Return code → name, in that language, of each language in which the console has words."""
    return {code: translations.page("language.name", code) for code in translations.LANGUAGES}


def zone(reading: Reading) -> ZoneInfo:
    """Return the time zone of the line; the usual one while its settings have an error."""
    return reading.line.settings.timezone if reading.line else USUAL_ZONE


def local(seconds: float, *, to_the_second: bool = False) -> str:
    """Return a moment (seconds since 1970) as people read it, to the minute."""
    moment = datetime.fromtimestamp(seconds, zone(context.reading()))
    shown = moment.strftime(translations.say("day", language()))
    return f"{shown}:{moment:%S}" if to_the_second else shown


def register(app: Flask, *, secure: bool) -> None:
    """Have an application choose the language of each request, and its templates use it."""
    cookie = "__Host-language" if secure else "language"

    def choose() -> None:
        asked = request.args.get(PARAMETER) or request.cookies.get(cookie)
        g.language = asked if asked in translations.LANGUAGES else _DUTCH

    def keep(response: Response) -> Response:
        if request.args.get(PARAMETER) in translations.LANGUAGES:
            response.set_cookie(
                cookie, language(), max_age=_KEPT, secure=secure, httponly=True, samesite="Strict"
            )
        return response

    app.before_request(choose)
    app.after_request(keep)
    app.jinja_env.globals["local"] = local
    app.context_processor(lambda: {"t": say, "language": language(), "languages": _switch()})


def _switch() -> list[dict[str, str]]:
    """Return the other languages, each with the URL of this page in it."""
    here = request.endpoint or "overview.overview"
    arguments = {**request.args.to_dict(), **(request.view_args or {})} if request.endpoint else {}
    return [
        {
            "code": code,
            "name": name,
            "url": url_for(here, **{**arguments, PARAMETER: code}),
        }
        for code, name in language_names().items()
        if code != language()
    ]
