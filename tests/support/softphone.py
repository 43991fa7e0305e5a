"""Telephones for the tests: Debian's baresip, each in a process of its own, and what one heard."""

import json
import socket
import time
import wave
from contextlib import contextmanager, suppress
from io import BytesIO
from ipaddress import IPv4Address, IPv4Network

import numpy as np

from ivr.speech.wav import RATE, as_wav
from ivr.telephone.endpoint import Endpoint, Settings
from ivr.telephone.stack import BaresipStack
from support.machines import PATIENCE, Program, free_port, needed

SHOWN = "+31200000001"
"""The caller ID that far ends see."""
QUIET = 300
"""Amplitude (of 32767) below which is silence: G.711 adds some noise to it."""


def tone(hertz, seconds, level=8000):
    """Samples of a tone."""
    times = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * times)).astype("<i2")


def sweep(seconds, seed=1):
    """Samples that are like themselves at one place only, as speech is: noise below 1500 Hz."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    smooth = np.convolve(noise, np.hanning(9), "same")
    return (6000 * smooth / np.abs(smooth).max() * 3).clip(-25000, 25000).astype("<i2")


def wav_of(samples):
    return as_wav(samples.astype("<i2").tobytes())


def place_of(clip, heard):
    """Where (in samples) a clip stands in what was heard, and how much it is like it there (1: the same)."""
    heard, clip = heard.astype(float), clip.astype(float)
    size = 1 << (len(heard) + len(clip)).bit_length()
    fits = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(clip, size)), size)
    place = int(np.argmax(fits[: max(len(heard) - len(clip), 0) + 1]))
    part = heard[place : place + len(clip)]
    clip = clip[: len(part)]
    return place, float(part @ clip / np.sqrt((part @ part) * (clip @ clip) + 1))


def strongest(heard, begin=0.0, end=None):
    """The strongest frequency (Hz) between two moments (seconds); 0 where it is silent."""
    part = heard[round(begin * RATE) : end and round(end * RATE)].astype(float)
    if len(part) < RATE // 10 or np.abs(part).max() < QUIET:
        return 0
    return round(np.argmax(np.abs(np.fft.rfft(part * np.hanning(len(part))))) * RATE / len(part))


def share_of(hertz, heard):
    """Which share of what was heard sounds mostly of this frequency, in parts of 100 ms."""
    parts = [heard[i : i + RATE // 10] for i in range(0, len(heard) - RATE // 10, RATE // 10)]
    return sum(abs(strongest(each) - hertz) <= 10 for each in parts) / max(len(parts), 1)


def loud(heard):
    """The places (in samples) of all that is no silence."""
    return np.flatnonzero(np.abs(heard) > QUIET)


class Softphone:
    """A telephone on loopback. It sends `plays` (samples, or silence) on and on, and keeps what it hears."""

    def __init__(
        self, folder, plays=None, *, name="desk", answers="manual", host="127.0.0.1", more="", account=""
    ):
        self.folder, self.host, self.name = folder, host, name
        self.port = free_port(2)  # baresip takes the next one too, for TLS
        (folder / "heard").mkdir(parents=True)
        control = free_port()
        sound = np.zeros(60 * RATE, "<i2") if plays is None else np.resize(plays, 60 * RATE)
        (folder / "plays.wav").write_bytes(wav_of(sound))
        modules = ["g711", "aufile", "sndfile"]
        apps = ["account", "menu", "ctrl_tcp"]
        (folder / "config").write_text(
            f"sip_listen {host}:{self.port}\nnet_interface {host}\nctrl_tcp_listen 127.0.0.1:{control}\n"
            f"audio_source aufile,{folder}/plays.wav\naudio_player aufile,{folder}/player\n"
            f"audio_alert aufile,{folder}/none\nring_aufile none\ncall_max_calls 30\n"
            f"rtp_ports 10000-20000\nsnd_path {folder}/heard\nmodule_path /usr/lib/baresip/modules\n{more}\n"
            + "".join(f"module {each}.so\n" for each in modules)
            + "".join(f"module_app {each}.so\n" for each in apps),
            "utf-8",
        )
        at = account or f"<sip:{name}@{host}>;regint=0"
        (folder / "accounts").write_text(f"{at};answermode={answers}\n", "utf-8")
        (folder / "contacts").touch()
        self.events, self._rest, self._control = [], b"", None
        self.program = Program([needed("baresip", "baresip-core"), "-f", str(folder)], folder / "log")
        try:
            self._connect(control)
        except BaseException:
            self.program.kill()
            raise

    @property
    def uri(self):
        return f"sip:{self.name}@{self.host}:{self.port}"

    def _connect(self, port):
        def listens():
            with suppress(OSError):
                self._control = socket.create_connection(("127.0.0.1", port), 1)
                return True
            return False

        self.program.until(listens)

    def _say(self, command, parameters=""):
        text = json.dumps({"command": command, "params": parameters, "token": "t"}).encode()
        self._control.sendall(b"%d:%s," % (len(text), text))

    def dial(self, uri):
        self._say("dial", uri)

    def answer(self):
        self._say("accept")

    def hang_up(self):
        self._say("hangup")

    def press(self, key):
        self._say("sndcode", key)

    def hold(self):
        self._say("hold")

    def resume(self):
        self._say("resume")

    def until(self, kind, seconds=PATIENCE, *, count=1):
        """Wait until an event of this kind happened `count` times; the last of them."""
        end = time.monotonic() + seconds
        while len(self.all(kind)) < count:
            assert time.monotonic() < end, (kind, self.events, self.program.said()[-2000:])
            self._take(0.05)
        return self.all(kind)[count - 1]

    def all(self, kind):
        self._take(0)
        return [each for each in self.events if each["type"] == kind]

    def _take(self, seconds):
        self._control.settimeout(max(seconds, 0.001))
        with suppress(TimeoutError):
            self._rest += self._control.recv(65536)
        while b":" in self._rest:
            length, _, rest = self._rest.partition(b":")
            if len(rest) <= int(length):
                break
            event = json.loads(rest[: int(length)])
            self._rest = rest[int(length) + 1 :]
            if "type" in event:
                self.events.append(event)

    def _file(self):
        files = sorted(self.folder.glob("heard/*-dec.wav"), key=lambda each: each.stat().st_mtime_ns)
        return files[-1] if files else None

    def hears_by_now(self):
        """How many samples this call has heard until now."""
        file = self._file()
        return max(file.stat().st_size - 44, 0) // 2 if file else 0

    def heard(self):
        """All that was heard in the last call, once it is over."""
        self.until("CALL_CLOSED")
        end = time.monotonic() + 2
        while True:
            whole = self._file().read_bytes()
            # The size in the header is written when the file is closed, a moment after the call.
            if int.from_bytes(whole[40:44], "little") or time.monotonic() > end:
                return np.frombuffer(whole[44:], "<i2")
            time.sleep(0.01)

    def close(self):
        with suppress(OSError):
            self._control.close()
        self.program.kill()


class Office:
    """An endpoint on loopback, in this process. `lead` leads each call."""

    def __init__(self, lead, *, peers=("127.0.0.0/8",), **more):
        self.port = free_port()
        networks = tuple(map(IPv4Network, peers))
        settings = Settings(IPv4Address("127.0.0.1"), self.port, networks, **more)
        self.endpoint = Endpoint(settings, lead, BaresipStack).__enter__()

    def at(self, user="voorbeeldstad"):
        """The URI of a user here."""
        return f"sip:{user}@127.0.0.1:{self.port}"

    def is_empty(self):
        """Wait until no call is left."""
        end = time.monotonic() + PATIENCE
        while self.endpoint.calls:
            assert time.monotonic() < end, "a call goes on"
            time.sleep(0.02)

    def close(self):
        self.endpoint.__exit__(None, None, None)


def plays(call, samples, *, listening=False):
    """Let the caller of a call hear samples; the key pressed meanwhile."""
    return call.caller.hears("", wav_of(samples), len(samples) / RATE, listening=listening)


def rings(call, telephone, seconds=20):
    """Ring a telephone for a call."""
    return call.far_ends(lambda _: telephone.uri).rings(SHOWN, seconds, SHOWN)


@contextmanager
def softphones():
    """Makes telephones, and ends all of them."""
    made = []

    def make(*arguments, **more):
        made.append(Softphone(*arguments, **more))
        return made[-1]

    try:
        yield make
    finally:
        for each in made:
            each.close()


def samples_of(wav):
    with wave.open(BytesIO(wav)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
