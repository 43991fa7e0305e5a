"""The clips that exist, and the one file that is played of several.

audio/recordings/<language>/<prompt>.wav                recorded by people
audio/built/<language>/<text>-<engine>-<content>.wav    built; <text> and <content> are hashes

A .txt of the same name beside each holds the very text that it says.

So a listing of two folders is the whole index, and a text that changed never finds an old file.
"""

import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

from ivr.ear import LANGUAGES
from ivr.phrase import Phrase
from ivr.speech import RATE

GAP_SECONDS: Final = 0.25
"""Silence between two phrases."""
MOST_PIECES: Final = 64
"""Phrases in one file; the longest item of the shipped menu has 9."""
ENGINES: Final = ("gtts", "espeak")
"""The better voice first."""
RECORDED: Final = "recording"
_HASH: Final = 16
_FRAME: Final = 2
"""Bytes of a sample: 16 bits, mono."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One file that says one text."""

    name: str
    """A hash of what is in the file, by which addresses call it."""
    path: Path
    kind: str
    """RECORDED, or the engine that built it."""


def text_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_HASH]


def content_hash(content: bytes) -> str:
    return sha256(content).hexdigest()[:_HASH]


def text_beside(path: Path) -> str | None:
    """The text that a clip was made for, as noted beside it."""
    try:
        return path.with_suffix(".txt").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def recordings(audio: Path, language: str) -> Iterator[Path]:
    yield from sorted((audio / "recordings" / language).glob("*.wav"))


@dataclass(frozen=True)
class Clips:
    """All clips of a home at one moment."""

    by_text: Mapping[tuple[str, str], Clip] = field(default_factory=dict)
    """(language, hash of the text) → the best clip of it."""
    by_name: Mapping[str, Clip] = field(default_factory=dict)
    unfinished: tuple[Path, ...] = ()
    """Built clips that are not whole: perhaps somebody is copying them just now."""

    @classmethod
    def read(cls, audio: Path) -> "Clips":
        """List the clips of a home's audio folder that can be played."""
        by_text: dict[tuple[str, str], Clip] = {}
        by_name: dict[str, Clip] = {}
        unfinished: list[Path] = []
        for language in LANGUAGES:
            for text, clip in (*_recorded(audio, language), *_built(audio, language, unfinished)):
                by_text.setdefault((language, text), clip)
                by_name.setdefault(clip.name, clip)
        return cls(by_text, by_name, tuple(unfinished))

    @staticmethod
    def fingerprint(audio: Path, besides: Sequence[Path] = ()) -> tuple[tuple[str, int, int], ...]:
        """What changes when a clip does, or one of those `besides`; cheap enough for each second."""
        folders = [audio / kind / language for kind in ("recordings", "built") for language in LANGUAGES]
        files = [file for language in LANGUAGES for file in (audio / "recordings" / language).glob("*")]
        return tuple((str(path), *_stamp(path)) for path in (*folders, *files, *besides))

    def find(self, phrase: Phrase) -> Clip | None:
        """The best clip made for this very text: recorded, else built."""
        return self.by_text.get((phrase.language, text_hash(phrase.text)))

    def name(self, phrase: Phrase) -> str | None:
        """The name of the clip for a phrase, as an address has it."""
        clip = self.find(phrase)
        return clip.name if clip else None

    def knows(self, names: Sequence[str]) -> bool:
        """Whether any of these clips is there: who asks did not guess."""
        return any(name in self.by_name for name in names)

    def wav(self, names: Sequence[str], *, partly: bool = False) -> bytes | None:
        """Clips one after the other as one WAV (8 kHz, mono, 16 bit); None where one is not there.

        `partly`: what is there of them; None where that is nothing.
        """
        sounds = [sound for clip in self._named(names) if (sound := frames(clip)) is not None]
        if not sounds or len(names) > MOST_PIECES or (len(sounds) < len(names) and not partly):
            return None
        return as_wav((b"\0" * int(GAP_SECONDS * RATE) * _FRAME).join(sounds))

    def cached(self, names: Sequence[str]) -> bytes | None:
        del names
        return None

    def text(self, names: Sequence[str]) -> str | None:
        """What those clips say."""
        texts = [text_beside(clip.path) for clip in self._named(names)]
        return " ".join(text for text in texts if text) if texts and len(texts) == len(names) else None

    def _named(self, names: Sequence[str]) -> list[Clip]:
        return [self.by_name[name] for name in names[:MOST_PIECES] if name in self.by_name]


def as_wav(frames: bytes) -> bytes:
    """Put samples (8 kHz, mono, 16 bit) into a WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(_FRAME)
        sound.setframerate(RATE)
        sound.writeframes(frames)
    return file.getvalue()


def _recorded(audio: Path, language: str) -> Iterator[tuple[str, Clip]]:
    for path in recordings(audio, language):
        text, clip = text_beside(path), recording(path)
        if text is not None and clip is not None:
            yield text_hash(text), clip


def recording(path: Path) -> Clip | None:
    """A recording as a clip; None where it cannot be read or is no sound."""
    try:
        clip = Clip(_content_of(path, *_stamp(path)), path, RECORDED)
    except OSError:
        return None
    return clip if frames(clip) is not None else None


def _built(audio: Path, language: str, unfinished: list[Path]) -> Iterator[tuple[str, Clip]]:
    found = [(path.stem.split("-"), path) for path in (audio / "built" / language).glob("*-*-*.wav")]
    named = [(parts, path) for parts, path in found if len(parts) == len(("text", "engine", "content"))]
    unfinished += [path for _, path in named if not is_whole(path)]
    for engine in ENGINES:
        for (text, kind, content), path in named:
            if kind == engine and is_whole(path):
                yield text, Clip(content, path, kind)


def is_whole(path: Path) -> bool:
    """Whether a built clip is all there: one that was copied by halves would be silence for a caller."""
    return _is_whole(path, *_stamp(path))


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does; the same for all that are not there."""
    try:
        found = path.stat()
    except OSError:
        return 0, -1
    return found.st_ctime_ns, found.st_size


@lru_cache(maxsize=1024)
def _content_of(path: Path, _changed: int, _size: int) -> str:
    return content_hash(path.read_bytes())


@lru_cache(maxsize=65_536)
def _is_whole(path: Path, _changed: int, size: int) -> bool:
    try:
        with wave.open(str(path), "rb") as sound:
            form = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
            return form == (1, _FRAME, RATE) and 0 < sound.getnframes() * _FRAME < size
    except (OSError, EOFError, wave.Error):
        return False


def frames(clip: Clip) -> bytes | None:
    """A clip's samples at telephone quality; None where the file is gone or damaged."""
    try:
        return _frames(clip)
    except (OSError, EOFError, wave.Error, RuntimeError, ValueError):
        return None


@lru_cache(maxsize=512)
def _frames(clip: Clip) -> bytes:
    # What is raised is not kept: a file that is mended is played again.
    if clip.kind == RECORDED:
        # Only here: a worker without recordings need not carry numpy.
        from ivr.speech.sound import telephone_quality  # noqa: PLC0415

        return telephone_quality(clip.path)
    with wave.open(str(clip.path), "rb") as sound:
        return sound.readframes(sound.getnframes())


def names_in(file: str) -> list[str]:
    """The clips that a file's name in an address asks for."""
    return file.split("-")
