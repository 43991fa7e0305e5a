"""From nothing to a line that the account forwards to, by the README's own commands in their order."""

import http.client
import os
import re
import ssl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
import trustme
from support import gtts_stand_in, twilio_stand_in
from support.operated import Operated
from werkzeug.serving import make_server

from ivr.config.home import Home
from ivr.config.shipped import shipped
from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.transcript import steps
from ivr.exchange.wire import OverHttp, ReachedLine

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]

NUMBER = "+31200000001"
START = "systemctl enable --now balielijn "


def commands():
    """What the section has a new operator type that concerns the line itself."""
    readme = (shipped() / "README.md").read_text("utf-8")
    section = readme.partition("## Going live")[2].partition("\n## ")[0]
    lines = re.findall(r"```\n(.*?)```", section, flags=re.DOTALL)
    typed = [line.removeprefix("sudo -u balielijn ") for block in lines for line in block.splitlines()]
    return [line for line in typed if line.startswith(("ivr ", START))]


class Proxy:
    """What stands in front of the line: TLS, and each request passed on as it came."""

    def __init__(self):
        self.ca, self.port = trustme.CA(), 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert("localhost").configure_cert(context)
        self.server = make_server("127.0.0.1", 0, self.pass_on, threaded=True, ssl_context=context)
        self.url = f"https://localhost:{self.server.server_port}"

    def pass_on(self, environ, start_response):
        headers = {
            name[5:].replace("_", "-"): value for name, value in environ.items() if name[:5] == "HTTP_"
        }
        headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        line.request(environ["REQUEST_METHOD"], environ["RAW_URI"], body, headers)
        answer = line.getresponse()
        told = [answer.read()]
        line.close()
        start_response(f"{answer.status} -", [("Content-Type", answer.headers.get("Content-Type", ""))])
        return told


@pytest.fixture
def proxy():
    proxy = Proxy()
    thread = Thread(target=proxy.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()


def fill_in(home, settings):
    """What is done by hand: a municipality, its contacts always on duty, and the settings."""
    folder = home.root / "config/municipalities"
    text = (folder / "voorbeeldstad.yaml").read_text("utf-8")
    (folder / "voorbeeldstad.yaml").unlink()
    for old, new in (
        (r"^example: .*\n", ""),
        (r"^dialled: .*$", f"dialled: '{NUMBER}'"),
        (r"^callers: .*$", "callers: '+31200000*'"),
        (r"confirmed: \S+", f"confirmed: {datetime.now(UTC).date()}"),
        (r"^ *(hours|holidays|closed): .*\n", ""),
        (r"^contacts:", f"fallback: https://handler.twilio.com/twiml/EH{'0' * 32}\ncontacts:"),
    ):
        text, times = re.subn(old, new, text, flags=re.MULTILINE)
        assert times, old
    (folder / "nieuwstad.yaml").write_text(text, "utf-8")
    path = home.root / ".env"
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")


@pytest.fixture
def started():
    """Lines that were started; each is ended, whatever happens."""
    lines = []
    yield lines
    for line in lines:
        line.kill()


def test_the_readmes_commands_lead_to_a_line_that_the_account_forwards_to(
    tmp_path, monkeypatch, proxy, started
):
    home, trusted, told = Home(tmp_path / "home"), tmp_path / "ca.pem", {}
    proxy.ca.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    env = {name: each for name, each in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    with twilio_stand_in.stand_in() as twilio, gtts_stand_in.stand_in() as google:
        number = twilio.add_number(NUMBER)
        twilio.country["high_risk_special_numbers_enabled"] = True
        settings = {**twilio.env, "IVR_PUBLIC_URL": proxy.url, "IVR_GTTS_URL": google.address}
        for command in commands():
            if command.startswith(START):
                started.append(Operated(home, **settings))
                proxy.port = started[0].port
                continue
            arguments = command.replace("/srv/balielijn", str(home.root)).split()[1:]
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "ivr", *arguments],
                env={**env, "SSL_CERT_FILE": str(trusted)},
                capture_output=True,
                text=True,
                check=False,
            )
            told[command] = done.stdout + done.stderr
            assert done.returncode == 0, (command, told[command])
            if "init" in arguments:
                fill_in(home, settings)
        transcript = called(twilio, number)
        started[0].stop()
    (examined,) = [text for command, text in told.items() if "doctor" in command]
    assert "Alles is in orde." in examined, examined
    assert {"rings": f"+319008844, 25 s, sees {NUMBER}"} in transcript
    assert transcript[-2:] == [{"talk": "person"}, {"ends": "line"}]


def called(twilio, number):
    """A clerk calls the number and asks for the police; Twilio asks the address that the account has."""
    record = twilio.records["IncomingPhoneNumbers"][number]
    assert record["voice_method"] == "POST"
    base = record["voice_url"].removesuffix("/voice")
    exchange = Exchange(ReachedLine(OverHttp(), twilio.token, base), ScriptedFarEnd({}, {}), {})
    return steps(exchange.call("+31200000199", NUMBER, ScriptedCaller("3")))


def test_the_section_names_only_files_that_are_there():
    readme = (shipped() / "README.md").read_text("utf-8")
    section = readme.partition("## Going live")[2].partition("\n## ")[0]
    named = re.findall(r"deploy/[\w.*-]+", section)
    assert named
    assert [name for name in named if not list(Path(shipped()).glob(name))] == []
