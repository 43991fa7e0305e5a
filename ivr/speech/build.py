"""Building missing speech with an engine, and binding recordings to texts."""

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
"""Requests for one phrase, at most."""
FIRST_WAIT: Final = 1.0
"""Seconds to wait after the first refusal. The wait doubles with each further one."""
LONGEST_WAIT: Final = 60.0
"""Seconds to wait at most, even if the service asks for more."""
_MODE: Final = 0o666
"""Permissions of a clip, before the umask. The line may run as another user than the one who builds."""


class NoSound(Exception):
    """A recording that cannot be decoded."""


@dataclass(slots=True)
class BuildResult:
    """The result of a build, with numbers of phrases."""

    built: int = 0
    already: int = 0
    """Phrases that had a recording or a clip before."""
    failed: list[tuple[Phrase, str]] = field(default_factory=list)
    """Phrases that the engine refused TRIES times, and why."""
    unreachable: str = ""
    """Why the build stopped: the engine's service could not be reached. Empty if it did not stop."""


def build(
    phrases: Iterable[Phrase],
    audio: Path,
    engine: Engine,
    *,
    sleep: Callable[[float], None],
    progress: Callable[[Phrase], None],
) -> BuildResult:
    """Build each phrase that has neither a recording nor a clip of this engine.

    `audio`: the home's audio folder. `sleep`: sleeps for a number of seconds. `progress`: called after each
    phrase.
    Stops at the first phrase for which the engine is unreachable. Raises OSError if a file cannot be written.
    """
    result = BuildResult()
    for phrase in dict.fromkeys(phrases):
        if _has(audio, phrase, engine):
            result.already += 1
        else:
            try:
                _write(audio, phrase, engine.name, _speak(phrase, engine, sleep))
                result.built += 1
            except EngineRefused as error:
                result.failed.append((phrase, str(error)))
            except Unreachable as error:
                result.unreachable = str(error)
                return result
        progress(phrase)
    return result


def spoken(engine: Engine, text: str, language: str) -> bytes:
    """Return a text as one WAV file in the line's format. Raises EngineRefused or Unreachable."""
    samples, rate = engine.speak(text, language)
    return as_wav(to_samples(even(samples, rate)))


def _has(audio: Path, phrase: Phrase, engine: Engine) -> bool:
    file = audio / "recordings" / phrase.language / f"{phrase.prompt}.wav"
    if text_beside(file) == phrase.text and is_recording(file):
        return True
    built = audio / "built" / phrase.language
    return any(is_whole(path) for path in built.glob(f"{text_hash(phrase.text)}-{engine.name}-*.wav"))


def _speak(phrase: Phrase, engine: Engine, sleep: Callable[[float], None]) -> bytes:
    """Ask an engine up to TRIES times. Raises the last EngineRefused, or Unreachable."""
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
    # The text first, because a clip is in use as soon as its .wav exists.
    write_whole(path.with_suffix(".txt"), phrase.text.encode(), mode=_MODE)
    write_whole(path, wav, mode=_MODE)


def sweep(audio: Path) -> None:
    """Remove the unfinished files of a build that was killed. `audio`: the home's audio folder."""
    for unfinished in (audio / "built").glob(f"*/*{UNFINISHED}"):
        unfinished.unlink(missing_ok=True)


def bind(audio: Path, language: str, prompt: str, text: str) -> None:
    """Write a text into the .txt file beside the recording of a prompt: what the recording says.

    Raises FileNotFoundError if there is no recording, NoSound if it cannot be decoded, and other OSErrors.
    """
    path = audio / "recordings" / language / f"{prompt}.wav"
    if path not in recordings(audio, language):
        raise FileNotFoundError(path)
    if not is_recording(path):
        raise NoSound(path)
    write_whole(path.with_suffix(".txt"), f"{text}\n".encode(), mode=_MODE)
