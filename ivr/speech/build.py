"""Building the speech that is missing, without ever leaving half a file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ivr.disk.writing import UNFINISHED, write_whole
from ivr.model.phrase import Phrase
from ivr.speech.engines import Engine, EngineRefused, Unreachable
from ivr.speech.sound import even
from ivr.speech.sounds import content_hash, is_recording, is_whole, recordings, text_beside, text_hash
from ivr.speech.wav import as_wav, to_samples

TRIES: Final = 5
FIRST_WAIT: Final = 1.0
"""Seconds after the first refusal; each further one doubles it."""
LONGEST_WAIT: Final = 60.0
_MODE: Final = 0o666
"""Permissions of a clip, less the umask: the line may run as another user than who builds."""


class NoSound(Exception):
    """A recording that cannot be read, or is no sound."""


@dataclass(slots=True)
class BuildResult:
    """What a build did."""

    built: int = 0
    already: int = 0
    failed: list[tuple[Phrase, str]] = field(default_factory=list)
    unreachable: str = ""
    """Why the service could not be reached, where the build stopped for that."""


def build(
    phrases: Iterable[Phrase],
    audio: Path,
    engine: Engine,
    *,
    sleep: Callable[[float], None],
    progress: Callable[[Phrase], None],
) -> BuildResult:
    """Build what has neither a recording nor a clip of this engine; stop where nobody can be reached."""
    outcome = BuildResult()
    for phrase in dict.fromkeys(phrases):
        if _has(audio, phrase, engine):
            outcome.already += 1
        else:
            try:
                _write(audio, phrase, engine.name, _speak(phrase, engine, sleep))
                outcome.built += 1
            except EngineRefused as error:
                outcome.failed.append((phrase, str(error)))
            except Unreachable as error:
                outcome.unreachable = str(error)
                return outcome
        progress(phrase)
    return outcome


def spoken(engine: Engine, text: str, language: str) -> bytes:
    """A text as one WAV at the line's quality. Raises EngineRefused or Unreachable."""
    samples, rate = engine.speak(text, language)
    return as_wav(to_samples(even(samples, rate)))


def _has(audio: Path, phrase: Phrase, engine: Engine) -> bool:
    file = audio / "recordings" / phrase.language / f"{phrase.prompt}.wav"
    if text_beside(file) == phrase.text and is_recording(file):
        return True
    built = audio / "built" / phrase.language
    return any(is_whole(path) for path in built.glob(f"{text_hash(phrase.text)}-{engine.name}-*.wav"))


def _speak(phrase: Phrase, engine: Engine, sleep: Callable[[float], None]) -> bytes:
    """Ask an engine with patience. Raises the last refusal."""
    for attempt in range(TRIES):
        try:
            return spoken(engine, phrase.text, phrase.language)
        except EngineRefused as error:
            if attempt == TRIES - 1:
                raise
            sleep(min(max(error.wait, FIRST_WAIT * 2**attempt), LONGEST_WAIT))
    raise AssertionError("the last try returns or raises")


def _write(audio: Path, phrase: Phrase, engine: str, wav: bytes) -> None:
    folder = audio / "built" / phrase.language
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{text_hash(phrase.text)}-{engine}-{content_hash(wav)}.wav"
    # The text first: a clip is there as soon as its .wav is.
    write_whole(path.with_suffix(".txt"), phrase.text.encode(), mode=_MODE)
    write_whole(path, wav, mode=_MODE)


def sweep(audio: Path) -> None:
    """Remove what a build left that was ended by force."""
    for unfinished in (audio / "built").glob(f"*/*{UNFINISHED}"):
        unfinished.unlink(missing_ok=True)


def bind(audio: Path, language: str, prompt: str, text: str) -> None:
    """Note that a recording was made for this text.

    Raises FileNotFoundError where there is no recording, and NoSound where it cannot be played.
    """
    path = audio / "recordings" / language / f"{prompt}.wav"
    if path not in recordings(audio, language):
        raise FileNotFoundError(path)
    if not is_recording(path):
        raise NoSound(path)
    write_whole(path.with_suffix(".txt"), f"{text}\n".encode(), mode=_MODE)
