"""A recording of a text: made in the browser or uploaded, heard back, put in use, removed."""

import logging
from http import HTTPStatus

from flask import Blueprint, Response, abort, flash, request
from werkzeug.wrappers import Response as BaseResponse

from ivr.console.context import note, seconds
from ivr.console.forms import FieldError, see_other
from ivr.console.pages.texts import line_with, prompt_page, recording_of
from ivr.console.texts.recordings import Changed, NotHeard, TooLong
from ivr.console.texts.speech import speech_of
from ivr.console.words import say
from ivr.model.limits import RECORDING_BYTES, RECORDING_SECONDS
from ivr.model.line import Line
from ivr.model.phrase import Phrase
from ivr.speech.build import NoSound
from ivr.store.acts import Action, Result

log = logging.getLogger(__name__)

pages = Blueprint("recordings", __name__)

Answer = str | BaseResponse


@pages.post("/teksten/<prompt>/<code>/opname")
def upload(prompt: str, code: str) -> Answer:
    line, phrase = _wanted(prompt, code)
    sent = request.files.get("recording")
    content = sent.read(RECORDING_BYTES + 1) if sent else b""
    if not content:
        return _refused(line, prompt, code, say("texts.no-file"))
    try:
        recording_of(prompt, code).try_out(content, phrase.text, seconds())
    except TooLong:
        return _refused(line, prompt, code, say("texts.too-long", seconds=RECORDING_SECONDS))
    except NotHeard:
        return _refused(line, prompt, code, say("texts.not-heard"))
    except OSError as error:
        log.error("a recording could not be kept: %s", type(error).__name__)  # noqa: TRY400
        return _refused(line, prompt, code, say("texts.unwritten"), Result.FAILED)
    note(Action.RECORDING_TRY, f"{code}/{prompt}")
    return see_other("texts.prompt", prompt=prompt, _anchor=f"tried-{code}")


@pages.get("/teksten/<prompt>/<code>/proef.wav")
def tried(prompt: str, code: str) -> Response:
    _, phrase = _wanted(prompt, code)
    wav = recording_of(prompt, code).heard(phrase.text)
    if wav is None:
        abort(HTTPStatus.NOT_FOUND)
    return Response(wav, mimetype="audio/wav")


@pages.post("/teksten/<prompt>/<code>/gebruiken")
def use(prompt: str, code: str) -> Answer:
    _, phrase = _wanted(prompt, code)
    try:
        recording_of(prompt, code).use(phrase.text)
    except Changed:
        note(Action.RECORDING, f"{code}/{prompt}", Result.REFUSED)
        return _told(prompt, say("texts.changed"), "warning")
    except (OSError, NoSound) as error:
        return _failed(prompt, code, Action.RECORDING, error)
    note(Action.RECORDING, f"{code}/{prompt}")
    return _told(prompt, say("texts.in-use"), "ok")


@pages.post("/teksten/<prompt>/<code>/weggooien")
def drop(prompt: str, code: str) -> Answer:
    line_with(prompt, code)
    try:
        recording_of(prompt, code).drop()
    except OSError as error:
        return _failed(prompt, code, Action.RECORDING_DROP, error)
    note(Action.RECORDING_DROP, f"{code}/{prompt}")
    return _told(prompt, say("texts.dropped"), "ok")


@pages.post("/teksten/<prompt>/<code>/weghalen")
def remove(prompt: str, code: str) -> Answer:
    line_with(prompt, code)
    try:
        recording_of(prompt, code).remove()
    except OSError as error:
        return _failed(prompt, code, Action.RECORDING_REMOVE, error)
    note(Action.RECORDING_REMOVE, f"{code}/{prompt}")
    return _told(prompt, say("texts.removed"), "ok")


def _wanted(prompt: str, code: str) -> tuple[Line, Phrase]:
    """Return the line, and the phrase that a recording of a prompt says. Aborts with 404 without one."""
    line = line_with(prompt, code)
    phrase = speech_of(line, code, prompt).recordable
    if phrase is None:
        abort(HTTPStatus.NOT_FOUND)
    return line, phrase


def _refused(line: Line, prompt: str, code: str, why: str, result: Result = Result.REFUSED) -> str:
    note(Action.RECORDING_TRY, f"{code}/{prompt}", result)
    return prompt_page(line, prompt, recording_error=(code, FieldError(f"recording-{code}", why)))


def _failed(prompt: str, code: str, action: Action, error: Exception) -> BaseResponse:
    log.error("a recording could not be changed: %s", type(error).__name__)
    note(action, f"{code}/{prompt}", Result.FAILED)
    return _told(prompt, say("texts.unwritten"), "error")


def _told(prompt: str, words: str, category: str) -> BaseResponse:
    flash(words, category)
    return see_other("texts.prompt", prompt=prompt)
