"""What speech there is, and what there is not: recorded, built, stale, missing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ivr import said
from ivr.ear import LANGUAGES
from ivr.finding import Finding
from ivr.model import Line
from ivr.phrase import Phrase
from ivr.speech.clips import RECORDED, Clips, recording, recordings, text_beside


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
    clips = Clips.read(audio)
    for phrase in dict.fromkeys(phrases):
        clip = clips.find(phrase)
        file = audio / "recordings" / phrase.language / f"{phrase.prompt}.wav"
        yield State(
            phrase,
            clip.kind if clip else "missing",
            stale=file.exists() and (clip is None or clip.kind != RECORDED),
        )


def unplayed(line: Line, audio: Path) -> Iterator[Finding]:
    """Recordings that nobody hears: no sound, or of a text that the line does not say, or bound to none."""
    recorded = [(language, path) for language in LANGUAGES for path in recordings(audio, language)]
    today = {(each.language, each.prompt, each.text) for each in said.everything(line)} if recorded else ()
    for language, path in recorded:
        file = path.relative_to(audio.parent).as_posix()
        if recording(path) is None:
            yield Finding("audio-broken", file, values={"text": path.name})
        elif (language, path.stem, text_beside(path)) not in today:
            yield Finding("audio-stale", file, values={"text": path.name})
