"""The clips, as Twilio fetches them to play, and their words for the desk phone."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeVar

from flask import Flask, Response, request
from flask_limiter import Limiter

from ivr.config.live import Live
from ivr.limits import KNOCKS
from ivr.speech.clips import Clips, names_in

T = TypeVar("T")
_FOR_EVER: Final = "public, max-age=31536000, immutable"


def add_clips(app: Flask, live: Live, limiter: Limiter) -> None:
    """Add the addresses under /audio. A name tells what is in a file, so that it is cacheable for ever."""

    def known() -> bool:
        return live.snapshot.clips.knows(names_in((request.view_args or {})["name"]))

    # A clip that exists is never refused, or a caller would hear silence; its name cannot be guessed.
    guesses = limiter.shared_limit(KNOCKS, scope="knocks", exempt_when=known)

    @app.get("/audio/<name>.wav")
    @guesses
    def audio(name: str) -> Response:
        whole = _made(live, lambda clips: clips.wav(names_in(name)))
        if whole is not None:
            return _for_ever(whole, "audio/wav")
        # A file that was lost must not take those beside it along: silence would be all that is heard.
        part = live.snapshot.clips.wav(names_in(name), partly=True)
        return Response(part, content_type="audio/wav") if part else Response(status=HTTPStatus.NOT_FOUND)

    @app.get("/audio/<name>.txt")
    @guesses
    def words(name: str) -> Response:
        """What a clip says: for the desk phone, which cannot listen."""
        text = _made(live, lambda clips: clips.text(names_in(name)))
        if text is None:
            return Response(status=HTTPStatus.NOT_FOUND)
        return _for_ever(text.encode(), "text/plain; charset=utf-8")


def _made(live: Live, make: Callable[[Clips], T | None]) -> T | None:
    """Make something of the clips; where one is unknown, another worker may know it: look again."""
    found = make(live.snapshot.clips)
    if found is None:
        live.look()
        found = make(live.snapshot.clips)
    return found


def _for_ever(body: bytes, content_type: str) -> Response:
    """Send what never changes under its address."""
    response = Response(body, content_type=content_type, headers={"Cache-Control": _FOR_EVER})
    response.add_etag()
    response.make_conditional(request)
    return response
