"""A telephone in the terminal: shows and plays what the line says, and reads keys at any moment."""

import os
import select
import shutil
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Final, TextIO

from ivr import translations
from ivr.exchange.narration import narrate
from ivr.exchange.people import HANG_UP, KEYS, OUTCOMES, HungUp, Rung, rung
from ivr.exchange.transcript import CallerHears, CallEvent

PLAYERS: Final = (
    ("aplay", "-q", "-"),
    ("paplay",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet", "-"),
    ("play", "-q", "-t", "wav", "-"),
)
"""Commands that play a WAV file from standard input. The first one that is installed is used."""
_INTERRUPTED: Final = "\x03"


@contextmanager
def keyboard(stream: TextIO) -> Iterator["Keyboard"]:
    """Read single keys of a terminal without Enter. Its settings are restored at the end.

    Raises termios.error if `stream` is no terminal.
    """
    before = termios.tcgetattr(stream)
    tty.setcbreak(stream)
    try:
        yield Keyboard(stream.fileno())
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)


class Keyboard:
    """Single keys of a terminal in cbreak mode."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def key(self, seconds: float) -> str | None:
        """Return the next key within `seconds`, or None. The end of input is HANG_UP, and so is byte 3.

        In cbreak mode Ctrl-C does not send this byte: it raises KeyboardInterrupt.
        """
        if not select.select([self._descriptor], [], [], max(seconds, 0))[0]:
            return None
        pressed = os.read(self._descriptor, 1).decode(errors="replace")
        return HANG_UP if pressed in {"", _INTERRUPTED} else pressed


class DeskPhone:
    """A Caller: the person at the terminal."""

    def __init__(
        self,
        keys: Keyboard,
        language: str,
        out: TextIO = sys.stdout,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._language = language
        self._out = out
        self._player = next((command for command in PLAYERS if shutil.which(command[0])), None)
        self._monotonic = monotonic
        self._began = monotonic()

    @property
    def player(self) -> str | None:
        """The program that plays sound; None where none is installed."""
        return self._player[0] if self._player else None

    def hears(self, text: str, wav: bytes | None, seconds: float, *, listening: bool) -> str | None:
        """Play the sound and show the text word by word, as fast as it is spoken."""
        self._out.write(f"\n{self._time()}  ")
        spoken = text.split() or [""]
        with self._playing(wav):
            began = self._monotonic()
            for number, word in enumerate(spoken, start=1):
                self._out.write(f"{word} ")
                self._out.flush()
                end = began + seconds * number / len(spoken)
                if key := self._pressed_before(end, listening=listening):
                    return key
        return None

    def waits(self, seconds: int) -> str | None:
        self._out.write(" ▮")
        self._out.flush()
        return self._pressed_before(self._monotonic() + seconds)

    def sees(self, event: CallEvent) -> None:
        if not isinstance(event, CallerHears):
            self._out.write(f"\n{self._time()}  {narrate(event, self._language)}")
            self._out.flush()

    def _pressed_before(self, end: float, *, listening: bool = True) -> str | None:
        """Return the first key of KEYS where `listening`; None at `end` (monotonic seconds)."""
        while (left := end - self._monotonic()) > 0:
            if (key := self._pressed(left)) and listening:
                return key
        return None

    def _pressed(self, seconds: float) -> str | None:
        """Return the key pressed within `seconds`; None for no key, or one that is not in KEYS."""
        key = self._keys.key(seconds)
        if key == HANG_UP:
            raise HungUp
        return key if key and key in KEYS else None

    def _time(self) -> str:
        minutes, seconds = divmod(int(self._monotonic() - self._began), 60)
        return f"{minutes:02}:{seconds:02}"

    @contextmanager
    def _playing(self, wav: bytes | None) -> Iterator[None]:
        """Play a sound during the with statement, and stop it at the end: a key stops the speech."""
        if wav is None or self._player is None:
            yield
            return
        with TemporaryFile() as file:
            file.write(wav)
            file.seek(0)
            quiet = subprocess.DEVNULL
            player = subprocess.Popen(self._player, stdin=file, stdout=quiet, stderr=quiet)  # noqa: S603
            try:
                yield
            finally:
                player.terminate()
                player.wait()


class FarEndByHand:
    """FarEnds: the person at the terminal decides what each dialled telephone does."""

    def __init__(self, keys: Keyboard, language: str, out: TextIO = sys.stdout) -> None:
        self._keys = keys
        self._out = out
        self._question = translations.say("far-end-asks", language)
        self._names = {translations.say(f"far-end-{outcome}", language): outcome for outcome in OUTCOMES}

    def rings(self, endpoint: str, seconds: int, shown: str) -> Rung:
        del endpoint, shown
        choices = ", ".join(f"[{name[0]}]{name[1:]}" for name in self._names)
        self._out.write(f"\n       {self._question}  {choices}  ")
        self._out.flush()
        by_letter = {name[0]: outcome for name, outcome in self._names.items()}
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            key = self._keys.key(left)
            if key == HANG_UP:
                raise HungUp
            if key in by_letter:
                return rung(by_letter[key])
        return rung("no-answer")
