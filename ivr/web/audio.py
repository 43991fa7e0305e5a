"""The clips, as Twilio fetches them to play, and their words for the desk phone.

No address here is known to anybody who has not seen a document of ours. Who reads slowly is sent one piece
after the other, and keeps neither a thread nor a copy of the sound.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from ivr.config.live import Live
from ivr.model.limits import CLIP_FETCHES, CLIP_SECONDS, RELOAD_SECONDS, UNSIGNED_REQUESTS
from ivr.speech.clips import Clips, names_in
from ivr.web.asgi import Headers, Scope, Send, header, respond
from ivr.web.pages import SECURITY_HEADERS

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FILE: Final = re.compile(r"/audio/([0-9a-f-]{1,2000})\.(wav|txt)")
_TYPES: Final = {"wav": "audio/wav", "txt": "text/plain; charset=utf-8"}
_READERS: Final = 4
"""Threads that read files: one that hangs keeps no call waiting, only its own sound."""
_STEP: Final = 0.05
"""Seconds between two questions whether the files have been looked at."""


class Audio:
    """Answers requests under /audio. A name tells what is in a file, so that it is cacheable for ever."""

    def __init__(self, live: Live, proxies: int) -> None:
        """`proxies`: how many stand in front and tell the address of who asks."""
        self._live = live
        self._proxies = proxies
        self._counter = FixedWindowRateLimiter(MemoryStorage())
        self._readers = ThreadPoolExecutor(_READERS, "clips")

    async def __call__(self, scope: Scope, send: Send) -> None:
        asked = _FILE.fullmatch(scope["path"])
        names = names_in(asked[1]) if asked and scope["method"] in {"GET", "HEAD"} else []
        who = client(scope, self._proxies)
        if not names or not self._live.snapshot.clips.knows(names):
            # Another worker may have seen a new clip before this one.
            if not self._counter.hit(parse(UNSIGNED_REQUESTS), "guesses", who):
                return await _refuse(send, HTTPStatus.TOO_MANY_REQUESTS)
            if names:
                await self._next_look()
        elif not self._counter.hit(parse(CLIP_FETCHES), "fetches", who):
            return await _refuse(send, HTTPStatus.TOO_MANY_REQUESTS)
        clips = self._live.snapshot.clips
        if asked is None or not clips.knows(names):
            return await _refuse(send, HTTPStatus.NOT_FOUND)
        found, whole = await self._found(clips, names, asked[2])
        if found is None:
            return await _refuse(send, HTTPStatus.NOT_FOUND)
        tag = f'"{asked[1][:_TAG]}{len(found)}"'
        headers = _headers(_TYPES[asked[2]], tag, for_ever=whole)
        if whole and header(scope, b"if-none-match") == tag:
            return await respond(send, HTTPStatus.NOT_MODIFIED, b"", headers)
        return await respond(send, HTTPStatus.OK, found, headers)

    async def _next_look(self) -> None:
        """Wait until the files have been looked at once more, or until that takes too long."""
        looks = self._live.looks
        for _ in range(int(2 * RELOAD_SECONDS / _STEP)):
            if self._live.looks != looks:
                return
            await asyncio.sleep(_STEP)

    async def _found(self, clips: Clips, names: list[str], kind: str) -> tuple[bytes | None, bool]:
        """Give the sound or the words of clips, and whether that is all of it."""
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
                # A file that was lost must not take those beside it along: nothing would be heard.
                return await read(self._readers, lambda: clips.wav(names, partly=True)), False
        except TimeoutError:
            return None, False


_TAG: Final = 200
"""Signs of a name in an ETag."""


def client(scope: Scope, proxies: int) -> str:
    """Tell the address of who asks: as the outermost of our own proxies saw it."""
    told = [each.strip() for each in header(scope, b"x-forwarded-for").split(",") if each.strip()]
    if 0 < proxies <= len(told):
        return told[-proxies]
    return str((scope.get("client") or ("",))[0])


def _headers(content_type: str, tag: str, *, for_ever: bool) -> Headers:
    told = {**SECURITY_HEADERS, "Content-Type": content_type}
    if for_ever:
        told |= {"Cache-Control": _FOR_EVER, "ETag": tag}
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]


async def _refuse(send: Send, status: HTTPStatus) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
    await respond(send, status, b"", headers)
