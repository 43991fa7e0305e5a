"""The sound files of a home, each looked at before it is trusted: whatever one is, it costs itself alone.

audio/recordings/<language>/<prompt>.wav                recorded by people
audio/built/<language>/<text>-<engine>-<content>.wav    built; <text> and <content> are hashes

A .txt of the same name beside each holds the very text that it says.

So a listing of two folders is the whole index, and a text that changed never finds an old file.
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from ivr.disk import reading
from ivr.model.limits import BUILT_ENTRIES, FOLDER_ENTRIES, RECORDING_BYTES, TEXT_BYTES
from ivr.speech.wav import samples_in, size_in

ENGINES: Final = ("gtts", "espeak")
"""The better voice first."""
_HASH: Final = 16
_PARTS: Final = len(("text", "engine", "content"))


class Content(NamedTuple):
    """What is in a sound file."""

    hash: str
    size: int
    """Bytes of its samples at telephone quality."""


class Built(NamedTuple):
    """What the name of a built file tells."""

    path: Path
    text: str
    engine: str
    content: str


def text_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_HASH]


def content_hash(content: bytes) -> str:
    return sha256(content).hexdigest()[:_HASH]


def text_beside(path: Path) -> str | None:
    """The text that a clip was made for, as noted beside it."""
    try:
        return reading.read(path.with_suffix(".txt"), TEXT_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError):
        return None


def recordings(audio: Path, language: str) -> list[Path]:
    """The recordings of a language, in order. Raises reading.Crowded and other OSErrors."""
    folder = audio / "recordings" / language
    return [folder / name for name in reading.listed(folder, FOLDER_ENTRIES) if name.endswith(".wav")]


def built(audio: Path, language: str) -> Iterator[Built]:
    """The built files of a language. Raises reading.Crowded and other OSErrors."""
    folder = audio / "built" / language
    for name in reading.listed(folder, BUILT_ENTRIES):
        parts = name.removesuffix(".wav").split("-")
        if name.endswith(".wav") and len(parts) == _PARTS:
            yield Built(folder / name, *parts)


def recorded_content(path: Path) -> Content:
    """What is in a recording. Raises TooLong, OSError, and whatever a file brings about that is no sound."""
    return _recorded(path, *stamp(path))


def is_recording(path: Path) -> bool:
    """Whether a recording can be played."""
    try:
        return recorded_content(path).size > 0
    except Exception:  # noqa: BLE001 - what decodes it raises whatever it likes
        return False


def built_size(path: Path) -> int:
    """Bytes of the samples of a built clip. Raises ValueError and others where it is not whole, and OSError.

    One that was copied by halves would be silence for a caller.
    """
    return _built(path, *stamp(path))


def is_whole(path: Path) -> bool:
    """Whether a built clip is all there."""
    try:
        return built_size(path) > 0
    except Exception:  # noqa: BLE001 - the wave module raises whatever it likes
        return False


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does; the same for all that are not there."""
    try:
        found = path.stat()
    except OSError:
        return 0, -1
    return found.st_ctime_ns, found.st_size


# What is raised is not kept: a file that is mended is played again.
@lru_cache(maxsize=1024)
def _recorded(path: Path, _changed: int, _size: int) -> Content:
    content = reading.read(path, RECORDING_BYTES)
    return Content(content_hash(content), len(_decoded(content)))


@lru_cache(maxsize=65_536)
def _built(path: Path, _changed: int, there: int) -> int:
    with reading.opened(path, RECORDING_BYTES) as file:
        return size_in(file, there)


def recorded_samples(path: Path) -> bytes:
    """The samples of a recording at telephone quality. Raises as `recorded_content`."""
    return _decoded(reading.read(path, RECORDING_BYTES))


def built_samples(path: Path) -> bytes:
    """The samples of a built clip. Raises as `built_size`."""
    return samples_in(reading.read(path, RECORDING_BYTES))


def _decoded(content: bytes) -> bytes:
    # Only here: a worker without recordings need not carry numpy.
    from ivr.speech.sound import telephone_quality  # noqa: PLC0415

    return telephone_quality(content)
