"""GET /audio/…: WAV files that Twilio plays (.wav), and their text for the desk phone (.txt).

The path holds the names of one or more clips. Names are keyed hashes: who has not seen a document of the line
cannot guess them. A slow client occupies no thread.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from ivr.config.live import Readings
from ivr.model.limits import CLIP_FETCHES, CLIP_SECONDS, RELOAD_SECONDS, UNSIGNED_REQUESTS
from ivr.serving.asgi import Headers, Scope, Send, header, respond
from ivr.speech.clips import Clips, names_in
from ivr.twiml.urls import JOINED
from ivr.web.pages import SECURITY_HEADERS

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FILE: Final = re.compile(r"/audio/([0-9a-f-]{1,2000})\.(wav|txt)")
_TYPES: Final = {"wav": "audio/wav", "txt": "text/plain; charset=utf-8"}
_READERS: Final = 4
"""Threads that read sound files. A disk that hangs blocks these threads, and no webhook."""
_STEP: Final = 0.05
"""Seconds between two checks whether the folders have been read again."""


class Audio:
    """Answers requests under /audio.

    A name depends on the content, and the query on what is between two clips. So a client may cache a file
    for ever.
    """

    def __init__(self, live: Readings, proxies: int) -> None:
        """`proxies`: the number of trusted proxies that add to X-Forwarded-For."""
        self._live = live
        self._proxies = proxies
        self._counter = FixedWindowRateLimiter(MemoryStorage())
        self._readers = ThreadPoolExecutor(_READERS, "clips")

    async def __call__(self, scope: Scope, send: Send) -> None:
        match = _FILE.fullmatch(scope["path"])
        names = names_in(match[1]) if match and scope["method"] in {"GET", "HEAD"} else []
        who = client_address(scope, self._proxies)
        if not names or not self._live.snapshot.clips.knows(names):
            # Another worker may have read a new clip before this one, and put its name into a document.
            if not self._counter.hit(parse(UNSIGNED_REQUESTS), "guesses", who):
                return await _refuse(send, HTTPStatus.TOO_MANY_REQUESTS)
            if names:
                await self._next_reading()
        elif not self._counter.hit(parse(CLIP_FETCHES), "fetches", who):
            return await _refuse(send, HTTPStatus.TOO_MANY_REQUESTS)
        clips = self._live.snapshot.clips
        if match is None or not clips.knows(names):
            return await _refuse(send, HTTPStatus.NOT_FOUND)
        found, whole = await self._found(clips, names, match[2])
        if found is None:
            return await _refuse(send, HTTPStatus.NOT_FOUND)
        tag = f'"{match[1][:_TAG]}{len(found)}"'
        # During a reload a document may name the silence of another version of the program.
        lasting = whole and (len(names) == 1 or scope["query_string"].decode("latin-1") == JOINED)
        headers = _headers(_TYPES[match[2]], tag, for_ever=lasting)
        if lasting and header(scope, b"if-none-match") == tag:
            return await respond(send, HTTPStatus.NOT_MODIFIED, b"", headers)
        return await respond(send, HTTPStatus.OK, found, headers)

    async def _next_reading(self) -> None:
        """Wait until the folders have been read again, for at most twice RELOAD_SECONDS."""
        looks = self._live.looks
        for _ in range(int(2 * RELOAD_SECONDS / _STEP)):
            if self._live.looks != looks:
                return
            await asyncio.sleep(_STEP)

    async def _found(self, clips: Clips, names: list[str], kind: str) -> tuple[bytes | None, bool]:
        """Return the sound or the text of clips, and whether no clip is missing in it."""
        if kind == "wav" and (kept := clips.cached(names)):
            return kept, True
        try:
            async with asyncio.timeout(CLIP_SECONDS):
                read = asyncio.get_running_loop().run_in_executor
                if kind == "txt":
                    text = await read(self._readers, clips.text, names)
                    return (None if text is None else text.encode()), True
                whole = await read(self._readers, clips.wav, names)
                if whole is not None:
                    return whole, True
                # If one file is lost, play the others rather than nothing.
                return await read(self._readers, lambda: clips.wav(names, partly=True)), False
        except TimeoutError:
            return None, False


_TAG: Final = 200
"""Characters of the name in an ETag."""


def client_address(scope: Scope, proxies: int) -> str:
    """Return the client's IP address. With proxies, it is the address that the outermost trusted one saw."""
    forwarded = [each.strip() for each in header(scope, b"x-forwarded-for").split(",") if each.strip()]
    if 0 < proxies <= len(forwarded):
        return forwarded[-proxies]
    return str((scope.get("client") or ("",))[0])


def _headers(content_type: str, tag: str, *, for_ever: bool) -> Headers:
    headers = {**SECURITY_HEADERS, "Content-Type": content_type}
    if for_ever:
        headers |= {"Cache-Control": _FOR_EVER, "ETag": tag}
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def _refuse(send: Send, status: HTTPStatus) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
    await respond(send, status, b"", headers)
