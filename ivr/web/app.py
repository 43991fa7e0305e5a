"""The entry of every request: gives it an id, routes it by path, and answers exceptions with status 500."""

import logging
from time import perf_counter

from ivr.config.live import Clock, Readings
from ivr.dialogue import flow
from ivr.serving.asgi import Application, Message, Receive, Scope, Send, respond
from ivr.serving.log import RequestIds
from ivr.web.audio import Audio
from ivr.web.metrics import Metrics, NoMetrics
from ivr.web.pages import make_pages
from ivr.web.recorder import CallRecorder, NullRecorder
from ivr.web.refusals import Refusals
from ivr.web.signature import SignatureCheck
from ivr.web.webhooks import Decide, Webhooks, is_voice

log = logging.getLogger(__name__)


def create_app(  # noqa: PLR0913 - everything outside the application is an argument
    live: Readings,
    signatures: SignatureCheck,
    clock: Clock,
    answer: Decide = flow.answer,
    *,
    recorder: CallRecorder | None = None,
    metrics: Metrics | None = None,
    limits_url: str = "memory://",
    proxies: int = 0,
) -> Application:
    """Make the ASGI application.

    `answer`: decides the reply to a webhook; tests replace it.
    `limits_url`: the storage of the rate limits (https://limits.readthedocs.io/en/stable/storage.html).
    `proxies`: the number of trusted proxies that add to X-Forwarded-For.
    """
    recorder, metrics = recorder or NullRecorder(), metrics or NoMetrics()
    return LineApplication(
        Webhooks(live, signatures, clock, recorder, metrics, answer),
        Audio(live, proxies),
        make_pages(live, clock, recorder=recorder, metrics=metrics, limits_url=limits_url, proxies=proxies),
        metrics,
    )


class LineApplication:
    """The ASGI application. Webhooks and sound files are answered on the event loop, other pages by Flask."""

    def __init__(self, voice: Webhooks, audio: Audio, pages: Application, metrics: Metrics) -> None:
        self._voice = voice
        self._audio = audio
        self._pages = pages
        self._metrics = metrics
        self._refusals = Refusals(metrics)
        self._ids = RequestIds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request. After an exception the response is status 500, unless one has started."""
        began, started = perf_counter(), False
        self._ids.next()

        async def answered(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._metrics.answered(message["status"], perf_counter() - began)
            await send(message)

        try:
            await self._answer(scope, receive, answered)
        except Exception as error:  # noqa: BLE001 - the request gets an answer; the log omits the error's text, which may quote the request
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
            self._refusals.report(refusal)
        await self._pages(scope, receive, send)
