"""The desk phone in a real terminal: keys at any moment, and the terminal put right afterwards."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

import pytest
from support.machines import PATIENCE

pytestmark = pytest.mark.slow


class Terminal:
    """`ivr call` in a terminal of its own."""

    def __init__(self, home, *arguments):
        self.ours, theirs = pty.openpty()
        self.before = termios.tcgetattr(theirs)
        self.shown = ""
        command = [sys.executable, "-m", "ivr", "--home", str(home.root), "call", *arguments]
        self.program = subprocess.Popen(  # noqa: S603
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "PATH": ""},
            start_new_session=True,
        )
        self.theirs = theirs

    def read_until(self, words):
        end = time.monotonic() + PATIENCE
        while words not in " ".join(self.shown.split()):
            assert time.monotonic() < end, f"{words!r} never came in: {self.shown}"
            if select.select([self.ours], [], [], 0.1)[0]:
                self.shown += os.read(self.ours, 4096).decode(errors="replace")

    def press(self, key):
        os.write(self.ours, key.encode())

    def is_as_before(self):
        return termios.tcgetattr(self.theirs) == self.before

    def close(self):
        self.program.kill()
        self.program.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def call(home):
    opened = []

    def start(*arguments):
        opened.append(Terminal(home, *arguments))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def test_a_key_stops_the_speech_and_the_far_end_does_as_you_say(call):
    terminal = call("--municipality", "voorbeeldstad")
    terminal.read_until("Balielijn mensenhandel.")
    terminal.press("3")
    terminal.read_until("Ik bel de politie.")
    assert "anoniem te melden" not in terminal.shown  # the menu was cut short
    terminal.press("3")  # the same key: ring at once
    terminal.read_until("Wat doet de andere kant? [n]eemt op")
    terminal.press("n")
    terminal.read_until("De lijn beëindigt het gesprek.")
    assert terminal.program.wait(PATIENCE) == 0
    assert terminal.is_as_before()


def test_h_hangs_up(call):
    terminal = call("--municipality", "voorbeeldstad")
    terminal.read_until("Balielijn")
    terminal.press("h")
    terminal.read_until("U hebt opgehangen.")
    assert terminal.program.wait(PATIENCE) == 0
    assert terminal.is_as_before()


def test_ctrl_c_hangs_up_and_puts_the_terminal_right(call):
    terminal = call("--municipality", "voorbeeldstad")
    terminal.read_until("Balielijn")
    terminal.program.send_signal(signal.SIGINT)
    assert terminal.program.wait(PATIENCE) == 130
    assert terminal.is_as_before()
    terminal.read_until("U hebt opgehangen.")
    assert "Traceback" not in terminal.shown


def test_ctrl_c_hangs_up_while_a_telephone_rings(call):
    terminal = call("--municipality", "voorbeeldstad")
    terminal.read_until("Balielijn")
    terminal.press("3")
    terminal.read_until("Ik bel de politie.")
    terminal.press("3")
    terminal.read_until("Wat doet de andere kant?")
    terminal.program.send_signal(signal.SIGINT)
    assert terminal.program.wait(PATIENCE) == 130
    assert terminal.is_as_before()
    terminal.read_until("U hebt opgehangen.")


def test_of_several_municipalities_it_asks_which_and_ctrl_c_ends_that_too(call):
    terminal = call()
    terminal.read_until("Welke gemeente?:")
    terminal.press("dorp\n")
    terminal.read_until("Balielijn mensenhandel.")
    terminal.press("h")
    assert terminal.program.wait(PATIENCE) == 0
    other = call()
    other.read_until("Welke gemeente?:")
    other.program.send_signal(signal.SIGINT)
    assert other.program.wait(PATIENCE) == 130
    other.read_until("Afgebroken.")
