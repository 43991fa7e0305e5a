"""What speech there is, and what there is not: recorded, built, stale, missing."""

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

_NOBODY: Final = b""
"""The secret of names that nobody fetches."""


@dataclass(frozen=True, slots=True)
class State:
    """What speech a phrase has."""

    phrase: Phrase
    kind: str
    """`recording`, the engine's name, or `missing`."""
    stale: bool
    """A recording is there, but not of this text."""


def survey(phrases: Iterable[Phrase], audio: Path) -> Iterator[State]:
    """Tell of each phrase what speech it has."""
    clips = Clips.read(audio, _NOBODY)
    for phrase in dict.fromkeys(phrases):
        clip = clips.find(phrase)
        file = audio / "recordings" / phrase.language / f"{phrase.prompt}.wav"
        yield State(
            phrase,
            clip.kind if clip else "missing",
            stale=file.exists() and (clip is None or clip.kind != RECORDED),
        )


def unplayed(line: Line, audio: Path) -> Iterator[Finding]:
    """What stands in the folder and nobody hears, or nobody should: broken, too long, or of another text."""
    clips = Clips.read(audio, _NOBODY)
    yield from clips.findings
    yield from _altered(clips, audio)
    told = {finding.file for finding in clips.findings}
    recorded = [(language, path) for language in LANGUAGES for path in _recordings(audio, language)]
    today = (
        {(each.language, each.prompt, each.text) for each in all_phrases.everything(line)} if recorded else ()
    )
    for language, path in recorded:
        file = path.relative_to(audio.parent).as_posix()
        if file not in told and (language, path.stem, text_beside(path)) not in today:
            yield Finding("audio-stale", file, values={"text": path.name}, severity=Severity.WARNING)


def _recordings(audio: Path, language: str) -> list[Path]:
    try:
        return recordings(audio, language)
    except OSError:  # among the findings of the clips
        return []


def _altered(clips: Clips, audio: Path) -> Iterator[Finding]:
    """Built clips that are not what was built: their names tell what was."""
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
