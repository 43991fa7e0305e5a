"""Requests under /voice: from the signature check to the TwiML document.

The event loop answers them. Code that may wait for a disk or a database runs in threads.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from time import monotonic
from traceback import extract_tb
from typing import Any, Final
from urllib.parse import parse_qsl

from ivr.config.live import Clock, Readings, Snapshot
from ivr.dialogue import flow
from ivr.dialogue.call import Call, Reply, Ring, RingCheck
from ivr.dialogue.prompts import ACCEPT_KEY
from ivr.dialogue.usage import rings_anonymously, usage_of
from ivr.model.limits import BODY_BYTES
from ivr.model.line import Line
from ivr.model.menu import CONTACTS
from ivr.serving.asgi import Disconnected, Receive, Scope, Send, body, header, respond
from ivr.twiml import documents, requests
from ivr.twiml.urls import ROOT
from ivr.web.metrics import Metrics
from ivr.web.recorder import CallRecorder
from ivr.web.replays import ReplayFilter
from ivr.web.ringing import Ringing
from ivr.web.signature import FORM, Refusal, SignatureCheck, read_form

log = logging.getLogger(__name__)

Decide = Callable[[Line, Call, datetime], Reply]
_HEADERS: Final = ((b"content-type", b"text/xml; charset=utf-8"), (b"cache-control", b"no-store"))
"""Headers that protect browsers are left out, because only Twilio reads these responses."""
_SIDS: Final = ("CallSid", "DialCallSid")
"""Fields with the SID of the caller's leg, and of the dialled leg once it has ended (https://www.twilio.com/docs/voice/twiml/dial#action)."""
_THREADS: Final = 16
"""Threads in which methods of the CallRecorder may block."""


class Webhooks:
    """Answers Twilio's webhooks."""

    def __init__(  # noqa: PLR0913, PLR0917 - everything outside the application is an argument
        self,
        live: Readings,
        signatures: SignatureCheck,
        clock: Clock,
        recorder: CallRecorder,
        metrics: Metrics,
        answer: Decide,
    ) -> None:
        self._live = live
        self._signatures = signatures
        self._clock = clock
        self._recorder = recorder
        self._metrics = metrics
        self._answer = answer
        self._replays = ReplayFilter()
        self._ringing = Ringing()
        self._executor = ThreadPoolExecutor(_THREADS, "recorder")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Refusal | None:
        """Answer a request that Twilio signed. Otherwise send nothing and return the reason."""
        signature = header(scope, b"x-twilio-signature")
        if not signature:
            return Refusal.UNSIGNED  # without waiting for the body
        if scope["method"] not in {"GET", "POST"}:
            return Refusal.METHOD  # Twilio uses no other method
        query = scope["query_string"].decode("latin-1")
        form: Mapping[str, str] = {}  # the signature of a GET covers the URL alone
        if scope["method"] == "POST":
            received = await _form(scope, receive)
            if received is None:
                return Refusal.BODY
            form = received
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        public_url = self._signatures.public_url(target, form, signature)
        if public_url is None:
            return Refusal.WRONG
        parameters = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        if scope["method"] == "GET":
            form = parameters
        call = requests.read(scope["path"], parameters, form)
        document = await self._document(call, form, signature, public_url)
        await respond(send, 200, document, _HEADERS)
        return None

    async def _document(self, call: Call, form: Mapping[str, str], signature: str, public_url: str) -> bytes:
        """Return the TwiML document for a webhook. After an exception it is an apology."""
        snapshot = self._live.snapshot
        try:
            call = await self._note_acceptance(call)
            if full := self._ringing.full(monotonic()):
                call = replace(call, full=full)
            moment = self._clock()
            reply = self._answer(snapshot.line, call, moment)
            document = snapshot.document(reply, public_url)
            await self._record(snapshot.line, call, reply, moment, form, signature)
        except Exception as error:  # noqa: BLE001 - after any error the caller hears an apology
            self._failed(error)
            return self._apology(snapshot, call)
        return document

    def _apology(self, snapshot: Snapshot, call: Call) -> bytes:
        try:
            apology = flow.apology(snapshot.line, call.event)
            return documents.write(apology, snapshot.line.settings.voices, lambda _: None, "").encode()
        except Exception as error:  # noqa: BLE001 - after any error, a constant document is sent
            self._failed(error)
            return documents.CONSTANT_APOLOGY.encode()

    async def _note_acceptance(self, call: Call) -> Call:
        """Record key 1 in a ring check. If that fails, drop the key: the contact is asked again."""
        event = call.event
        if not isinstance(event, RingCheck) or event.key != ACCEPT_KEY:
            return call
        try:
            await self._run(self._recorder.note_acceptance, event.token)
        except Exception as error:  # noqa: BLE001 - after any error of the store, the contact gets an answer
            self._failed(error)
            return replace(call, event=replace(event, key=None))
        return call

    async def _record(  # noqa: PLR0913, PLR0917 - the facts of one answer
        self,
        line: Line,
        call: Call,
        reply: Reply,
        moment: datetime,
        form: Mapping[str, str],
        signature: str,
    ) -> None:
        """Record erasures, counts and ringing contacts. A failure is logged; the answer stays as it is."""
        try:
            if rings_anonymously(line, call, reply):
                # Before the document is sent: Twilio dials as soon as it has the document.
                await self._run(
                    self._recorder.request_erasure, *(form[name] for name in _SIDS if name in form)
                )
            counts = usage_of(line, call, reply)
            if counts and self._replays.is_first(signature, monotonic()):
                self._recorder.count(counts, moment.astimezone(line.settings.timezone).date())
                self._metrics.counted(counts)
            if isinstance(reply, Ring) and line.menu.items[reply.key.item].dial == CONTACTS:
                self._ringing.began(reply.target.endpoint, reply.target.seconds, monotonic())
        except Exception as error:  # noqa: BLE001 - the document is sent all the same
            self._failed(error)

    async def _run(self, blocking: Callable[..., None], *arguments: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, blocking, *arguments)

    def _failed(self, error: Exception) -> None:
        """Log where an answer failed, without the error's text, which may hold the caller's number."""
        self._metrics.failed()
        where = extract_tb(error.__traceback__)[-1]
        log.error("an answer failed: %s in %s, line %s", type(error).__name__, where.name, where.lineno)


def is_voice(path: str) -> bool:
    """Whether a path is /voice or below it."""
    return path == ROOT or path.startswith(f"{ROOT}/")


async def _form(scope: Scope, receive: Receive) -> Mapping[str, str] | None:
    """Receive a posted form. It is empty if there is no content type. `Connection` enforces the deadline.

    Returns None if the body is no form, or if the client disconnects.
    """
    content_type = header(scope, b"content-type")
    if not content_type.startswith(FORM):
        return None if content_type else {}
    try:
        return read_form(await body(receive, BODY_BYTES))
    except (ValueError, Disconnected):
        return None
