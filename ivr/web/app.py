"""The Flask application, put together from what it is given."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from traceback import extract_tb
from typing import TypeVar

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException

from ivr import flow, twiml
from ivr.address import ROOT
from ivr.call import Call, Reply, RingCheck
from ivr.config.live import Clock, Live, Snapshot
from ivr.limits import BODY_BYTES
from ivr.model import Line
from ivr.prompts import ACCEPT_KEY
from ivr.ring_check import Confirmations
from ivr.speech.clips import Clips, names_in
from ivr.web.signature import Doors

log = logging.getLogger(__name__)

T = TypeVar("T")
Answer = Callable[[Line, Call, datetime], Reply]
_FOR_EVER = "public, max-age=31536000, immutable"


def create_app(
    live: Live,
    doors: Doors,
    clock: Clock,
    answer: Answer = flow.answer,
    confirmations: Confirmations | None = None,
) -> Flask:
    """Make the application. All that it knows of the outside is handed to it here."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES

    @app.before_request
    def voice() -> Response | None:
        # Before routing, which would answer an odd address under /voice with a redirect or a 404.
        if request.path != ROOT and not request.path.startswith(f"{ROOT}/"):
            return None
        if not doors.open_to(request):
            return Response(status=HTTPStatus.FORBIDDEN)
        call = _noted(_call(request), confirmations)
        document = _document(live.snapshot, call, clock(), answer)
        return Response(document, mimetype="text/xml")

    @app.get("/health")
    def health() -> dict[str, object]:
        snapshot = live.snapshot
        return {
            "status": "degraded" if snapshot.degraded else "ok",
            "closed": snapshot.line.closed(clock()),
            "read": snapshot.read_at.isoformat(timespec="seconds"),
            "findings": sorted({finding.code for finding in snapshot.findings}),
        }

    @app.get("/audio/<name>.wav")
    def audio(name: str) -> Response:
        return _for_ever(_made(live, lambda clips: clips.wav(names_in(name))), "audio/wav")

    @app.get("/audio/<name>.txt")
    def words(name: str) -> Response:
        """What a clip says: for the desk phone, which cannot listen."""
        text = _made(live, lambda clips: clips.text(names_in(name)))
        return _for_ever(None if text is None else text.encode(), "text/plain; charset=utf-8")

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return Response(status=error.code)

    return app


def _call(request: Request) -> Call:
    form = request.form if request.method == "POST" else request.args
    return twiml.read(request.path, request.args, form)


def _noted(call: Call, confirmations: Confirmations | None) -> Call:
    """Note that a contact pressed 1; where that fails the key does not count, and is asked for again."""
    event = call.event
    if not isinstance(event, RingCheck) or event.key != ACCEPT_KEY:
        return call
    try:
        if confirmations is not None:
            confirmations.note(event.token)
            return call
    except Exception as error:  # noqa: BLE001 - whatever a store does, who picked up is waiting
        _log(error)
    return replace(call, event=replace(event, key=None))


def _document(snapshot: Snapshot, call: Call, moment: datetime, answer: Answer) -> str:
    """Answer a call; where that fails, apologise. Whoever calls hears something in any case."""
    voices = snapshot.line.settings.voices
    try:
        return twiml.write(answer(snapshot.line, call, moment), voices, snapshot.clips.name)
    except Exception as error:  # noqa: BLE001 - whatever went wrong in here, a caller is waiting
        _log(error)
    try:
        return twiml.write(flow.apology(snapshot.line, call.event), voices, lambda _: None)
    except Exception as error:  # noqa: BLE001 - then without any help of ours
        _log(error)
        return twiml.LAST_WORDS


def _log(error: Exception) -> None:
    """Tell where an answer failed. An error's own text is left out: it may hold a caller's number."""
    where = extract_tb(error.__traceback__)[-1]
    log.error("an answer failed: %s in %s, line %s", type(error).__name__, where.name, where.lineno)


def _made(live: Live, make: Callable[[Clips], T | None]) -> T | None:
    """Make something of the clips; where one is unknown, another worker may know it: look again."""
    found = make(live.snapshot.clips)
    if found is None:
        live.refresh()
        found = make(live.snapshot.clips)
    return found


def _for_ever(body: bytes | None, content_type: str) -> Response:
    """Send what never changes under its address."""
    if body is None:
        return Response(status=HTTPStatus.NOT_FOUND)
    response = Response(body, content_type=content_type, headers={"Cache-Control": _FOR_EVER})
    response.add_etag()
    response.make_conditional(request)
    return response
