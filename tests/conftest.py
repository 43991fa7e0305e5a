"""What the tests stand on: a home of their own, the line read from it, and the line as a web application."""

import gc
import logging
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from support.homes import NOON, make_home
from support.machines import Postgres, needed

from ivr.config.reading import read
from ivr.dialogue import all_phrases
from ivr.serving.log import PatientHandler
from ivr.speech.build import build
from ivr.speech.engines import Espeak

# What a shell runs in the background ignores Ctrl-C, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Collected tests are very many objects, which the garbage collector would look through again and again.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish():
    gc.collect()
    gc.freeze()


def pytest_addoption(parser):
    parser.addoption("--write-calls", action="store_true", help="write the golden calls anew")
    parser.addoption("--write-pictures", action="store_true", help="take the documents' pictures anew")


@pytest.fixture(autouse=True)
def log_of_its_own():
    """What a command sets up for the log of this process, a handler with a thread, ends with the test."""
    root = logging.getLogger()
    level = root.level
    yield
    for handler in [each for each in root.handlers if isinstance(each, PatientHandler)]:
        root.removeHandler(handler)
        handler.close()
        root.setLevel(level)


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
    # dorp.yaml means it so.
    assert [finding.code for finding in reading.findings] == ["accept-off"]
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
