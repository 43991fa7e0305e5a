"""The line as a server: really started, called over HTTP, changed while it runs, and stopped."""

import os
import re
import signal
import subprocess
import sys

import pytest
import requests
from support.homes import make_home
from support.machines import DEPLOY, Program, free_port

from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.transcript import steps
from ivr.exchange.wire import OverHttp, ReachedLine
from ivr.model.limits import KEEP_ALIVE_SECONDS


class Server:
    def __init__(self, home):
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "ivr", "--home", str(home.root)]
        self.command = command
        serve = [*command, "serve", "--demo", "--port", str(self.port)]
        self.program = Program(serve, home.root.parent / "serve.log", self.health)

    def health(self):
        try:
            return requests.get(f"{self.url}/health", timeout=20).json()
        except requests.RequestException:
            return None

    def call(self, *arguments):
        command = [*self.command, "call", "--url", self.url, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return " ".join(done.stdout.split())

    def greeting(self):
        """What a caller hears first."""
        line = ReachedLine(OverHttp(), (self.home.root / ".demo-token").read_text("utf-8"), self.url)
        exchange = Exchange(line, ScriptedFarEnd({}, {}), {})
        return steps(exchange.call("+31200000199", "+31200000001", ScriptedCaller("h")))[0]["hears"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(make_home(tmp_path_factory.mktemp("served") / "home"))
    try:
        yield server
    finally:
        code = server.program.stop(signal.SIGINT)
    assert code == 0
    assert not (server.home.root / ".demo-token").exists()
    assert not (server.home.root / ".versions").exists()  # however many good readings it had


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]


def test_a_call_over_http_reaches_the_police(server):
    told = server.call("--to", "020 000 00 01", "--keys", "1####3")
    assert "Stap 5." in told
    assert "rings de politie, 0900 8844" in told
    assert told.endswith("talk person ends line")


def test_who_does_not_sign_is_refused(server):
    answer = requests.post(f"{server.url}/voice", data={"To": "+31200000001"}, timeout=20)
    assert (answer.status_code, answer.content) == (403, b"")


def test_a_demo_leaves_the_real_counts_alone(server):
    server.call("--keys", "1h")
    assert not (server.home.root / "state").exists()


def test_a_connection_is_kept_longer_than_our_proxies_keep_it(server):
    """A request is lost that comes just as the server closes: so the proxy must be the one that closes."""
    with requests.Session() as session:
        assert "Connection" not in session.get(f"{server.url}/health", timeout=20).headers
    kept = re.findall(r"keepalive(?:_timeout)? (\d+)s", (DEPLOY / "nginx.conf").read_text("utf-8"))
    kept += re.findall(r"keepalive (\d+)s", (DEPLOY / "Caddyfile").read_text("utf-8"))
    assert len(kept) == 2
    assert all(int(seconds) < KEEP_ALIVE_SECONDS for seconds in kept)


def test_only_who_owns_the_home_can_read_the_demos_token(server):
    assert (server.home.root / ".demo-token").stat().st_mode & 0o077 == 0


def test_a_change_is_live_in_every_worker_and_a_wrong_one_keeps_the_last_good_reading(server):
    path = server.home.root / "prompts/nl.yaml"
    right = path.read_text("utf-8")

    def everywhere(holds):
        return lambda: all(holds() for _ in range(12))

    def is_(status):
        return everywhere(lambda: server.health()["status"] == status)

    path.write_text(right.replace("Balielijn mensenhandel. Bij", "Nieuwe woorden. Bij"), "utf-8")
    server.program.until(everywhere(lambda: server.greeting().startswith("Nieuwe woorden.")))
    path.write_text(right.replace("welcome:", "wellcome:"), "utf-8")
    server.program.until(is_("degraded"))
    assert "prompt-missing" in server.health()["findings"]
    assert server.greeting().startswith("Nieuwe woorden.")
    path.write_text(right, "utf-8")
    server.program.until(is_("ok"))
    assert server.greeting().startswith("Balielijn mensenhandel.")


def test_a_worker_that_dies_while_a_file_has_an_error_takes_neither_the_line_nor_the_reading_along(server):
    path = server.home.root / "prompts/nl.yaml"
    right = path.read_text("utf-8")
    path.write_text(right.replace("welcome:", "wellcome:"), "utf-8")
    server.program.until(lambda: server.health()["status"] == "degraded")
    before = server.program.workers()
    for worker in before:
        os.kill(int(worker), signal.SIGKILL)
    server.program.until(lambda: len(set(server.program.workers()) - set(before)) == len(before))
    server.program.until(server.health)
    assert server.health()["status"] == "degraded"
    assert server.greeting().startswith("Balielijn mensenhandel.")
    path.write_text(right, "utf-8")
    server.program.until(lambda: all(server.health()["status"] == "ok" for _ in range(12)))


def test_a_line_without_a_good_reading_does_not_start(tmp_path):
    home = make_home(tmp_path / "home")
    (home.root / "config/line.yaml").write_text("tries: many", "utf-8")
    command = [sys.executable, "-m", "ivr", "--home", str(home.root), "serve", "--demo"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1
    assert "[out-of-range]" in done.stderr
    assert "Traceback" not in done.stderr
