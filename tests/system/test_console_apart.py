"""The console is apart from the line: no call notices when it is flooded, hangs or dies. And behind nginx."""

import os
import re
import signal
import socket
import ssl
import sys
import threading
from contextlib import closing, suppress
from http.client import HTTPSConnection

import pytest
import requests
from cryptography.fernet import Fernet
from itsdangerous import Signer
from support import machines
from support.homes import make_home
from support.machines import Program, answers, free_port
from support.stores import database

from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.transcript import steps
from ivr.exchange.wire import OverHttp, ReachedLine
from ivr.store.opening import migrate
from ivr.store.practice import PracticeLinks

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("apart")]


def started(home, folder, name, port, *options, **env):
    command = [sys.executable, "-m", "ivr", "--home", str(home.root), name, "--port", str(port), *options]
    return Program(command, folder / f"{name}.log", env={**os.environ, **env})


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "home")


@pytest.fixture
def line(home, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    program = started(home, tmp_path, "serve", port, "--demo")
    try:
        program.until(lambda: answers(f"{url}/health"))
        yield ReachedLine(OverHttp(), (home.root / ".demo-token").read_text("utf-8"), url)
    finally:
        program.kill()


@pytest.fixture
def console(home, tmp_path):
    port = free_port()
    program = started(home, tmp_path, "console", port, "--demo", "--workers", "1")
    try:
        program.until(lambda: answers(f"http://127.0.0.1:{port}/"))
        yield program, port
    finally:
        program.send(signal.SIGCONT)
        program.kill()


def reaches_the_police(line):
    ends = ScriptedFarEnd({}, {})
    told = steps(Exchange(line, ends, {}).call("+31200000199", "+31200000001", ScriptedCaller("3")))
    return told[-2:] == [{"talk": "person"}, {"ends": "line"}]


def test_no_call_notices_that_the_console_is_flooded_hangs_and_dies(line, console):
    program, port = console
    over = threading.Event()

    def flood():
        while not over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nPOST /inloggen HTTP/1.1\r\n")
                connection.recv(100)

    crowd = [threading.Thread(target=flood, daemon=True) for _ in range(20)]
    for each in crowd:
        each.start()
    try:
        assert all(reaches_the_police(line) for _ in range(3))
        program.send(signal.SIGSTOP)
        assert all(reaches_the_police(line) for _ in range(3))
        program.send(signal.SIGKILL)
        assert all(reaches_the_police(line) for _ in range(3))
    finally:
        over.set()
        for each in crowd:
            each.join(10)


WAYS_AROUND = (
    *("/", "/inloggen", "/accounts", "/oefenen", "/static", "/welkom/x", "/gemeente/voorbeeldstad/oefenen"),
    *("/oefenen/../inloggen", "/static/..%2finloggen", "/oefenen/%2e%2e/inloggen", "/static//../inloggen"),
    *("/inloggen/../oefenen/", "/inloggen?/oefenen/", "/inloggen%3f/../oefenen/", "/inloggen;/../oefenen/"),
    *("//inloggen", "/./inloggen", "/oefenen/..;/inloggen", "/inloggen#/../oefenen/"),
)
"""Paths with which somebody outside the networks tries to reach another page than the practice phone."""


def status_of(port, path, authority):
    """The status of an answer to exactly this path, which requests would tidy."""
    context = ssl.create_default_context(cafile=str(authority))
    with closing(HTTPSConnection("localhost", port, timeout=20, context=context)) as connection:
        connection.putrequest("GET", path)
        connection.endheaders()
        return connection.getresponse().status


@pytest.fixture
def practice_path(tmp_path):
    """The path of a practice link of the console whose state is in this folder."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "console.key").write_bytes(b"k" * 32)
    engine = database(state)
    migrate(engine)
    number = PracticeLinks(engine).renew("voorbeeldstad")
    token = Signer(b"k" * 32, salt="practice link").sign(f"voorbeeldstad.{number}").decode()
    return f"/oefenen/{token}"


def test_behind_nginx_only_the_allowed_networks_reach_the_console_and_its_cookies_need_https(
    home, tmp_path, practice_path
):
    """But for the practice phone, which clerks reach from everywhere."""
    public, own = free_port(), free_port()
    url, host = f"https://localhost:{public}", {"Host": f"localhost:{public}"}
    env = {"IVR_CONSOLE_URL": url, "IVR_STATE": str(tmp_path / "state"), "IVR_CONTACT": "mailto:x@y.nl"}
    env["IVR_SEAL_KEYS"] = str(tmp_path / "seal.keys")
    with open(env["IVR_SEAL_KEYS"], "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as keys:
        keys.write(Fernet.generate_key())
    program = started(home, tmp_path, "console", own, "--workers", "1", **env)
    try:
        program.until(lambda: answers(f"http://127.0.0.1:{own}/inloggen", headers=host))
        with machines.nginx_console(tmp_path, public, own, {}) as authority:
            page = requests.get(f"{url}/inloggen", verify=str(authority), timeout=20)
            told = requests.get(f"{url}/.well-known/security.txt", verify=str(authority), timeout=20).text
        others = {"allow 127.0.0.1;": "allow 192.0.2.1;", "allow ::1;": ""}
        with machines.nginx_console(tmp_path, public, own, others) as authority:
            refused = requests.get(f"{url}/inloggen", verify=str(authority), timeout=20)
            practice = requests.get(f"{url}{practice_path}", verify=str(authority), timeout=20)
            (style, *_) = re.findall(r'<link rel="stylesheet" href="(/static/[^"]+\.css)"', practice.text)
            styled = requests.get(f"{url}{style}", verify=str(authority), timeout=20)
            around = [status_of(public, path, authority) for path in WAYS_AROUND]
    finally:
        program.kill()
    assert "Inloggen" in page.text
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert page.headers["Strict-Transport-Security"] == "max-age=63072000"
    assert "Content-Encoding" not in page.headers
    assert f"Canonical: {url}/" in told
    assert (refused.status_code, "Inloggen" in refused.text) == (403, False)
    assert (practice.status_code, "Oefentelefoon" in practice.text) == (200, True)
    assert styled.status_code == 200
    assert not {200, 303} & set(around), list(zip(WAYS_AROUND, around, strict=True))
