"""The servers of a bench: ours by `ivr serve`, the others with the same settings of gunicorn."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests
from conftest import TOKEN
from test_serve import free_port

from bench.apps import APPS, DOCUMENT
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
    def __init__(self, name, command, port, **env):
        self.name, self.url = name, f"http://127.0.0.1:{port}"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("IVR_", "TWILIO_"))}
        quiet = subprocess.DEVNULL
        self.program = subprocess.Popen(  # noqa: S603
            [sys.executable, *command], env=kept | env, stdout=quiet, stderr=quiet, start_new_session=True
        )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                requests.post(f"{self.url}/voice", timeout=2)
            except requests.RequestException:
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise TimeoutError(name)

    def workers(self):
        children = Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def cpu(self):
        """Seconds of processor that the workers have used."""
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split() for pid in self.workers()]
        return sum(int(each[11]) + int(each[12]) for each in fields) / TICKS

    def memory(self):
        """Of the largest worker, in MB: what is in memory for it, and its share of it."""
        several = [Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() for pid in self.workers()]
        return [
            max(int(line.split()[1]) for each in several for line in each if line.startswith(kind)) / 1000
            for kind in ("Rss:", "Pss:")
        ]

    def stop(self):
        self.program.send_signal(signal.SIGTERM)
        self.program.wait(30)


def ours(name, home):
    """`ivr serve`, with its signature check, store and metrics."""
    port = free_port()
    env = {"TWILIO_AUTH_TOKEN": TOKEN, "IVR_PUBLIC_URL": f"http://127.0.0.1:{port}", "IVR_PROXIES": "0"}
    command = ["-m", "ivr", "--home", str(home.root), "serve", "--port", str(port), "--workers", str(WORKERS)]
    return Started(name, command, port, **env)


def baseline(name, app, document):
    port = free_port()
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r});"
        f"from bench.servers import Baseline; Baseline({app!r}, {port}).run()"
    )
    return Started(name, ["-c", code], port, **{DOCUMENT: str(document)})
