"""What the tests stand on: a home of their own, the line read from it, and the line as a web application."""

import re
import shutil
import signal
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path, PurePath

import pytest
from click.testing import CliRunner
from machines import Postgres, needed
from werkzeug.test import Client

from ivr.cli import main
from ivr.config.home import Home
from ivr.config.live import Live
from ivr.config.reading import read
from ivr.config.shipped import shipped
from ivr.dialogue import all_phrases, flow
from ivr.exchange.in_process import as_wsgi
from ivr.exchange.wire import InProcess, ReachedLine
from ivr.model.files import CLOSURE
from ivr.speech.build import build
from ivr.speech.engines import Espeak
from ivr.web import create_app
from ivr.web.signature import SignatureCheck

# What a shell runs in the background ignores Ctrl-C, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).parent
TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""A Tuesday, noon in the Netherlands."""
TOKEN = "12345"
PUBLIC = "https://line.example"
TOWN = "config/municipalities/voorbeeldstad.yaml"


def pytest_addoption(parser):
    parser.addoption("--write-calls", action="store_true", help="write the golden calls anew")


def make_home(folder):
    """The shipped home and the municipalities of the tests."""
    for part in ("config", "prompts"):
        shutil.copytree(
            shipped() / part, folder / part, ignore=shutil.ignore_patterns(PurePath(CLOSURE).name)
        )
    for file in (HERE / "municipalities").iterdir():
        shutil.copy(file, folder / "config/municipalities")
    return Home(folder)


def make_real(folder):
    """The same, its examples real municipalities, so that it may go live."""
    home = make_home(folder)
    for file in home.municipalities():
        edit(home, "example: true", "example: false", file)
    return home


def make_timeless(folder):
    """A real home that reads the same at any moment: a line that is served goes by the real clock."""
    home = make_real(folder)
    for file in home.municipalities():
        path = home.root / file
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"(?m)^ *(hours|holidays|confirmed|closed): .*\n", "", text), "utf-8")
    return home


def alone(home):
    """Leave one municipality of a home."""
    for other in ("dorp", "nacht"):
        (home.root / f"config/municipalities/{other}.yaml").unlink()
    return home


def edit(home, old, new, file=TOWN):
    """Change a file as somebody would by hand."""
    path = home.root / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def typed(*command, at=NOON, mix_stderr=True, **more):
    """A command as somebody types it, at a moment of the test's."""
    return CliRunner(mix_stderr=mix_stderr).invoke(
        main, [str(each) for each in command], obj=lambda: at, **more
    )


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory):
    """A home that no test changes."""
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def line(shared_home):
    reading = read(shared_home, NOON)
    # No account is configured, and dorp.yaml means it so.
    assert [finding.code for finding in reading.findings] == ["anonymity-not-kept", "accept-off"]
    return reading.line


@pytest.fixture(scope="session")
def spoken_home(tmp_path_factory, line):
    """A home with all its speech built by espeak-ng, that no test changes."""
    home = make_home(tmp_path_factory.mktemp("spoken"))
    outcome = build(
        all_phrases.everything(line), home.audio, Espeak(), sleep=lambda _: None, progress=lambda _: None
    )
    assert not outcome.failed
    return home


def make_app(live, answer=flow.answer, *, moment=NOON, token=TOKEN, url=PUBLIC, **more):
    """The web application of a reading, as all tests have it."""
    return create_app(live, SignatureCheck(token, lambda: [url]), lambda: moment, answer, **more)


def reach(home, moment=NOON, *, erases=False, **more):
    """The line of a home as the exchange reaches it."""
    live = Live(home, lambda: NOON, public=False, erases=erases)
    app = make_app(live, moment=moment, **more)
    return ReachedLine(InProcess(app), TOKEN, PUBLIC)


def client_of(app):
    """Somebody who asks an application in this process, without an exchange between."""
    return Client(as_wsgi(app))


@pytest.fixture
def folder():
    """Not pytest's own, which PostgreSQL's user could not enter."""
    path = Path(tempfile.mkdtemp(prefix="balielijn-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def postgres(folder):
    needed("initdb", "postgresql")
    running = Postgres(folder)
    try:
        yield running
    finally:
        running.hang(signal.SIGCONT)
        running.stop()
