"""What speech there is, and what there is not: recorded, built, stale, missing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ivr import said
from ivr.ear import LANGUAGES
from ivr.finding import Finding
from ivr.model import Line
from ivr.phrase import Phrase
from ivr.speech.clips import RECORDED, Clips, recordings, text_beside


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
        recording = audio / "recordings" / phrase.language / f"{phrase.prompt}.wav"
        yield State(
            phrase,
            clip.kind if clip else "missing",
            stale=recording.exists() and (clip is None or clip.kind != RECORDED),
        )


def stale(line: Line, audio: Path) -> Iterator[Finding]:
    """Recordings of a text that the line does not say, or that nobody bound to a text: never played."""
    recorded = [(language, path) for language in LANGUAGES for path in recordings(audio, language)]
    today = {(each.language, each.prompt, each.text) for each in said.everything(line)} if recorded else ()
    for language, path in recorded:
        if (language, path.stem, text_beside(path)) not in today:
            file = path.relative_to(audio.parent).as_posix()
            yield Finding("audio-stale", file, values={"text": path.name})
