"""The index of the clips of a home, the names of clips in URLs, and joining clips into one file."""

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
from ivr.speech import Unsuitable, sounds
from ivr.speech.sounds import ENGINES, text_beside, text_hash
from ivr.speech.wav import GAP, as_wav

RECORDED: Final = "recording"
DAMAGED: Final = "audio-damaged"
_NAME: Final = 16
"""Hexadecimal digits of a name. With 64 bits and a rate limit, names cannot be guessed."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound file of one text."""

    name: str
    """The name in URLs: an HMAC of the content's hash."""
    path: Path
    kind: str
    """RECORDED, or the name of the engine that built it."""
    size: int
    """Bytes of its samples at telephone quality."""

    @property
    def sound(self) -> Sound:
        return Sound(self.name, self.size)


def naming_secret(token: str) -> bytes:
    """Derive the HMAC key for the names of clips from the auth token, which all machines of a line share."""
    return hmac.digest(token.encode(), b"balielijn: the names of clips", "sha256")


def _name(secret: bytes, content: str) -> str:
    return hmac.digest(secret, content.encode(), "sha256").hex()[:_NAME]


@dataclass(frozen=True)
class Clips:
    """All clips of a home, as read at one moment."""

    by_text: Mapping[tuple[str, str], Clip] = field(default_factory=dict)
    """(language, hash of the text) → the preferred clip."""
    by_name: Mapping[str, Clip] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    """The files that cannot be played and the folders that cannot be listed, and why."""
    damaged_built: tuple[Path, ...] = ()
    """Built clips that cannot be decoded, perhaps half copied. To be passed to `fingerprint`."""

    @classmethod
    def read(cls, audio: Path, secret: bytes) -> "Clips":
        """Read a home's audio folder. A file that cannot be played gives a finding, and no exception.

        `secret`: the HMAC key of `naming_secret`.
        """
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
        damaged = (audio.parent / found.file for found in findings if found.code == DAMAGED)
        return cls(by_text, by_name, tuple(findings), tuple(damaged))

    @staticmethod
    def fingerprint(audio: Path, besides: Sequence[Path] = ()) -> tuple[tuple[str, int, int], ...]:
        """Return a value that changes with the recordings, the folders and the files in `besides`.

        A built clip that is overwritten does not change the value. No file is opened.
        """
        folders = [audio / kind / language for kind in ("recordings", "built") for language in LANGUAGES]
        files: list[Path] = []
        for language in LANGUAGES:
            folder = audio / "recordings" / language
            try:
                files += [folder / name for name in reading.listed(folder, FOLDER_ENTRIES)]
            except OSError:  # `read` reports it
                continue
        return tuple((str(path), *sounds.stamp(path)) for path in (*folders, *files, *besides))

    def find(self, phrase: Phrase) -> Clip | None:
        """Return the preferred clip of exactly this text: a recording, or else built speech. None if none."""
        return self.by_text.get((phrase.language, text_hash(phrase.text)))

    def sound(self, phrase: Phrase) -> Sound | None:
        """Return the sound of a phrase for a document. None if there is no clip."""
        clip = self.find(phrase)
        return clip.sound if clip else None

    def knows(self, names: Sequence[str]) -> bool:
        """Whether any of these clips exists. Nobody can guess a name: it comes from a document."""
        return any(name in self.by_name for name in names)

    def cached(self, names: Sequence[str]) -> bytes | None:
        """Return the result of `wav` if it is in the cache, without reading a file. None otherwise."""
        clips = self._named(names)
        return _get(tuple(names)) if clips is not None and len(clips) == len(names) else None

    def wav(self, names: Sequence[str], *, partly: bool = False) -> bytes | None:
        """Join clips into one WAV file. None if one is missing or damaged, or if they may not be joined.

        `partly`: join the clips that can be read, and return None if there are none.
        """
        clips = self._named(names)
        key = tuple(names)
        if not clips or not (partly or len(clips) == len(names)):
            return None
        if (cached := _get(key)) is not None:
            return cached
        samples = [found for clip in clips if (found := _samples(clip)) is not None]
        whole = len(samples) == len(names)
        if not samples or not (whole or partly) or sum(map(len, samples)) > PLAY_BYTES:
            return None
        wav = as_wav(GAP.join(samples))
        return _put(key, wav) if whole else wav

    def text(self, names: Sequence[str]) -> str | None:
        """Return the text of clips, separated by spaces. None if a clip is missing."""
        clips = self._named(names) or []
        texts = [text_beside(clip.path) for clip in clips]
        return " ".join(text for text in texts if text) if texts and len(texts) == len(names) else None

    def _named(self, names: Sequence[str]) -> list[Clip] | None:
        """Return those of these clips that exist. None if they may not be joined (`fits`)."""
        if len(names) > PLAY_PIECES or len(set(names)) < len(names):
            return None
        clips = [self.by_name[name] for name in names if name in self.by_name]
        return clips if fits([clip.sound for clip in clips]) else None


_Found = Iterator[tuple[str, Clip] | Finding]
"""Pairs of a text's hash and its clip, and findings for files that cannot be played."""


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
        except Exception as error:  # noqa: BLE001 - a decoder may raise anything; other files are not affected
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
    for each in sorted(found, key=lambda each: ENGINES.index(each.engine)):
        try:
            size = sounds.built_size(each.path)
            clip = Clip(_name(secret, each.content_hash), each.path, each.engine, size)
        except Exception as error:  # noqa: BLE001 - a decoder may raise anything; other files are not affected
            yield _broken(audio, each.path, DAMAGED, error)
        else:
            yield (each.text_hash, clip) if fits([clip.sound]) else _broken(audio, each.path, "audio-long")


def _unlisted(folder: str, error: OSError, most: int) -> Finding:
    crowded = isinstance(error, reading.Crowded)
    return Finding("folder-large", folder, values={"most": most}) if crowded else broken(folder, error)


def _broken(audio: Path, path: Path, code: str, error: Exception | None = None) -> Finding:
    too_much = isinstance(error, Unsuitable | reading.TooLarge)
    file = path.relative_to(audio.parent).as_posix()
    return Finding(
        "audio-long" if too_much else code,
        file,
        values={"text": path.name, "seconds": RECORDING_SECONDS},
        severity=Severity.WARNING,
    )


_cache: LRUCache[str | tuple[str, ...], bytes] = LRUCache(SOUND_BYTES, getsizeof=len)
"""Cache: name of a clip → its samples; names of joined clips → the WAV file. At most SOUND_BYTES."""
_lock = Lock()
"""Held during access to the cache, never while a file is read."""


def _get(key: str | tuple[str, ...]) -> bytes | None:
    with _lock:
        return _cache.get(key)


def _put(key: str | tuple[str, ...], sound: bytes) -> bytes:
    """Put a sound into the cache, unless another thread was faster. Return the cached sound."""
    with _lock:
        return _cache.setdefault(key, sound)


def _samples(clip: Clip) -> bytes | None:
    """Return a clip's samples. None if the file is missing or damaged."""
    cached = _get(clip.name)
    if cached is not None:
        return cached
    read = sounds.recorded_samples if clip.kind == RECORDED else sounds.built_samples
    try:
        return _put(clip.name, read(clip.path))
    except Exception:  # noqa: BLE001 - any damage; the other clips are played
        return None


def names_in(file: str) -> list[str]:
    """Split the file name of a URL, without its suffix, into names of clips."""
    return file.split("-")
