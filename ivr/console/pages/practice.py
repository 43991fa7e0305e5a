"""Practice for clerks: the phone behind a link without an account, the link itself, and the poster."""

from http import HTTPStatus
from typing import Final

import segno
from flask import Blueprint, Response, abort, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from ivr.console.context import reading, record, stores
from ivr.console.forms import see_other
from ivr.console.municipalities import municipality_names
from ivr.console.phone_call import Trial
from ivr.console.phone_limits import check_limit
from ivr.console.phone_lines import LIVE, line_of
from ivr.console.phone_links import link_of, slug_of
from ivr.console.phone_view import Place, phone_page, phone_sound, phone_step, trial_of
from ivr.console.words import language_names, say
from ivr.model.fields import LANGUAGE_KEY
from ivr.model.languages import next_language
from ivr.model.line import Line
from ivr.model.menu import CONTACTS
from ivr.model.municipality import Municipality
from ivr.model.numbers import is_sip, written
from ivr.store.acts import Action

pages = Blueprint("practice", __name__)

PLAIN: Final = {
    "step-1": "poster.steps",
    "police": "poster.police",
    "tip-line": "poster.tip-line",
    "signs": "poster.signs",
    "doubts": "poster.doubts",
    "fairwork": "poster.fairwork",
    "main": "poster.main",
}
"""Item of the shipped menu → words on the poster, which tell a bystander nothing of what the line is for."""


@pages.get("/oefenen/<token>")
def phone(token: str) -> Response:
    found = _call(token)
    if found is None:
        return make_response(render_template("practice_over.html"), HTTPStatus.NOT_FOUND)
    trial, place = found
    return phone_page(trial, place, name=trial.municipality.name if trial else "")


@pages.get("/oefenen/<token>/gesprek")
def step(token: str) -> Response:
    return phone_step(*(_call(token) or abort(HTTPStatus.NOT_FOUND)))


@pages.get("/oefenen/<token>/geluid")
def sound(token: str) -> Response:
    return phone_sound(*(_call(token) or abort(HTTPStatus.NOT_FOUND)))


def _call(token: str) -> tuple[Trial | None, Place] | None:
    """Return whom a link calls; None if the link is not good. Aborts with 429 after too many requests."""
    check_limit()
    slug = slug_of(token)
    if slug is None:
        return None
    # Whoever has the link need not know the numbers of the contacts.
    return trial_of(line_of(LIVE, slug), slug, numbered=False), Place("practice", {"token": token})


@pages.get("/gemeente/<slug>/oefenen")
def link(slug: str) -> str:
    """Show the practice link of a municipality, if there is one."""
    name = _name(slug)
    url = link_of(slug)
    return render_template("practice_link.html", slug=slug, name=name, url=url, qr=_qr(url) if url else "")


@pages.post("/gemeente/<slug>/oefenen")
def change(slug: str) -> BaseResponse:
    """Make a new link, or end the one there is."""
    _name(slug)
    if request.form.get("act") == "end":
        stores().practice.end(slug)
        record(Action.PRACTICE_END, slug)
    else:
        stores().practice.renew(slug)
        record(Action.PRACTICE_LINK, slug)
    return see_other("practice.link", slug=slug)


@pages.get("/gemeente/<slug>/poster")
def poster(slug: str) -> str:
    """Show the sheet for at the desk, to be printed."""
    name, line = _name(slug), line_of(LIVE, slug)
    municipality = line.municipalities.get(slug) if line else None
    if line is None or municipality is None:
        return render_template("phone_none.html")
    url = link_of(slug)
    return render_template(
        "poster.html",
        name=name,
        slug=slug,
        numbers=_dialled(municipality),
        keys=_keys(line),
        url=url,
        qr=_qr(url) if url else "",
    )


def _name(slug: str) -> str:
    """Return the name of a municipality. Aborts with 404 if there is none."""
    name = municipality_names(reading()).get(slug)
    return abort(HTTPStatus.NOT_FOUND) if name is None else name


def _qr(url: str) -> Markup:
    """Return a picture (SVG) of a URL, for the camera of a telephone."""
    svg = segno.make(url, error="m").svg_inline(scale=4, dark="#000", light="#fff", omitsize=True, border=4)
    return Markup(svg)  # noqa: S704 - made by segno, of our own URI


def _dialled(municipality: Municipality) -> list[str]:
    """Return the numbers that a clerk can dial; SIP addresses only where there is no number."""
    numbers = [each for each in municipality.dialled if not is_sip(each)]
    return [written(each) for each in numbers or municipality.dialled]


def _keys(line: Line) -> list[tuple[str, str]]:
    """Return key → what it is for, of the first menu."""
    said = {key: choice.say for key, choice in (line.menu.items[line.menu.start].keys or {}).items()}
    ways = line.menu.ways(line.menu.items[line.menu.start])
    keys = [(key, _use(line, ways[key], said.get(key))) for key in (*said, *(ways.keys() - said.keys()))]
    first = line.settings.language
    other = next_language(first)
    # Callers can have a language in which the console has no words.
    name = language_names().get(other) or line.prompts[other]["choose-language"]
    return [*keys, *([(LANGUAGE_KEY, name)] if other != first else [])]


def _use(line: Line, item: str, prompt: str | None) -> str:
    """Say what a key is for: in the poster's words, or else in those of the line."""
    if line.menu.items[item].dial == CONTACTS:
        return say("poster.contact")
    if item in PLAIN:
        return say(PLAIN[item])
    return line.prompts[line.settings.language][prompt] if prompt else item
