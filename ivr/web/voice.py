"""Twilio's webhooks: everything under /voice, answered in front of Flask because a caller waits for it.

An answer needs neither routes nor sessions, and takes half the time without them. What carries no good
signature is left to the application behind, which refuses it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from traceback import extract_tb
from typing import Any, Final
from urllib.parse import parse_qsl

from ivr import flow, twiml
from ivr.address import ROOT
from ivr.call import Call, Reply, RingCheck
from ivr.config.live import Clock, Live, Snapshot
from ivr.counted import counted, rings_anonymously
from ivr.model import Line
from ivr.prompts import ACCEPT_KEY
from ivr.web.keeping import Keeping
from ivr.web.signature import Doors
from ivr.web.watch import Watch

log = logging.getLogger(__name__)

Answer = Callable[[Line, Call, datetime], Reply]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_HEADERS: Final = (("Content-Type", "text/xml; charset=utf-8"), ("Cache-Control", "no-store"))
"""Those that make a browser safe are left out: only Twilio reads this, and each costs a caller time."""
_SIDS: Final = ("CallSid", "DialCallSid")
"""The caller's leg, and the far end's once it has ended (https://www.twilio.com/docs/voice/twiml/dial#action)."""


class Voice:
    """A WSGI application for /voice, in front of another for the rest."""

    def __init__(  # noqa: PLR0913, PLR0917 - the outside world, handed in piece by piece
        self,
        behind: Application,
        live: Live,
        doors: Doors,
        clock: Clock,
        keeping: Keeping,
        watch: Watch,
        answer: Answer,
    ) -> None:
        self._behind = behind
        self._live = live
        self._doors = doors
        self._clock = clock
        self._keeping = keeping
        self._watch = watch
        self._answer = answer

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        form = self._doors.form(environ) if is_voice(environ["PATH_INFO"]) else None
        if form is None:
            return self._behind(environ, start_response)
        call = self._noted(_call(environ, form))
        document = self._document(self._live.snapshot, call, form)
        headers = [*_HEADERS, ("Content-Length", str(len(document)))]
        start_response("200 OK", headers)
        return [document]

    def _document(self, snapshot: Snapshot, call: Call, form: Mapping[str, str]) -> bytes:
        """Answer a call; where that fails, apologise. Whoever calls hears something in any case."""
        try:
            moment = self._clock()
            reply = self._answer(snapshot.line, call, moment)
            document = snapshot.document(reply)
            self._keep(snapshot.line, call, reply, moment, form)
        except Exception as error:  # noqa: BLE001 - whatever went wrong in here, a caller is waiting
            self._failed(error)
        else:
            return document
        try:
            apology = flow.apology(snapshot.line, call.event)
            return twiml.write(apology, snapshot.line.settings.voices, lambda _: None).encode()
        except Exception as error:  # noqa: BLE001 - then without any help of ours
            self._failed(error)
            return twiml.LAST_WORDS.encode()

    def _noted(self, call: Call) -> Call:
        """Note that a contact pressed 1; where that fails the key does not count, and is asked for again."""
        event = call.event
        if not isinstance(event, RingCheck) or event.key != ACCEPT_KEY:
            return call
        try:
            self._keeping.note(event.token)
        except Exception as error:  # noqa: BLE001 - whatever a store does, who picked up is waiting
            self._failed(error)
            return replace(call, event=replace(event, key=None))
        return call

    def _keep(self, line: Line, call: Call, reply: Reply, moment: datetime, form: Mapping[str, str]) -> None:
        """Wish and count what an answer leaves to be kept. A failure is told, and no caller hears of it."""
        try:
            if rings_anonymously(line, call, reply):
                self._keeping.wish(*(form[name] for name in _SIDS if name in form))
            if counts := counted(line, call, reply):
                self._keeping.count(counts, moment.astimezone(line.settings.timezone).date())
                self._watch.counted(counts)
        except Exception as error:  # noqa: BLE001 - the document is made, and matters more
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Tell where an answer failed. An error's own text is left out: it may hold a caller's number."""
        self._watch.failed()
        where = extract_tb(error.__traceback__)[-1]
        log.error("an answer failed: %s in %s, line %s", type(error).__name__, where.name, where.lineno)


def is_voice(path: str) -> bool:
    """Whether a path belongs to Twilio's webhooks."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def _call(environ: Mapping[str, Any], form: Mapping[str, str]) -> Call:
    # WSGI hands the decoded path on as Latin-1 (PEP 3333).
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    query = dict(parse_qsl(environ["QUERY_STRING"])) if environ["QUERY_STRING"] else {}
    return twiml.read(path, query, form)
