"""The desk phone of who is signed in: any own municipality, at any moment, live or as a draft has it."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, render_template, request

from ivr.console.context import reading
from ivr.console.municipalities import municipality_names
from ivr.console.phone_call import Trial
from ivr.console.phone_lines import LIVE, line_of
from ivr.console.phone_view import Place, phone_page, phone_sound, phone_step, trial_of
from ivr.console.viewer import signed_in

pages = Blueprint("phone", __name__)

MUNICIPALITY: Final = "gemeente"
SOURCE: Final = "bron"


@pages.get("/telefoon")
def phone() -> str | Response:
    own = _own()
    if not own:
        return render_template("phone_none.html")
    trial, place = _call(own)
    return phone_page(trial, place, names=own, source=place.arguments[SOURCE], typed=request.args)


@pages.get("/telefoon/gesprek")
def step() -> Response:
    return phone_step(*_call(_own()))


@pages.get("/telefoon/geluid")
def sound() -> Response:
    return phone_sound(*_call(_own()))


def _own() -> dict[str, str]:
    """Return slug → name of the municipalities that the viewer may see."""
    who = signed_in()
    return {slug: name for slug, name in municipality_names(reading()).items() if who.may_see(slug)}


def _call(own: dict[str, str]) -> tuple[Trial | None, Place]:
    """Return whom the request calls. Aborts with 403 or 404."""
    slug = request.args.get(MUNICIPALITY) or next(iter(own), "")
    source = request.args.get(SOURCE) or LIVE
    if slug and not signed_in().may_see(slug):
        abort(HTTPStatus.FORBIDDEN)
    if slug not in own:
        abort(HTTPStatus.NOT_FOUND)
    place = Place("phone", {MUNICIPALITY: slug, SOURCE: source})
    line = line_of(source, slug)
    if line is None and source != LIVE:
        abort(HTTPStatus.NOT_FOUND)
    return trial_of(line, slug), place
