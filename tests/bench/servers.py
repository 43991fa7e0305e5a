"""The servers of a bench: ours by `ivr serve`, the others with the same settings of gunicorn."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests
from conftest import TOKEN
from machines import free_port

from bench import calls
from bench.apps import APPS, DOCUMENT
from bench.pace import NotMeasured
from ivr.web.serve import Server

WORKERS = 2
TICKS = os.sysconf("SC_CLK_TCK")


class Baseline(Server):
    """Our gunicorn settings around another application."""

    def __init__(self, app, port):
        self._app = app
        super().__init__(None, bind=f"127.0.0.1:{port}", workers=WORKERS, loglevel="warning")

    def load(self):
        return APPS[self._app]()


class Started:
    """A server that is asked for calls to so many municipalities, and ended at the end of a `with`."""

    def __init__(self, name, command, port, municipalities=1, **env):
        self.name, self.address = name, f"http://127.0.0.1:{port}/voice"
        self.calls = calls.signed(self.address, municipalities)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("IVR_", "TWILIO_"))}
        quiet = subprocess.DEVNULL
        self.program = subprocess.Popen(  # noqa: S603
            [sys.executable, *command], env=kept | env, stdout=quiet, stderr=quiet, start_new_session=True
        )

    def __enter__(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.program.poll() is None:
            try:
                requests.post(self.address, timeout=2)
            except requests.RequestException:
                time.sleep(0.1)
            else:
                return self
        self.__exit__()
        raise NotMeasured(f"{self.name} did not start")

    def __exit__(self, *_):
        self.program.send_signal(signal.SIGTERM)
        self.program.wait(30)

    def workers(self):
        children = Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def cpu(self):
        """Seconds of processor that the workers have used."""
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split() for pid in self.workers()]
        return sum(int(each[11]) + int(each[12]) for each in fields) / TICKS

    def memory(self):
        """Of each worker, in MB: what is in memory for it, and its share, where shared pages are divided."""
        several = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.workers()]
        return [
            [int(re.search(rf"^{kind}: +(\d+)", each, re.MULTILINE)[1]) / 1000 for kind in ("Rss", "Pss")]
            for each in several
        ]


def ours(name, home, municipalities):
    """`ivr serve`, with its signature check, store and metrics."""
    port = free_port()
    env = {"TWILIO_AUTH_TOKEN": TOKEN, "IVR_PUBLIC_URL": f"http://127.0.0.1:{port}", "IVR_PROXIES": "0"}
    command = ["-m", "ivr", "--home", str(home.root), "serve", "--port", str(port), "--workers", str(WORKERS)]
    return Started(name, command, port, municipalities, **env)


def baseline(name, app, document):
    port = free_port()
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r});"
        f"from bench.servers import Baseline; Baseline({app!r}, {port}).run()"
    )
    return Started(name, ["-c", code], port, **{DOCUMENT: str(document)})
