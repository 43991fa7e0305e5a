"""`ivr demo`: the line and the console together, as `make run` starts them."""

import os
import signal
import sys

import pytest
import requests
from support.homes import make_home
from support.machines import Program, answers, free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def demo(tmp_path):
    home = make_home(tmp_path / "home")
    line, console = free_port(), free_port()
    command = [sys.executable, "-m", "ivr", "--home", str(home.root), "demo"]
    options = ["--port", str(line), "--console-port", str(console)]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    urls = f"http://127.0.0.1:{line}", f"http://127.0.0.1:{console}"
    program = Program([*command, *options], tmp_path / "demo.log", lambda: answers(f"{urls[1]}/"), env=env)
    try:
        yield program, *urls, tmp_path / "demo.log", home
    finally:
        program.kill()


def test_the_demo_runs_line_and_console_and_ends_both(demo):
    program, line, console, log, home = demo
    program.until(lambda: answers(f"{line}/health"))
    assert "Ingelogd als Demo" in requests.get(f"{console}/", timeout=20).text
    assert log.read_text("utf-8").splitlines()[0].endswith(f" {console}/telefoon")
    assert program.stop(signal.SIGINT) == 0
    assert not answers(f"{line}/health")
    assert not answers(f"{console}/")
    assert not (home.root / ".demo-token").exists()
    assert "Traceback" not in log.read_text("utf-8")
