"""Homes of the tests: the shipped one with the tests' municipalities, edited as people edit."""

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path, PurePath

from click.testing import CliRunner

from ivr.cli import main
from ivr.config.home import Home
from ivr.config.shipped import shipped
from ivr.model.files import CLOSURE

HERE = Path(__file__).parents[1]


TODAY = date(2026, 11, 24)


NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""A Tuesday, noon in the Netherlands."""


TOKEN = "12345"


PUBLIC = "https://line.example"


TOWN = "config/municipalities/voorbeeldstad.yaml"


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
    return as_real(make_home(folder))


def as_real(home):
    """Make real municipalities of a home's examples."""
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


def file_of(home, file=TOWN):
    return (home.root / file).read_text("utf-8")


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


def contact(live):
    return live.snapshot.line.municipalities["voorbeeldstad"].contacts[1].number
