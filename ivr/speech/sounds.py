"""The sound files of a home: their paths, hashes and content. Each file is checked before it is used.

audio/recordings/<language>/<prompt>.wav                recorded by people
audio/built/<language>/<text>-<engine>-<content>.wav    built; <text> and <content> are hashes

A .txt file of the same name beside each holds the text that is spoken.

The listings of these folders are the index. A changed text has another hash, and no old file matches it.
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from ivr.disk import reading
from ivr.model.limits import BUILT_ENTRIES, FOLDER_ENTRIES, RECORDING_BYTES, TEXT_BYTES
from ivr.speech.wav import samples_in, size_in

ENGINES: Final = ("piper", "gtts", "espeak")
"""The preferred engine comes first."""
_HASH: Final = 16
"""Hexadecimal digits of a hash in a file name."""
_PARTS: Final = len(("text", "engine", "content"))


class Content(NamedTuple):
    """The hash and the length of a sound file."""

    hash: str
    size: int
    """Bytes of its samples in the line's format."""


class Built(NamedTuple):
    """A built file, and the parts of its name."""

    path: Path
    text_hash: str
    engine: str
    content_hash: str


def text_hash(text: str) -> str:
    """Return the first _HASH digits of the SHA-256 of a text in UTF-8."""
    return sha256(text.encode()).hexdigest()[:_HASH]


def content_hash(content: bytes) -> str:
    """Return the first _HASH digits of the SHA-256 of a file."""
    return sha256(content).hexdigest()[:_HASH]


def text_beside(path: Path) -> str | None:
    """Return the text in the .txt file beside a clip. None if there is none, or if it is not UTF-8."""
    try:
        return reading.read(path.with_suffix(".txt"), TEXT_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError):
        return None


def recordings(audio: Path, language: str) -> list[Path]:
    """List the recordings of a language, sorted by name. Raises reading.Crowded and other OSErrors."""
    folder = audio / "recordings" / language
    return [folder / name for name in reading.listed(folder, FOLDER_ENTRIES) if name.endswith(".wav")]


def built(audio: Path, language: str) -> Iterator[Built]:
    """List the built files of a language. Raises reading.Crowded and other OSErrors."""
    folder = audio / "built" / language
    for name in reading.listed(folder, BUILT_ENTRIES):
        parts = name.removesuffix(".wav").split("-")
        if name.endswith(".wav") and len(parts) == _PARTS:
            yield Built(folder / name, *parts)


def recorded_content(path: Path) -> Content:
    """Return the hash and the length of a recording. Raises Unsuitable, OSError or any other error."""
    return _recorded(path, *stamp(path))


def is_recording(path: Path) -> bool:
    """Whether a recording exists and can be decoded."""
    try:
        return recorded_content(path).size > 0
    except Exception:  # noqa: BLE001 - the decoder may raise anything
        return False


def built_size(path: Path) -> int:
    """Return the size of a built clip's samples in bytes. Raises OSError, ValueError and any error of `wave`.

    A file that was copied in part raises, because a caller would hear silence.
    """
    return _built(path, *stamp(path))


def is_whole(path: Path) -> bool:
    """Whether a built clip exists and is complete."""
    try:
        return built_size(path) > 0
    except Exception:  # noqa: BLE001 - `wave` may raise anything for a damaged file
        return False


def stamp(path: Path) -> tuple[int, int]:
    """Return time of change (ns) and size in bytes. A missing file has (0, -1)."""
    try:
        found = path.stat()
    except OSError:
        return 0, -1
    return found.st_ctime_ns, found.st_size


# lru_cache does not cache exceptions, so a repaired file is decoded again.
@lru_cache(maxsize=1024)
def _recorded(path: Path, _changed: int, _size: int) -> Content:
    content = reading.read(path, RECORDING_BYTES)
    return Content(content_hash(content), len(_decoded(content)))


@lru_cache(maxsize=65_536)
def _built(path: Path, _changed: int, file_bytes: int) -> int:
    with reading.opened(path, RECORDING_BYTES) as file:
        return size_in(file, file_bytes)


def recorded_samples(path: Path) -> bytes:
    """Decode a recording to samples in the line's format. Raises like `recorded_content`."""
    return _decoded(reading.read(path, RECORDING_BYTES))


def built_samples(path: Path) -> bytes:
    """Read the samples of a built clip. Raises like `built_size`."""
    return samples_in(reading.read(path, RECORDING_BYTES))


def _decoded(content: bytes) -> bytes:
    # Imported here, because numpy is large and a worker without recordings does not need it.
    from ivr.speech.sound import telephone_quality  # noqa: PLC0415

    return telephone_quality(content)
