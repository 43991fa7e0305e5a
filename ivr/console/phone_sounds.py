"""The sound of a phrase on the desk phone: the clip of its text, or else speech of espeak-ng made here.

No text leaves this computer.
"""

from threading import BoundedSemaphore, Lock
from typing import Final

from cachetools import LRUCache

from ivr.exchange.transcript import CallerHears, CallEvent, FarEndHears
from ivr.model.limits import SOUND_BYTES
from ivr.model.line import Line
from ivr.model.phrase import Phrase
from ivr.speech.clips import Clips

_MAKERS: Final = 2
"""Threads that make speech at the same time. The other threads of the worker answer pages meanwhile."""
_PATIENCE: Final = 5.0
"""Seconds for which a request waits for its turn."""

_cache: LRUCache[tuple[str, str], bytes] = LRUCache(SOUND_BYTES, getsizeof=len)
"""Cache: language and text → the WAV file that espeak-ng made. All that the shipped menu says is 8 MB."""
_lock = Lock()
"""Held during access to the cache, never while speech is made."""
_turns = BoundedSemaphore(_MAKERS)


class Busy(Exception):
    """Too many others want speech to be made at the same time."""


def phrases(events: tuple[CallEvent, ...]) -> list[CallerHears | FarEndHears]:
    """Return what is said in a call, to the caller and to the far ends, in its order."""
    return [event for event in events if isinstance(event, CallerHears | FarEndHears)]


def language_of(phrase: CallerHears | FarEndHears, line: Line) -> str:
    """Return the language of a phrase, which its voice tells."""
    by_voice = {voice: language for language, voice in line.settings.voices.items()}
    return by_voice.get(phrase.voice, line.settings.language)


def sound(phrase: CallerHears | FarEndHears, line: Line, clips: Clips) -> bytes:
    """Return the WAV file of a phrase, in the line's format.

    Raises Busy, or what `ivr.speech.build.spoken` raises.
    """
    return sound_of(language_of(phrase, line), phrase.text, clips)


def sound_of(language: str, text: str, clips: Clips) -> bytes:
    """Return the WAV file of a text. Raises as `sound`."""
    clip = clips.find(Phrase("", language, text))
    played = clips.wav([clip.name]) if clip else None
    return played if played is not None else _made(language, text)


def _made(language: str, text: str) -> bytes:
    with _lock:
        if (kept := _cache.get((language, text))) is not None:
            return kept
    # Imported here, because it loads numpy, and a console without calls needs none.
    from ivr.speech.build import spoken  # noqa: PLC0415
    from ivr.speech.engines import Espeak  # noqa: PLC0415

    if not _turns.acquire(timeout=_PATIENCE):
        raise Busy
    try:
        wav = spoken(Espeak(), text, language)
    finally:
        _turns.release()
    with _lock:
        if len(wav) <= _cache.maxsize:
            _cache[language, text] = wav
    return wav
