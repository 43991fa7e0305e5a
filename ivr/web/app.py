"""The whole web application, put together from what it is given."""

import logging
from contextvars import ContextVar
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Final

from ivr.config.live import Clock, Live
from ivr.dialogue import flow
from ivr.web.asgi import Application, Message, Receive, Scope, Send, respond
from ivr.web.audio import Audio
from ivr.web.metrics import Metrics, NoMetrics
from ivr.web.pages import make_pages
from ivr.web.recorder import CallRecorder, NullRecorder
from ivr.web.refusals import Refusals
from ivr.web.signature import SignatureCheck
from ivr.web.webhooks import Decide, Webhooks, is_voice

log = logging.getLogger(__name__)

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request", default="-")
"""The id of the request being answered, for the log: made here, and nothing of a call."""


def create_app(  # noqa: PLR0913 - the outside world, handed in piece by piece
    live: Live,
    signatures: SignatureCheck,
    clock: Clock,
    answer: Decide = flow.answer,
    *,
    recorder: CallRecorder | None = None,
    metrics: Metrics | None = None,
    limits_url: str = "memory://",
    proxies: int = 0,
) -> Application:
    """Make the application. All that it knows of the outside is handed to it here.

    `limits_url`: where it is counted who asks without a signature (https://limits.readthedocs.io, storage).
    `proxies`: how many stand in front and tell the address of who asks.
    """
    recorder, metrics = recorder or NullRecorder(), metrics or NoMetrics()
    return LineApplication(
        Webhooks(live, signatures, clock, recorder, metrics, answer),
        Audio(live, proxies),
        make_pages(live, clock, recorder=recorder, metrics=metrics, limits_url=limits_url, proxies=proxies),
        metrics,
    )


class LineApplication:
    """The line as an ASGI application: webhooks and clips on the event loop, pages behind a bridge."""

    def __init__(self, voice: Webhooks, audio: Audio, pages: Application, metrics: Metrics) -> None:
        self._voice = voice
        self._audio = audio
        self._pages = pages
        self._metrics = metrics
        self._refusals = Refusals(metrics)
        self._name = token_hex(6)
        self._numbers = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Decide one HTTP request. Nothing that goes wrong inside leaves it without an answer."""
        began, started = perf_counter(), False
        REQUEST_ID.set(f"{self._name}-{next(self._numbers)}")

        async def answered(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._metrics.answered(message["status"], perf_counter() - began)
            await send(message)

        try:
            await self._answer(scope, receive, answered)
        except Exception as error:  # noqa: BLE001 - its text may hold what was asked
            log.error("a request failed: %s", type(error).__name__)  # noqa: TRY400
            if not started:
                await respond(answered, 500)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/audio/"):
            await self._audio(scope, send)
            return
        if is_voice(path):
            refusal = await self._voice(scope, receive, send)
            if refusal is None:
                return
            self._refusals.tell(refusal)
        await self._pages(scope, receive, send)
