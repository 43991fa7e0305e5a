"""The clips that exist, their names in addresses, and the one file that is played of several."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from cachetools import LRUCache

from ivr.disk import reading
from ivr.model.findings import Finding, Severity, broken
from ivr.model.languages import LANGUAGES
from ivr.model.limits import (
    BUILT_ENTRIES,
    FOLDER_ENTRIES,
    PLAY_BYTES,
    PLAY_PIECES,
    RECORDING_SECONDS,
    SOUND_BYTES,
)
from ivr.model.phrase import Phrase
from ivr.model.playing import Sound, fits
from ivr.speech import TooLong, sounds
from ivr.speech.sounds import ENGINES, text_beside, text_hash
from ivr.speech.wav import GAP, as_wav

RECORDED: Final = "recording"
DAMAGED: Final = "audio-damaged"
_NAME: Final = 16
"""Signs of a name: who may guess a few times a second finds none of 2 ** 64."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One file that says one text."""

    name: str
    """Tells what is in the file to who knows the secret: by it, addresses call the clip."""
    path: Path
    kind: str
    """RECORDED, or the engine that built it."""
    size: int
    """Bytes of its samples at telephone quality."""

    @property
    def sound(self) -> Sound:
        return Sound(self.name, self.size)


def naming_secret(token: str) -> bytes:
    """The secret that keys the names of clips: the same wherever a line has the same auth token."""
    return hmac.digest(token.encode(), b"balielijn: the names of clips", "sha256")


def _name(secret: bytes, content: str) -> str:
    return hmac.digest(secret, content.encode(), "sha256").hex()[:_NAME]


@dataclass(frozen=True)
class Clips:
    """All clips of a home at one moment."""

    by_text: Mapping[tuple[str, str], Clip] = field(default_factory=dict)
    """(language, hash of the text) → the best clip of it."""
    by_name: Mapping[str, Clip] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    """What cannot be played, and why."""
    unfinished: tuple[Path, ...] = ()
    """Built clips that are not whole: perhaps somebody is copying them just now."""

    @classmethod
    def read(cls, audio: Path, secret: bytes) -> "Clips":
        """List the clips of a home's audio folder that can be played. Never raises for what stands there."""
        by_text: dict[tuple[str, str], Clip] = {}
        by_name: dict[str, Clip] = {}
        findings: list[Finding] = []
        for language in LANGUAGES:
            for found in (*_recorded(audio, language, secret), *_built(audio, language, secret)):
                if isinstance(found, Finding):
                    findings.append(found)
                else:
                    text, clip = found
                    by_text.setdefault((language, text), clip)
                    by_name.setdefault(clip.name, clip)
        unfinished = (audio.parent / found.file for found in findings if found.code == DAMAGED)
        return cls(by_text, by_name, tuple(findings), tuple(unfinished))

    @staticmethod
    def fingerprint(audio: Path, besides: Sequence[Path] = ()) -> tuple[tuple[str, int, int], ...]:
        """What changes when a clip does, or one of those `besides`; cheap enough for each second."""
        folders = [audio / kind / language for kind in ("recordings", "built") for language in LANGUAGES]
        files: list[Path] = []
        for language in LANGUAGES:
            folder = audio / "recordings" / language
            try:
                files += [folder / name for name in reading.listed(folder, FOLDER_ENTRIES)]
            except OSError:  # `read` tells it
                continue
        return tuple((str(path), *sounds.stamp(path)) for path in (*folders, *files, *besides))

    def find(self, phrase: Phrase) -> Clip | None:
        """The best clip made for this very text: recorded, else built."""
        return self.by_text.get((phrase.language, text_hash(phrase.text)))

    def sound(self, phrase: Phrase) -> Sound | None:
        """The sound of a phrase, as documents play it."""
        clip = self.find(phrase)
        return clip.sound if clip else None

    def knows(self, names: Sequence[str]) -> bool:
        """Whether any of these clips is there: who asks did not guess."""
        return any(name in self.by_name for name in names)

    def cached(self, names: Sequence[str]) -> bytes | None:
        """What `wav` gives, where it is ready: no file is read."""
        clips = self._named(names)
        return _get(tuple(names)) if clips is not None and len(clips) == len(names) else None

    def wav(self, names: Sequence[str], *, partly: bool = False) -> bytes | None:
        """Clips one after the other as one WAV (8 kHz, mono, 16 bit); None where one is not there.

        None as well for what no document asks for (see `playing.fits`).
        `partly`: what is there of them; None where that is nothing.
        """
        clips = self._named(names)
        key = tuple(names)
        if not clips or not (partly or len(clips) == len(names)):
            return None
        if (ready := _get(key)) is not None:
            return ready
        samples = [found for clip in clips if (found := _samples(clip)) is not None]
        whole = len(samples) == len(names)
        if not samples or not (whole or partly) or sum(map(len, samples)) > PLAY_BYTES:
            return None
        wav = as_wav(GAP.join(samples))
        return _keep(key, wav) if whole else wav

    def text(self, names: Sequence[str]) -> str | None:
        """What those clips say."""
        clips = self._named(names) or []
        texts = [text_beside(clip.path) for clip in clips]
        return " ".join(text for text in texts if text) if texts and len(texts) == len(names) else None

    def _named(self, names: Sequence[str]) -> list[Clip] | None:
        """The clips of these names that are there; None where they are not to be joined."""
        if len(names) > PLAY_PIECES or len(set(names)) < len(names):
            return None
        clips = [self.by_name[name] for name in names if name in self.by_name]
        return clips if fits([clip.sound for clip in clips]) else None


