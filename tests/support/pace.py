"""How long it takes to hear phrases, at the pace of espeak-ng."""

from functools import cache

from ivr.model.playing import GAP_BYTES
from ivr.speech.build import spoken
from ivr.speech.engines import Espeak
from ivr.speech.wav import FRAME, RATE, samples_in


@cache
def _engine():
    """The engine, after a few words: it speaks its first ones at another pace than all others."""
    engine = Espeak()
    for language in ("nl", "en", "nl"):
        spoken(engine, "Een, twee. Drie?", language)
    return engine


@cache
def _seconds(text, language):
    return len(samples_in(spoken(_engine(), text, language))) / (RATE * FRAME)


def ends(phrases):
    """When each phrase has been heard, in seconds of sound since the first began."""
    now, found = 0.0, []
    for phrase in phrases:
        now += _seconds(phrase.text, phrase.language)
        found.append(now)
        now += GAP_BYTES / (RATE * FRAME)
    return found


def heard_by(phrases, prompt):
    """When the phrase of a prompt has been heard."""
    return next(end for phrase, end in zip(phrases, ends(phrases), strict=True) if phrase.prompt == prompt)
