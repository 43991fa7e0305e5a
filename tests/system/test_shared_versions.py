"""Two lines with two workers each on one folder: a change is one version, and a demo makes none."""

import re
import time

import pytest
from support.homes import TOWN, edit, make_timeless, typed
from support.machines import PATIENCE
from support.operated import Operated

from ivr.config.versions import Kind, Versions

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]


@pytest.fixture
def home(tmp_path):
    return make_timeless(tmp_path / "home")


@pytest.fixture
def lines(home, tmp_path):
    started = []
    try:
        started.append(Operated(home, IVR_STATE=str(tmp_path / "here")))
        started.append(Operated(home, IVR_STATE=str(tmp_path / "there")))
        yield started
    finally:
        for line in started:
            line.kill()


def within(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_two_lines_on_one_folder_make_one_version_of_each_change(home, lines):
    versions = Versions(home)
    within(versions.listed)
    edit(home, "020-000 00 02", "020-000 00 07")
    within(lambda: len(versions.listed()) > 1)
    done = typed("--home", home.root, "undo", "voorbeeldstad", "--yes", env={"SUDO_USER": "anna"})
    assert done.exit_code == 0, done.output
    edit(home, "020-000 00 03", "020-000 00 08")
    within(lambda: len(versions.listed()) > 3)
    time.sleep(3)  # for the other three workers to make one more, if they would
    assert [(each.kind, each.author, each.first) for each in versions.listed()] == [
        (Kind.HAND, "", False),
        (Kind.UNDO, "anna", False),
        (Kind.HAND, "", False),
        (Kind.HAND, "", True),
    ]
    assert versions.text(versions.listed()[0], TOWN) == (home.root / TOWN).read_bytes()
    for line in lines:
        assert "version-unkept" not in line.get("/health").json()["findings"]
        line.stop()


def test_a_line_that_may_not_write_its_versions_answers_and_warns(home, tmp_path):
    (home.root / ".versions").write_text("in the way", "utf-8")
    line = Operated(home, IVR_STATE=str(tmp_path / "state"))
    try:
        line.until(lambda: "version-unkept" in line.get("/health").json()["findings"])
        assert line.get("/health").json()["status"] == "ok"
        assert line.greets().startswith("Balielijn")
    finally:
        line.kill()
    told = re.findall("could not be kept as a version", line.log.read_text("utf-8"))
    assert len(told) <= 2  # once for each worker
