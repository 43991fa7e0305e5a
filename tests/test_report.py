"""`ivr report`: what was counted, for people, for a spreadsheet, and as a picture."""

import csv
import re
from datetime import date
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from test_store import open_store

from ivr.cli import main
from ivr.counted import Anonymous, Count, Outcome

OCTOBER, NOVEMBER = date(2026, 10, 3), date(2026, 11, 24)


@pytest.fixture
def counted(home):
    """A home in which something was counted: two months, two municipalities, and the anonymous line."""
    (home.root / "state").mkdir()
    store = open_store(home.root / "state")
    store.count([Count("dorp", "main", Outcome.USED)] * 3, OCTOBER)
    store.count([Count("dorp", "main", Outcome.USED), Count("dorp", "police", Outcome.TALKED)], NOVEMBER)
    store.count([Count("gone", "contact", Outcome.NOBODY), Anonymous(Outcome.TALKED)], NOVEMBER)
    store.bring()
    return home


def report(home, *arguments, **env):
    env = {"IVR_DATABASE_URL": None, "IVR_STATE": None, **env}
    return CliRunner().invoke(main, ["--home", str(home.root), "report", *arguments], env=env)


def rows(home, *arguments):
    return list(csv.DictReader(StringIO(report(home, "--csv", *arguments).output)))


def test_each_municipality_has_a_table_for_each_month_under_its_own_name(counted):
    told = report(counted).output
    assert told.index("2026-10") < told.index("2026-11") < told.index("alle gemeenten samen")
    assert told.count("gemeente Dorp") == 2
    assert "\n  gone\n" in told  # its file is there no more
    assert re.search(r"^ +main +3 +·", told, re.MULTILINE)


def test_one_month_can_be_asked_for(counted):
    assert {row["month"] for row in rows(counted, "--month", "2026-10")} == {"2026-10"}
    assert "2026-11" not in report(counted, "--month", "2026-10").output


def test_as_csv_each_count_is_a_row(counted):
    assert [tuple(row.values()) for row in rows(counted)] == [
        ("2026-10", "dorp", "main", "used", "3"),
        ("2026-11", "dorp", "main", "used", "1"),
        ("2026-11", "dorp", "police", "talked", "1"),
        ("2026-11", "gone", "contact", "nobody", "1"),
        ("2026-11", "", "", "talked", "1"),
    ]


def test_nothing_ties_the_anonymous_line_to_a_municipality_a_day_or_an_item(counted):
    (anonymous,) = [row for row in rows(counted) if not row["municipality"]]
    assert anonymous == {
        "month": "2026-11",
        "municipality": "",
        "item": "",
        "outcome": "talked",
        "times": "1",
    }
    assert "tip-line" not in report(counted).output


def test_the_picture_names_items_municipalities_and_endings(counted, tmp_path):
    drawn = tmp_path / "report.svg"
    assert report(counted, "--svg", str(drawn)).exit_code == 0
    text = " ".join(ET.parse(drawn).getroot().itertext())  # noqa: S314 - our own file
    for word in ("main", "gemeente Dorp", "gone", "anonieme lijn", "gesprek", "niemand dienst", "2026-10"):
        assert word in text


def test_the_same_counts_make_the_same_picture(counted, tmp_path):
    for name in ("one.svg", "two.svg"):
        report(counted, "--svg", str(tmp_path / name))
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_before_anything_was_counted_it_says_so_and_makes_no_file(home, tmp_path):
    answer = report(home, "--svg", str(tmp_path / "none.svg"))
    assert (answer.exit_code, answer.output) == (0, "Er is nog niets geteld.\n")
    assert not (home.root / "state").exists()
    assert not (tmp_path / "none.svg").exists()
    empty = report(home, IVR_DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    assert (empty.exit_code, empty.output) == (0, "Er is nog niets geteld.\n")


def test_a_database_that_is_away_is_told_without_its_address(home):
    answer = report(home, IVR_DATABASE_URL="postgresql://line:geheim@127.0.0.1:1/line")
    assert (answer.exit_code, "niet te bereiken" in answer.output) == (1, True)
    assert "geheim" not in answer.output


def test_what_is_no_month_is_told(home):
    answer = report(home, "--month", "november")
    assert (answer.exit_code, "2026-11" in answer.output) == (2, True)


def test_with_errors_in_the_configuration_the_words_stand_for_the_names(counted):
    (counted.root / "config/line.yaml").write_text("tries: many", "utf-8")
    assert "\n  dorp\n" in report(counted).output
