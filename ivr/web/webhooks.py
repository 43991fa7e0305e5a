"""Twilio's webhooks: everything under /voice, answered on the event loop because a caller waits for it.

What may block, such as a disk or a database, is waited for beside the loop, and never for long.
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

from ivr.config.live import Clock, Live, Snapshot
from ivr.dialogue import flow
from ivr.dialogue.call import Call, Reply, Ring, RingCheck
from ivr.dialogue.prompts import ACCEPT_KEY
from ivr.dialogue.usage import rings_anonymously, usage_of
from ivr.model.limits import BODY_BYTES
from ivr.model.line import Line
from ivr.model.menu import CONTACTS
from ivr.twiml import documents, requests
from ivr.twiml.urls import ROOT
from ivr.web.asgi import Disconnected, Receive, Scope, Send, body, header, respond
from ivr.web.metrics import Metrics
from ivr.web.recorder import CallRecorder
from ivr.web.replays import ReplayFilter
from ivr.web.ringing import Ringing
from ivr.web.signature import FORM, Refusal, SignatureCheck, read_form

log = logging.getLogger(__name__)

Decide = Callable[[Line, Call, datetime], Reply]
_HEADERS: Final = ((b"content-type", b"text/xml; charset=utf-8"), (b"cache-control", b"no-store"))
"""Those that make a browser safe are left out: only Twilio reads this."""
_SIDS: Final = ("CallSid", "DialCallSid")
"""The caller's leg, and the far end's once it has ended (https://www.twilio.com/docs/voice/twiml/dial#action)."""
_BESIDE: Final = 16
"""Threads in which webhooks wait for a disk or a database."""


class Webhooks:
    """Answers Twilio's webhooks."""

    def __init__(  # noqa: PLR0913, PLR0917 - the outside world, handed in piece by piece
        self,
        live: Live,
        signatures: SignatureCheck,
        clock: Clock,
        recorder: CallRecorder,
        metrics: Metrics,
        answer: Decide,
    ) -> None:
        self._live = live
        self._doors = signatures
        self._clock = clock
        self._recorder = recorder
        self._metrics = metrics
        self._answer = answer
        self._replays = ReplayFilter()
        self._ringing = Ringing()
        self._beside = ThreadPoolExecutor(_BESIDE, "beside")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Refusal | None:
        """Decide a request that Twilio signed; else do nothing, and tell why."""
        signature = header(scope, b"x-twilio-signature")
        if not signature:
            return Refusal.UNSIGNED  # who does not sign is not waited for
        if scope["method"] not in {"GET", "POST"}:
            return Refusal.METHOD  # Twilio asks by no other
        query = scope["query_string"].decode("latin-1")
        form: Mapping[str, str] = {}  # a GET signs its whole address and no form
        if scope["method"] == "POST":
            received = await _form(scope, receive)
            if received is None:
                return Refusal.BODY
            form = received
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        if not self._doors.accepts(target, form, signature):
            return Refusal.WRONG
        asked = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        if scope["method"] == "GET":
            form = asked
        document = await self._document(requests.read(scope["path"], asked, form), form, signature)
        await respond(send, 200, document, _HEADERS)
        return None

    async def _document(self, call: Call, form: Mapping[str, str], signature: str) -> bytes:
        """Decide a call; where that fails, apologise. Whoever calls hears something in any case."""
        snapshot = self._live.snapshot
        try:
            call = await self._noted(call)
            if full := self._ringing.full(monotonic()):
                call = replace(call, full=full)
            moment = self._clock()
            reply = self._answer(snapshot.line, call, moment)
            document = snapshot.document(reply)
            await self._keep(snapshot.line, call, reply, moment, form, signature)
        except Exception as error:  # noqa: BLE001 - whatever went wrong in here, a caller is waiting
            self._failed(error)
            return self._apology(snapshot, call)
        return document

    def _apology(self, snapshot: Snapshot, call: Call) -> bytes:
        try:
            apology = flow.apology(snapshot.line, call.event)
            return documents.write(apology, snapshot.line.settings.voices, lambda _: None).encode()
        except Exception as error:  # noqa: BLE001 - then without any help of ours
            self._failed(error)
            return documents.LAST_WORDS.encode()

    async def _noted(self, call: Call) -> Call:
        """Note that a contact pressed 1; where that fails the key does not count, and is asked for again."""
        event = call.event
        if not isinstance(event, RingCheck) or event.key != ACCEPT_KEY:
            return call
        try:
            await self._run(self._recorder.note_acceptance, event.token)
        except Exception as error:  # noqa: BLE001 - whatever a store does, who picked up is waiting
            self._failed(error)
            return replace(call, event=replace(event, key=None))
        return call

    async def _keep(  # noqa: PLR0913, PLR0917 - all that an answer leaves
        self,
        line: Line,
        call: Call,
        reply: Reply,
        moment: datetime,
        form: Mapping[str, str],
        signature: str,
    ) -> None:
        """Wish and count what an answer leaves to be kept. A failure is told, and no caller hears of it."""
        try:
            if rings_anonymously(line, call, reply):
                # Written down before the document is answered, so that it is not lost with this process.
                await self._run(
                    self._recorder.request_erasure, *(form[name] for name in _SIDS if name in form)
                )
            counts = usage_of(line, call, reply)
            if counts and self._replays.is_first(signature, monotonic()):
                self._recorder.count(counts, moment.astimezone(line.settings.timezone).date())
                self._metrics.counted(counts)
            if isinstance(reply, Ring) and line.menu.items[reply.key.item].dial == CONTACTS:
                self._ringing.began(reply.target.endpoint, reply.target.seconds, monotonic())
        except Exception as error:  # noqa: BLE001 - the document is made, and matters more
            self._failed(error)

    async def _run(self, blocks: Callable[..., None], *arguments: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._beside, blocks, *arguments)

    def _failed(self, error: Exception) -> None:
        """Tell where an answer failed. An error's own text is left out: it may hold a caller's number."""
        self._metrics.failed()
        where = extract_tb(error.__traceback__)[-1]
        log.error("an answer failed: %s in %s, line %s", type(error).__name__, where.name, where.lineno)


def is_voice(path: str) -> bool:
    """Whether a path belongs to Twilio's webhooks."""
    return path == ROOT or path.startswith(f"{ROOT}/")


async def _form(scope: Scope, receive: Receive) -> Mapping[str, str] | None:
    """Receive the posted form of a signed request; None where there is none. The server keeps the time."""
    content_type = header(scope, b"content-type")
    if not content_type.startswith(FORM):
        return None if content_type else {}
    try:
        return read_form(await body(receive, BODY_BYTES))
    except (ValueError, Disconnected):
        return None
