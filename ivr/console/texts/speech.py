"""The speech of each prompt: whether somebody recorded it, and what a caller hears."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from ivr.console.context import outside
from ivr.console.phone_lines import phone_lines
from ivr.dialogue import all_phrases
from ivr.model.line import Line
from ivr.model.phrase import Phrase
from ivr.speech.clips import RECORDED, Clips

Phrases = Mapping[tuple[str, str], tuple[Phrase, ...]]
"""(Language, prompt) → the phrases that are made of it."""

_phrases: Final[WeakKeyDictionary[Line, Phrases]] = WeakKeyDictionary()
_lock = Lock()
"""Held while the phrases of a line are made: it takes a second for 200 municipalities."""


class State(StrEnum):
    RECORDED = "recorded"
    BUILT = "built"
    MISSING = "missing"
    """There is no sound: Twilio's voice reads it out."""
    PARTLY = "partly"
    """Some of its phrases have a sound."""
    STALE = "stale"
    """There is a recording, of another text."""
    UNHEARD = "unheard"
    """It is in no phrase: a part of others, or said by Twilio while the line is down."""


@dataclass(frozen=True, slots=True)
class PromptSpeech:
    """The speech of one prompt in one language."""

    state: State
    phrases: tuple[Phrase, ...]

    @property
    def recordable(self) -> Phrase | None:
        """The phrase that a recording says; None where the prompt is said in more ways than one."""
        return self.phrases[0] if len(self.phrases) == 1 else None


def speech_of(line: Line, language: str, prompt: str) -> PromptSpeech:
    """Return the speech of a prompt as the files are now."""
    return _speech(line, phone_lines().clips(), language, prompt)


def speech(line: Line) -> dict[tuple[str, str], PromptSpeech]:
    """Return the speech of each prompt by language and prompt."""
    clips = phone_lines().clips()
    return {
        (language, prompt): _speech(line, clips, language, prompt)
        for language, prompts in line.prompts.items()
        for prompt in prompts
    }


def _speech(line: Line, clips: Clips, language: str, prompt: str) -> PromptSpeech:
    phrases = _of(line).get((language, prompt), ())
    return PromptSpeech(_state(clips, phrases, language, prompt), phrases)


def _state(clips: Clips, phrases: tuple[Phrase, ...], language: str, prompt: str) -> State:
    kinds = {clip.kind if (clip := clips.find(phrase)) else "" for phrase in phrases}
    recording = outside().home.audio / "recordings" / language / f"{prompt}.wav"
    if kinds == {RECORDED}:
        return State.RECORDED
    if recording.exists():
        return State.STALE
    if not phrases:
        return State.UNHEARD
    if kinds == {""}:
        return State.MISSING
    return State.PARTLY if "" in kinds else State.BUILT


def _of(line: Line) -> Phrases:
    with _lock:
        if line not in _phrases:
            found: dict[tuple[str, str], list[Phrase]] = {}
            for phrase in all_phrases.everything(line):
                found.setdefault((phrase.language, phrase.prompt), []).append(phrase)
            _phrases[line] = {each: tuple(phrases) for each, phrases in found.items()}
        return _phrases[line]
