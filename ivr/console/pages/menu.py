"""The menu: its picture, and the same as text."""

from flask import Blueprint, Response, abort, render_template

from ivr.console import pictures
from ivr.console.phone_lines import LIVE, line_of
from ivr.console.words import language, say
from ivr.model.menu import STRANGER
from ivr.report.outline import describe, everywhere

pages = Blueprint("menu", __name__)


@pages.get("/menu")
def menu() -> str:
    line = line_of(LIVE, "")
    if line is None:
        return render_template("menu_none.html")
    return render_template(
        "menu.html",
        items=describe(line, language()),
        everywhere=everywhere(line, language()),
        start=line.menu.start,
        without_key={
            "go": say("menu.way-go"),
            "unreached": say("menu.way-unreached"),
            STRANGER: say("menu.way-stranger"),
        },
    )


@pages.get("/menu/plaatje.svg")
def picture() -> Response:
    line = line_of(LIVE, "")
    if line is None:
        abort(404)
    return Response(pictures.of_menu(line, language()), mimetype="image/svg+xml")
