"""A line as an operator starts it."""

import os
import sys

import requests

from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.transcript import steps
from ivr.exchange.wire import OverHttp, ReachedLine
from support.homes import TOKEN
from support.machines import Program, free_port

DESK, CLERK = "+31200000001", "+31200000199"


class Operated:
    """`ivr serve` for real, with its own process group, as systemd would start it."""

    def __init__(self, home, **env):
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.root.parent / "serve.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
        own = {"TWILIO_AUTH_TOKEN": TOKEN, "IVR_PUBLIC_URL": self.url, "IVR_PROXIES": "0"}
        command = [sys.executable, "-m", "ivr", "--home", str(home.root), "serve", "--port", str(self.port)]
        self.program = Program(command, self.log, lambda: self.get("/health"), env=kept | own | env)

    def get(self, path):
        try:
            return requests.get(f"{self.url}{path}", timeout=20)
        except requests.RequestException:
            return None

    def until(self, holds):
        self.program.until(holds)

    def call(self, keys, far_ends=None):
        line = ReachedLine(OverHttp(), TOKEN, self.url)
        groups = {"+318007000": "tip-line", "+319008844": "police"}
        far_end = ScriptedFarEnd(far_ends or {}, groups)
        return Exchange(line, far_end, {}).call(CLERK, DESK, ScriptedCaller(keys))

    def metrics(self):
        """Every sample on the page: name with its labels → value."""
        lines = self.get("/metrics").text.splitlines()
        return {
            name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")
        }

    def greets(self):
        """What a caller hears first."""
        return steps(self.call("h"))[0]["hears"]

    def workers(self):
        return self.program.workers()

    def kill(self):
        self.program.kill()

    def stop(self):
        assert self.program.stop() == 0
