"""The servers of a bench: ours by `ivr serve`, the others on gunicorn, or on Node where it is installed."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests
from support.homes import TOKEN
from support.machines import free_port, workers

from bench import calls
from bench.apps import DOCUMENT, WORKERS
from bench.pace import NotMeasured

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
PACKAGES = ("express@5.3.0", "twilio@6.2.0")


class Started:
    """A server that is asked for calls to so many municipalities, and ended at the end of a `with`."""

    def __init__(self, name, command, port, municipalities=1, cwd=None, **env):
        self.name, self.address = name, f"http://127.0.0.1:{port}/voice"
        self.calls = calls.signed(self.address, municipalities)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("IVR_", "TWILIO_"))}
        quiet = subprocess.DEVNULL
        self.program = subprocess.Popen(  # noqa: S603
            command, env=kept | env, cwd=cwd, stdout=quiet, stderr=quiet, start_new_session=True
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
        try:
            self.program.wait(30)
        finally:
            if self.program.poll() is None:
                self.program.kill()

    def cpu(self):
        """Seconds of processor that the workers have used."""
        pids = workers(self.program.pid)
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split() for pid in pids]
        return sum(int(each[11]) + int(each[12]) for each in fields) / TICKS

    def memory(self):
        """Of each worker, in MB: what is in memory for it, and its share, where shared pages are divided."""
        several = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in workers(self.program.pid)]
        return [
            [int(re.search(rf"^{kind}: +(\d+)", each, re.MULTILINE)[1]) / 1000 for kind in ("Rss", "Pss")]
            for each in several
        ]


def ours(name, home, municipalities):
    """`ivr serve`, with its signature check, store and metrics."""
    port = free_port()
    env = {"TWILIO_AUTH_TOKEN": TOKEN, "IVR_PUBLIC_URL": f"http://127.0.0.1:{port}", "IVR_PROXIES": "0"}
    command = [sys.executable, "-m", "ivr", "--home", str(home.root), "serve", "--port", str(port)]
    return Started(name, [*command, "--workers", str(WORKERS)], port, municipalities, **env)


def on_gunicorn(name, app, document):
    port = free_port()
    command = [sys.executable, "-m", "bench.apps", app, str(port)]
    return Started(name, command, port, cwd=HERE.parent, **{DOCUMENT: str(document)})


def on_node(name, folder):
    """A sample in express, where Node and npm are installed; None elsewhere."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    folder.mkdir()
    shutil.copy(HERE / "express.js", folder)
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", *PACKAGES]
    if subprocess.run(install, cwd=folder, check=False).returncode:  # noqa: S603
        return None
    port = free_port()
    return Started(name, ["node", "express.js", str(port)], port, cwd=folder, NODE_ENV="production")