_Found = Iterator[tuple[str, Clip] | Finding]
"""Hashes of texts with the clip of each, and what cannot be played."""


def _recorded(audio: Path, language: str, secret: bytes) -> _Found:
    folder = f"recordings/{language}"
    try:
        paths = sounds.recordings(audio, language)
    except OSError as error:
        yield _unlisted(f"{audio.name}/{folder}", error, FOLDER_ENTRIES)
        return
    for path in paths:
        try:
            content = sounds.recorded_content(path)
            clip = Clip(_name(secret, content.hash), path, RECORDED, content.size)
        except Exception as error:  # noqa: BLE001 - what a file brings about costs that file alone
            yield _broken(audio, path, "audio-broken", error)
        else:
            if not fits([clip.sound]):
                yield _broken(audio, path, "audio-long")
            elif (text := text_beside(path)) is not None:
                yield text_hash(text), clip


def _built(audio: Path, language: str, secret: bytes) -> _Found:
    folder = f"built/{language}"
    try:
        found = [each for each in sounds.built(audio, language) if each.engine in ENGINES]
    except OSError as error:
        yield _unlisted(f"{audio.name}/{folder}", error, BUILT_ENTRIES)
        return
    for path, text, engine, content in sorted(found, key=lambda each: ENGINES.index(each.engine)):
        try:
            clip = Clip(_name(secret, content), path, engine, sounds.built_size(path))
        except Exception as error:  # noqa: BLE001 - what a file brings about costs that file alone
            yield _broken(audio, path, DAMAGED, error)
        else:
            yield (text, clip) if fits([clip.sound]) else _broken(audio, path, "audio-long")


def _unlisted(folder: str, error: OSError, most: int) -> Finding:
    crowded = isinstance(error, reading.Crowded)
    return Finding("folder-large", folder, values={"most": most}) if crowded else broken(folder, error)


def _broken(audio: Path, path: Path, code: str, error: Exception | None = None) -> Finding:
    long = isinstance(error, TooLong | reading.TooLarge)
    file = path.relative_to(audio.parent).as_posix()
    return Finding(
        "audio-long" if long else code,
        file,
        values={"text": path.name, "seconds": RECORDING_SECONDS},
        severity=Severity.WARNING,
    )


_ready: LRUCache[str | tuple[str, ...], bytes] = LRUCache(SOUND_BYTES, getsizeof=len)
"""Samples by a clip's name, files by the names that they are joined of."""
_lock = Lock()
"""Held for the cache alone, never while a file is read."""


def _get(key: str | tuple[str, ...]) -> bytes | None:
    with _lock:
        return _ready.get(key)


def _keep(key: str | tuple[str, ...], sound: bytes) -> bytes:
    """Keep a sound ready; what another thread kept meanwhile is used."""
    with _lock:
        return _ready.setdefault(key, sound)


def _samples(clip: Clip) -> bytes | None:
    """A clip's samples; None where the file is gone or damaged."""
    ready = _get(clip.name)
    if ready is not None:
        return ready
    read = sounds.recorded_samples if clip.kind == RECORDED else sounds.built_samples
    try:
        return _keep(clip.name, read(clip.path))
    except Exception:  # noqa: BLE001 - the others are played
        return None


def names_in(file: str) -> list[str]:
    """The clips that a file's name in an address asks for."""
    return file.split("-")
