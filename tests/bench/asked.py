"""What a caller waits for: how often our server is asked before a sound or a ring."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from support.homes import NOON, PUBLIC, TOKEN, make_home
from support.web import reach

from ivr.config.reading import read
from ivr.dialogue import all_phrases
from ivr.exchange.call import Exchange
from ivr.exchange.people import HungUp, ScriptedFarEnd
from ivr.exchange.wire import ReachedLine
from ivr.speech.build import build
from ivr.speech.engines import Espeak


class Counting:
    """A wire that notes what Twilio would fetch; a clip's words are for the desk phone alone."""

    def __init__(self, wire):
        self.wire, self.carried = wire, []

    def send(self, method, url, form, headers):
        if not urlsplit(url).path.endswith(".txt"):
            self.carried.append("audio" if "/audio/" in url else "document")
        return self.wire.send(method, url, form, headers)


class Listener:
    """Presses one key after each thing heard, and notes what was asked for between them and before a ring."""

    def __init__(self, wire, keys):
        self.wire, self.keys, self.asked = wire, iter(keys), []

    def _note(self):
        self.asked.append(self.wire.carried[:])
        self.wire.carried.clear()

    def hears(self, text, wav, seconds, *, listening):
        self._note()
        key = next(self.keys, None)
        if key is None:
            raise HungUp
        return key

    def waits(self, seconds):
        return None

    def sees(self, event):
        pass


class Ringing(ScriptedFarEnd):
    def __init__(self, listener):
        super().__init__({}, {})
        self.listener = listener

    def rings(self, endpoint, seconds, shown):
        self.listener._note()
        raise HungUp


def asked(home, keys):
    """What was asked for before each sound, and at last before the ring, if it comes to one."""
    reached = reach(home, NOON)
    wire = Counting(reached.wire)
    listener = Listener(wire, keys)
    Exchange(ReachedLine(wire, TOKEN, PUBLIC), Ringing(listener), {}).call(
        "+31200000199", "+31200000001", listener
    )
    return listener.asked


def spoken_home(folder):
    home = make_home(folder)
    line = read(home, NOON).line
    build(all_phrases.everything(line), home.audio, Espeak(), sleep=lambda _: None, progress=lambda _: None)
    return home


def count():
    with tempfile.TemporaryDirectory() as folder:
        home = spoken_home(Path(folder))
        first, after_a_key = asked(home, "1")
        *_, ring = asked(home, "33")
    for what, found, wanted in (
        ("before the first sound", first, ["document", "audio"]),
        ("between a key and the next sound", after_a_key, ["document", "audio"]),
        ("between the key for the police and the ring", ring, ["document"]),
    ):
        told = "met" if found == wanted else "NOT MET"
        print(f"requests {what}: {' + '.join(found)} (wanted: {' + '.join(wanted)}): {told}")
