"""The inventory of speech: phrases that are recorded, built, stale or missing, and unused files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.dialogue import all_phrases
from ivr.disk import reading
from ivr.model.findings import Finding, Severity
from ivr.model.languages import LANGUAGES
from ivr.model.limits import RECORDING_BYTES
from ivr.model.line import Line
from ivr.model.phrase import Phrase
from ivr.speech.clips import DAMAGED, RECORDED, Clips
from ivr.speech.sounds import content_hash, recordings, text_beside

_UNUSED_SECRET: Final = b""
"""An HMAC key for clips whose names are not used."""


@dataclass(frozen=True, slots=True)
class PhraseSpeech:
    """The speech of one phrase."""

    phrase: Phrase
    kind: str
    """`recording`, the name of an engine, or `missing`."""
    stale: bool
    """Whether the prompt has a recording that is not played for this phrase: for another text, or damaged."""


def survey(phrases: Iterable[Phrase], audio: Path) -> Iterator[PhraseSpeech]:
    """Yield the speech of each phrase, once. `audio`: the home's audio folder."""
    clips = Clips.read(audio, _UNUSED_SECRET)
    for phrase in dict.fromkeys(phrases):
        clip = clips.find(phrase)
        file = audio / "recordings" / phrase.language / f"{phrase.prompt}.wav"
        yield PhraseSpeech(
            phrase,
            clip.kind if clip else "missing",
            stale=file.exists() and (clip is None or clip.kind != RECORDED),
        )


def unplayed(line: Line, audio: Path) -> Iterator[Finding]:
    """Yield a finding for each file that is not played: damaged, too long, or for a text not in use."""
    clips = Clips.read(audio, _UNUSED_SECRET)
    yield from clips.findings
    yield from _altered(clips, audio)
    reported = {finding.file for finding in clips.findings}
    recorded = [(language, path) for language in LANGUAGES for path in _recordings(audio, language)]
    in_use = (
        {(each.language, each.prompt, each.text) for each in all_phrases.everything(line)} if recorded else ()
    )
    for language, path in recorded:
        file = path.relative_to(audio.parent).as_posix()
        if file not in reported and (language, path.stem, text_beside(path)) not in in_use:
            yield Finding("audio-stale", file, values={"text": path.name}, severity=Severity.WARNING)


def _recordings(audio: Path, language: str) -> list[Path]:
    try:
        return recordings(audio, language)
    except OSError:  # already one of the findings of `Clips.read`
        return []


def _altered(clips: Clips, audio: Path) -> Iterator[Finding]:
    """Yield a finding for each built clip whose content does not match the hash in its file name."""
    for clip in clips.by_name.values():
        if clip.kind == RECORDED:
            continue
        try:
            same = clip.path.stem.endswith(content_hash(reading.read(clip.path, RECORDING_BYTES)))
        except OSError:
            same = False
        if not same:
            file = clip.path.relative_to(audio.parent).as_posix()
            yield Finding(DAMAGED, file, values={"text": clip.path.name}, severity=Severity.WARNING)
