"""The sound of a Say or a Play: its text, its WAV file and its length in seconds."""

import wave
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Final
from urllib.parse import urlsplit

from ivr.exchange.verbs import Play, Say, TwimlError
from ivr.exchange.wire import ReachedLine

CHARACTERS_A_SECOND: Final = 14
"""Estimated speed of a Say that has no sound."""
TYPES: Final = ("audio/wav", "audio/x-wav", "audio/wave")
"""Content types that a Play may have here. Twilio accepts more (https://www.twilio.com/docs/voice/twiml/play)."""


Synthesiser = Callable[[Say], bytes]
"""Makes a WAV file of a Say."""


def sound_of(
    line: ReachedLine, base: str, verb: Say | Play, synthesiser: Synthesiser | None = None
) -> tuple[str, bytes | None, float]:
    """Return the text of a verb, its WAV file or None, and its length in seconds.

    `base`: the URL of the document, to resolve a relative URL. `synthesiser`: makes the sound of a Say.
    Raises TwimlError where a file cannot be fetched or played.
    """
    if isinstance(verb, Say):
        wav = synthesiser(verb) if synthesiser else None
        return verb.text, wav, _seconds(wav) if wav else len(verb.text) / CHARACTERS_A_SECOND
    url = line.resolve(base, verb.url)
    answer = line.fetch(url)
    if answer.status != HTTPStatus.OK:
        raise TwimlError(11200, f"status {answer.status} for a file to play")
    if answer.content_type.partition(";")[0] not in TYPES:
        raise TwimlError(12300, f"a file to play of type {answer.content_type!r}")
    # The line serves the text of a clip under the same name, for the desk phone.
    parts = urlsplit(url)
    transcript = line.fetch(parts._replace(path=parts.path.removesuffix(".wav") + ".txt").geturl())
    text = transcript.body.decode() if transcript.status == HTTPStatus.OK else verb.url
    return text, answer.body, _seconds(answer.body)


def voice_of(verb: Say | Play) -> str:
    """Return the voice of a Say; empty where it names none, and for a Play."""
    return verb.voice if isinstance(verb, Say) else ""


def _seconds(sound: bytes) -> float:
    try:
        with wave.open(BytesIO(sound), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (wave.Error, EOFError):
        raise TwimlError(12300, "a file to play that is no sound") from None
