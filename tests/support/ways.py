"""Lines that are really served, and the ways by which a call comes to them: past no proxy, nginx or Caddy."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import requests
from bench.slow import IDLE, reader, slow_clients, writer
from twilio.request_validator import RequestValidator

from ivr.config.reading import read
from ivr.dialogue import all_phrases
from ivr.exchange import grammar
from ivr.speech.build import build
from ivr.speech.engines import Espeak
from support import machines
from support.homes import TOKEN, make_real
from support.machines import Program, free_port

SLOW = 200
"""Of each kind of slow client."""
LONGEST = 4
"""Seconds for one document: then a proxy gives up."""
CALLS, AT_ONCE = 150, 4
SOURCES = tuple(f"127.0.0.{number}" for number in range(2, 22))
FORM = {"To": "+31200000001", "From": "+31200000199"}


def make_spoken(folder, moment):
    """A home that may go live, with speech."""
    home = make_real(folder)
    phrases = all_phrases.everything(read(home, moment).line)
    outcome = build(phrases, home.audio, Espeak(), sleep=lambda _: None, progress=lambda _: None)
    assert not outcome.failed
    return home


class Served:
    """Starts lines of one home, and ends them at the end of a `with`."""

    def __init__(self, home, folder):
        self.home, self.folder, self.started = home, folder, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.started:
            program.kill()

    def __call__(self, public=None, command=(), **more):
        number = len(self.started)
        port = more.pop("port", None) or free_port()
        env = {name: each for name, each in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
        env |= {"TWILIO_AUTH_TOKEN": TOKEN, "IVR_PUBLIC_URL": public or f"http://127.0.0.1:{port}"}
        env |= {"IVR_STATE": str(self.folder / f"state{number}"), "IVR_PROXIES": "1" if public else "0"}
        serving = [sys.executable, "-m", "ivr", "--home", str(self.home.root), "serve", "--port", str(port)]
        program = Program([*command, *serving], self.folder / f"{number}.log", env=env, **more)
        program.url, program.port = f"http://127.0.0.1:{port}", port
        self.started.append(program)
        return program


def call(url, session=requests, path="/voice", **more):
    form = FORM | more
    signature = RequestValidator(TOKEN).compute_signature(url + path, form)
    headers = {"X-Twilio-Signature": signature}
    return session.post(url + path, data=form, headers=headers, timeout=LONGEST)


def is_there(program):
    def answers():
        try:
            return call(program.url).status_code == 200
        except requests.RequestException:
            return False

    program.until(answers)
    return program


@contextmanager
def bare(serve, folder):
    program = is_there(serve())
    yield program.url, None


@contextmanager
def behind_nginx(serve, folder):
    public = free_port()
    program = serve(f"https://127.0.0.1:{public}")
    program.until(lambda: machines.answers(f"{program.url}/health"))
    with machines.nginx(folder, public, [program.port, program.port]) as found:
        yield found


@contextmanager
def behind_caddy(serve, folder):
    public = free_port()
    program = serve(f"https://127.0.0.1:{public}")
    program.until(lambda: machines.answers(f"{program.url}/health"))
    with machines.caddy(folder, public, program.port) as found:
        yield found


WAYS = (bare, behind_nginx, behind_caddy)


def beset(url, authority):
    """Call while slow readers, slow writers and idle connections are there: each status and its seconds."""
    gather, _ = grammar.read(call(url).content, "text/xml")
    (play,) = gather.verbs
    heads = [*[reader(url + play.url)] * SLOW, *[writer(f"{url}/voice")] * SLOW, *[IDLE] * SLOW]

    def timed(_):
        began = time.monotonic()
        with requests.Session() as session:
            status = call(url, session).status_code
        return status, time.monotonic() - began

    with slow_clients(url, heads, authority, SOURCES), ThreadPoolExecutor(AT_ONCE) as clerks:
        return list(clerks.map(timed, range(CALLS)))
