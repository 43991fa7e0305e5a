"""Speech engines: espeak-ng on this machine, and Google's service through gTTS."""

import ctypes
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from threading import Lock
from typing import Any, Final, Protocol

import espeakng_loader
import numpy as np
import requests
import soundfile
from gtts import gTTS, gTTSError
from gtts.tokenizer.symbols import ALL_PUNC
from urllib3.exceptions import NewConnectionError

from ivr.model.languages import LANGUAGES
from ivr.model.phrase import PAUSE
from ivr.speech.sound import Samples
from ivr.speech.wav import RATE

PAUSE_SECONDS: Final = 0.4
"""Duration of PAUSE in built speech."""


class EngineRefused(Exception):
    """The service refused, or the connection broke; the request may be repeated.

    `wait`: the seconds to wait that the service asked for, or 0.
    """

    def __init__(self, why: str, wait: float = 0) -> None:
        super().__init__(why)
        self.wait = wait


class Unreachable(Exception):
    """The service cannot be reached, or voices are missing. Repeating the request is useless."""


class Engine(Protocol):
    """Converts text to speech."""

    name: str

    def speak(self, text: str, language: str) -> tuple[Samples, int]:
        """Return mono samples (full scale 1.0) and their rate in Hz. Raises EngineRefused or Unreachable."""


def with_pauses(parts: list[Samples], rate: int) -> Samples:
    """Join samples with PAUSE_SECONDS of silence between them; without any, that silence. `rate`: in Hz."""
    silence = np.zeros(int(PAUSE_SECONDS * rate), dtype=np.float32)
    joined: list[Samples] = []
    for part in parts:
        joined += [silence, part]
    return np.concatenate(joined[1:] or [silence])


def between_pauses(text: str) -> list[str]:
    """Split a text at its pause marks. Parts without words are dropped."""
    # gTTS raises AssertionError for a text of punctuation alone.
    return [part.strip() for part in text.split(PAUSE) if part.strip(f"{ALL_PUNC} ")]


class Espeak:
    """espeak-ng, with library and voices from the package espeakng-loader. It needs no network."""

    name = "espeak"
    _lock = Lock()  # the library has one voice and one callback per process

    def speak(self, text: str, language: str) -> tuple[Samples, int]:
        with self._lock:
            library, rate = _espeak()
            library.espeak_SetVoiceByName(LANGUAGES[language].espeak.encode())
            return with_pauses([_synthesise(library, part) for part in between_pauses(text)], rate), rate


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_SYNCHRONOUS: Final = 2
_UTF8: Final = 1
_FULL_SCALE: Final = 2**15


@cache
def _espeak() -> tuple[Any, int]:
    """Load and initialise the library; return it and its sampling rate in Hz."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    path = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, path, 0)
    if rate <= 0:
        raise Unreachable("espeak-ng's voices are not there")
    return library, rate


def _synthesise(library: Any, text: str) -> Samples:
    chunks: list[Samples] = []

    def take(samples: Any, count: int, _events: Any) -> int:
        if samples and count:
            chunks.append(
                np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / np.float32(_FULL_SCALE)
            )
        return 0

    callback = _Callback(take)
    library.espeak_SetSynthCallback(callback)
    encoded = text.encode()
    library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _UTF8, None, None)
    return np.concatenate(chunks) if chunks else np.zeros(0, dtype=np.float32)


class Gtts:
    """Google's service through gTTS. Only the text is sent to Google."""

    name = "gtts"

    def __init__(self, address: str | None = None, timeout: float = 15) -> None:
        """`address`: the URL of another service with the same interface. `timeout`: seconds for a request."""
        self._address = address
        self._timeout = timeout

    def speak(self, text: str, language: str) -> tuple[Samples, int]:
        parts, rate = [], RATE
        for part in between_pauses(text):
            samples, rate = _decoded(self._ask(part, language))
            parts.append(samples)
        return with_pauses(parts, rate), rate

    def _ask(self, text: str, language: str) -> bytes:
        service = _GttsAt(
            self._address, text, lang=language, tld=LANGUAGES[language].gtts_domain, timeout=self._timeout
        )
        try:
            mp3 = b"".join(service.stream())
        except gTTSError as error:
            raise _converted(error) from error
        except requests.RequestException as error:
            raise EngineRefused(type(error).__name__) from error
        if not mp3:
            raise EngineRefused("an empty answer")
        return mp3


def _decoded(mp3: bytes) -> tuple[Samples, int]:
    """Return the mono samples of an answer and their rate in Hz. Raises EngineRefused if it is no sound."""
    try:
        samples, rate = soundfile.read(BytesIO(mp3), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise EngineRefused("an answer that is no sound") from error
    return samples.mean(axis=1), rate


class _GttsAt(gTTS):  # type: ignore[misc]  # gtts has no types
    """gTTS that can send its requests to another URL."""

    def __init__(self, address: str | None, text: str, **options: Any) -> None:
        super().__init__(text, lang_check=False, **options)
        self._address = address

    def _prepare_requests(self) -> Iterator[Any]:
        for request in super()._prepare_requests():
            if self._address:
                request.url = f"{self._address.rstrip('/')}{request.path_url}"
            yield request


def _converted(error: gTTSError) -> EngineRefused | Unreachable:
    """Convert an error of gTTS: EngineRefused if a repetition may succeed, else Unreachable."""
    if error.rsp is not None:
        wait = str(error.rsp.headers.get("Retry-After", ""))
        return EngineRefused(f"answer {error.rsp.status_code}", float(wait) if wait.isdigit() else 0)
    cause = error.__context__
    reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
    if isinstance(reason, NewConnectionError):
        return Unreachable("no connection")
    return EngineRefused("the connection broke")
