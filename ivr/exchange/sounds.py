"""What a Say or a Play sounds like: its words, its samples, its length."""

import wave
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Final

from ivr.exchange.grammar import Play, Say, TwimlError
from ivr.exchange.wire import ReachedLine

CHARACTERS_A_SECOND: Final = 14
"""Of a Say, about."""
TYPES: Final = ("audio/wav", "audio/x-wav", "audio/wave")
"""Of what this exchange can play; Twilio takes more (https://www.twilio.com/docs/voice/twiml/play)."""


Synthesiser = Callable[[Say], bytes]
"""Makes a WAV of what a Say says."""


def heard(
    line: ReachedLine, base: str, verb: Say | Play, voice: Synthesiser | None = None
) -> tuple[str, bytes | None, float]:
    """What a verb says, its sound where it has one, and its length in seconds. Raises TwimlError."""
    if isinstance(verb, Say):
        wav = voice(verb) if voice else None
        return verb.text, wav, _seconds(wav) if wav else len(verb.text) / CHARACTERS_A_SECOND
    url = line.resolve(base, verb.address)
    answer = line.fetch(url)
    if answer.status != HTTPStatus.OK:
        raise TwimlError(11200, f"status {answer.status} for a file to play")
    if answer.content_type.partition(";")[0] not in TYPES:
        raise TwimlError(12300, f"a file to play of type {answer.content_type!r}")
    # The line tells beside each file what it says, for telephones that cannot listen.
    words = line.fetch(url.removesuffix(".wav") + ".txt")
    text = words.body.decode() if words.status == HTTPStatus.OK else verb.address
    return text, answer.body, _seconds(answer.body)


def _seconds(sound: bytes) -> float:
    try:
        with wave.open(BytesIO(sound), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (wave.Error, EOFError):
        raise TwimlError(12300, "a file to play that is no sound") from None
