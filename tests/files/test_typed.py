"""What people type is read as they mean it, or told at its own line and field: the table tests/typed.yaml."""

import re
from dataclasses import replace

import pytest
import yaml
from support.homes import HERE, NOON, TOWN, alone

from ivr import translations
from ivr.config.reading import read, read_texts

TABLE = yaml.safe_load((HERE / "typed.yaml").read_text("utf-8"))
ROWS = TABLE["typed"]


@pytest.fixture
def town(home):
    """A home with the municipality of the table alone."""
    (alone(home).root / TOWN).write_text(TABLE["municipality"], "utf-8")
    return home


def put(home, row, typed):
    """Write a file of a home as a row says, with `typed` in it."""
    path = home.root / row.get("file", TOWN)
    text = path.read_text("utf-8")
    if "was" in row:
        assert row["was"] in text, "the file no longer has what is changed in it"
        text = text.replace(row["was"], typed, 1)
    encoding = row.get("encoding", "utf-8")
    content = text.replace("\n", "\r\n").encode() if encoding == "crlf" else text.encode(encoding)
    path.write_bytes(content)
    if "new" in row:
        new = home.root / row["new"]
        new.parent.mkdir(exist_ok=True)
        new.write_text(row.get("content", TABLE["municipality"]), "utf-8")


def told(reading):
    return [f"{each.code} {each.line} {each.field or '-'}" for each in reading.findings]


def test_the_table_has_what_110_people_typed_each_once():
    assert len(ROWS) >= 110
    assert len({row["about"] for row in ROWS}) == len(ROWS)


def test_the_file_of_the_table_is_good(town):
    assert told(read(town, NOON)) == []


@pytest.mark.parametrize("row", [row for row in ROWS if "found" in row], ids=lambda row: row["about"])
def test_a_mistake_is_told_once_at_its_line_and_field_with_what_was_meant(town, row):
    put(town, row, row.get("typed"))
    reading = read(town, NOON)
    wanted = [each.split(" ") for each in row["found"].split(" & ")]
    assert len(reading.findings) == len(wanted), told(reading)
    for finding, (code, line, field, *meant) in zip(reading.findings, wanted, strict=True):
        assert (finding.code, str(finding.line), (finding.field or "-").replace(" ", "@")) == (
            code,
            str(finding.line) if line == "*" else line,
            finding.field if field == "*" else field,
        )
        assert meant == [] or f"Bedoelt u {meant[0]}" in translations.fact(finding, "nl")
        assert not re.search(r"\{\w", translations.remedy(finding, "nl"))


@pytest.mark.parametrize("row", [row for row in ROWS if "accepted" in row], ids=lambda row: row["about"])
def test_what_has_one_meaning_is_accepted_as_that(town, row):
    before = (town.root / row.get("file", TOWN)).read_bytes()
    put(town, {**row, "encoding": "utf-8"}, row["accepted"])
    plain = read(town, NOON)
    (town.root / row.get("file", TOWN)).write_bytes(before)
    put(town, row, row.get("typed"))
    typed = read(town, NOON)
    assert told(typed) == told(plain)
    assert typed.line.settings == plain.line.settings
    assert typed.line.municipalities == plain.line.municipalities


@pytest.mark.parametrize("row", [row for row in ROWS if "new" not in row], ids=lambda row: row["about"])
def test_texts_are_read_as_the_files_that_they_would_be(town, row):
    put(town, row, row.get("typed") or "")
    texts = {file: (town.root / file).read_bytes() for file in town.files()}
    from_files, from_texts = read(town, NOON), read_texts(texts, NOON)
    assert from_texts.findings == from_files.findings
    assert replace(from_texts, line=None) == replace(from_files, line=None)
    assert (from_texts.line is None) == (from_files.line is None)


@pytest.mark.parametrize(
    ("was", "typed", "belongs"),
    [
        ("closed: ", "ring: 20\nclosed: ", "bij contacts"),
        ("ring: 20", "closed: 2026-12-24", "bij het bestand"),
    ],
)
def test_a_setting_in_the_wrong_place_is_told_where_it_belongs(town, was, typed, belongs):
    put(town, {"was": was}, typed)
    (finding,) = read(town, NOON).findings
    assert belongs in translations.remedy(finding, "nl")
