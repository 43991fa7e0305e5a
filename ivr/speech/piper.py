"""The engine piper: neural voices on this machine, from files that the operator fetched.

piper-tts is GPL-3.0 and so a program of its own: it is started, never imported.
Voices and their files: https://github.com/OHF-Voice/piper1-gpl/blob/main/docs/VOICES.md
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import soundfile

from ivr.disk import reading
from ivr.model.languages import LANGUAGES
from ivr.speech.engines import Unreachable, between_pauses, with_pauses
from ivr.speech.sound import Samples
from ivr.speech.wav import RATE

_SETTINGS_BYTES: Final = 1_000_000
"""Size in bytes of the file beside a voice, at most. Those of piper-voices have 5 to 8 kB."""
_VOICE_BYTES: Final = 500_000_000
"""Size in bytes of a voice, at most. The largest of piper-voices have 140 MB."""
_WHY: Final = 200
"""Characters of the program's last line that are passed on, at most."""


class VoiceRefused(Exception):
    """A voice cannot be used.

    `why`: the name of a sentence in ivr/translations. `file`: the file that it is about.
    """

    def __init__(self, why: str, file: Path) -> None:
        super().__init__(f"{file}: {why}")
        self.why = why
        self.file = file


def beside_python() -> Path:
    """Return where pip puts the program. Debian's package `piper` is another program of that name."""
    return Path(sys.executable).with_name("piper")


def voices_of(files: Iterable[Path]) -> Mapping[str, Path]:
    """Return language → voice. Raises VoiceRefused.

    The file `<voice>.json` beside a voice holds its language.
    """
    voices: dict[str, Path] = {}
    for file in files:
        language = _language(file)
        if language in voices:
            raise VoiceRefused("voice-twice", file)
        voices[language] = file
    return voices


def _language(voice: Path) -> str:
    settings = voice.with_name(f"{voice.name}.json")
    for file, most in ((voice, _VOICE_BYTES), (settings, _SETTINGS_BYTES)):
        try:
            with reading.opened(file, most):
                pass
        except OSError:
            raise VoiceRefused("voice-file-missing", file) from None
    try:
        found = json.loads(reading.read(settings, _SETTINGS_BYTES))
        code = str((found.get("language") or {}).get("code") or found["espeak"]["voice"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise VoiceRefused("voice-settings-unreadable", settings) from None
    language = code.replace("_", "-").partition("-")[0].lower()
    if language not in LANGUAGES:
        raise VoiceRefused("voice-other-language", settings)
    return language


class Piper:
    """The program piper with one voice for each language. It needs no network."""

    name = "piper"

    def __init__(self, voices: Mapping[str, Path], program: Path, timeout: float = 120) -> None:
        """`voices`: language → the file of a voice. `timeout`: seconds for one text."""
        self._voices = voices
        self._program = program
        self._timeout = timeout

    def speak(self, text: str, language: str) -> tuple[Samples, int]:
        """Start the program for a text. Raises Unreachable: a repetition would fail like the first time."""
        parts = between_pauses(text)
        if not parts:
            return with_pauses([], RATE), RATE
        with TemporaryDirectory(prefix="balielijn-") as folder:
            self._run(parts, self._voices[language], folder)
            sounds = [_read(file) for file in sorted(Path(folder).iterdir(), key=_made)]
        if len(sounds) != len(parts) or len({rate for _, rate in sounds}) != 1:
            raise Unreachable("another number of sounds than texts")
        return with_pauses([samples for samples, _ in sounds], sounds[0][1]), sounds[0][1]

    def _run(self, parts: list[str], voice: Path, folder: str) -> None:
        """Have the program write one sound for each part, in their order, named after a rising clock."""
        lines = "".join(f"{' '.join(part.split())}\n" for part in parts)
        try:
            done = subprocess.run(  # noqa: S603 - the program that the operator installed, without a shell
                [self._program, "--model", voice.absolute(), "--output-dir", folder],
                input=lines,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=self._timeout,
                cwd=folder,
                env={name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL"}},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unreachable(f"no sound in {self._timeout:g} s") from None
        except OSError as error:
            raise Unreachable(error.strerror or type(error).__name__) from None
        if done.returncode:
            told = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise Unreachable(told[-1][:_WHY])


def _made(file: Path) -> tuple[int, str]:
    """Sort numbers in names of different lengths by their value."""
    return len(file.stem), file.stem


def _read(file: Path) -> tuple[Samples, int]:
    try:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except soundfile.SoundFileError:
        raise Unreachable("an answer that is no sound") from None
    return samples.mean(axis=1), rate
