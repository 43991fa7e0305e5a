"""`ivr history` tells who changed what; `ivr undo` puts back what a file was, checked, and loses no day."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from support.homes import NOON, TODAY, TOWN, edit, typed

from ivr.config.confirming import confirm
from ivr.config.restoring import restoration
from ivr.config.versions import Kind, Version, Versions

DORP = "config/municipalities/dorp.yaml"
FIRST, SECOND, THIRD, WRONG = "020-000 00 02", "020-000 00 07", "020-000 00 08", "020-000 00 0"
PIKET = "+31200000003"


@pytest.fixture
def versions(home):
    return Versions(home)


def keep(home, moment=NOON):
    """What a line does with a good reading."""
    Versions(home).keep(moment, lambda: True)


def changed(home, *numbers):
    """The first contact's number, from one to the next, each a version."""
    keep(home)
    for old, new in zip((FIRST, *numbers), numbers, strict=False):
        edit(home, f"number: {old}\n", f"number: {new}\n")
        keep(home)


def undo(home, *options, **more):
    return typed("--home", home.root, "undo", "voorbeeldstad", *options, **more)


def number(home):
    lines = (home.root / TOWN).read_text("utf-8").splitlines()
    return next(line.strip() for line in lines if "number:" in line).removeprefix("number: ")


def days(home):
    text = (home.root / TOWN).read_text("utf-8")
    return [line.split()[1] for line in text.splitlines() if line.strip().startswith("confirmed:")]


# ivr undo


def test_the_version_before_is_put_back_by_who_typed_it_as_a_new_version(home, versions):
    before = (home.root / TOWN).read_bytes()
    changed(home, SECOND)
    done = undo(home, "--yes", env={"SUDO_USER": "anna"})
    assert done.exit_code == 0
    assert f"-    number: {SECOND}\n+    number: {FIRST}\n" in done.output
    assert (home.root / TOWN).read_bytes() == before
    newest, _, first = versions.listed()
    assert (newest.kind, newest.author, newest.restored) == (Kind.UNDO, "anna", first.id)


def test_a_second_undo_goes_back_further(home):
    changed(home, SECOND, THIRD)
    undo(home, "--yes")
    assert number(home) == SECOND
    undo(home, "--yes")
    assert number(home) == FIRST
    done = undo(home, "--yes")
    assert (done.exit_code, "geen eerdere versie" in done.output) == (1, True)


def test_a_change_after_an_undo_is_what_the_next_undo_takes_back(home):
    changed(home, SECOND, THIRD)
    undo(home, "--yes")
    edit(home, f"number: {SECOND}\n", "number: 020-000 00 09\n")
    keep(home)
    undo(home, "--yes")
    assert number(home) == SECOND


def test_any_version_can_be_put_back_by_the_beginning_of_its_id(home, versions):
    changed(home, SECOND, THIRD)
    assert undo(home, "--yes", "--to", versions.listed()[-1].id[:8]).exit_code == 0
    assert number(home) == FIRST


def test_a_version_that_changed_another_file_stands_for_what_this_file_was_then(home, versions):
    changed(home, SECOND)
    edit(home, "gemeente Dorp", "gemeente Dorpje", DORP)
    keep(home)
    between = versions.listed()[0]
    edit(home, SECOND, THIRD)
    keep(home)
    undo(home, "--yes", "--to", between.id)
    assert number(home) == SECOND
    assert versions.listed()[0].restored == versions.listed("voorbeeldstad")[2].id


@pytest.mark.parametrize("answer", ["nee\n", "\n", "x\n", ""])
def test_nothing_is_put_back_without_a_yes(home, versions, answer):
    changed(home, SECOND)
    assert undo(home, input=answer).exit_code == 1
    assert number(home) == SECOND
    assert len(versions.listed()) == 2


def test_a_yes_puts_it_back(home):
    changed(home, SECOND)
    assert undo(home, input="ja\n").exit_code == 0
    assert number(home) == FIRST


def test_a_change_with_an_error_that_was_never_live_is_taken_back_and_kept(home, versions):
    keep(home)
    edit(home, FIRST, WRONG)
    broken = (home.root / TOWN).read_bytes()
    assert undo(home, "--yes").exit_code == 0
    assert number(home) == FIRST
    assert versions.text(versions.listed()[1], TOWN) == broken


def test_a_version_that_would_bring_in_an_error_is_refused_with_its_findings(home):
    changed(home, SECOND)
    # Dorp is now dialled at the number that Voorbeeldstad's contact had before.
    edit(home, "dialled: ", "dialled: 020-000 00 02 # ", DORP)
    keep(home)
    before = (home.root / TOWN).read_bytes()
    done = undo(home, "--yes")
    assert done.exit_code == 1
    assert f"{TOWN}:" in done.output
    assert "[number-of-other-line]" in done.output
    assert (home.root / TOWN).read_bytes() == before


def test_an_error_in_another_file_keeps_nobody_from_putting_a_file_back(home):
    changed(home, SECOND)
    edit(home, "name: gemeente Dorp", "naam: gemeente Dorp", DORP)
    done = undo(home, "--yes")
    assert done.exit_code == 0
    assert "[setting-unknown]" in done.output
    assert number(home) == FIRST


def test_a_file_that_was_taken_away_is_put_back(home):
    text = (home.root / TOWN).read_bytes()
    keep(home)
    (home.root / TOWN).unlink()
    keep(home)
    assert undo(home, "--yes").exit_code == 0
    assert (home.root / TOWN).read_bytes() == text


def test_a_file_that_changes_while_somebody_thinks_is_left_alone(home, monkeypatch):
    changed(home, SECOND)

    def thought(*_, **__):
        edit(home, SECOND, THIRD)
        return "ja"

    monkeypatch.setattr("click.prompt", thought)
    done = undo(home)
    assert (done.exit_code, "intussen veranderd" in done.output) == (1, True)
    assert number(home) == THIRD


def test_what_was_put_back_without_a_version_is_told_as_such(home, monkeypatch):
    changed(home, SECOND)
    monkeypatch.setattr("ivr.config.repository.commit_tree", lambda *_: 1 / 0)
    done = undo(home, "--yes")
    assert (done.exit_code, "geen versie" in done.output, number(home)) == (0, True, FIRST)


def test_what_is_the_same_already_is_not_put_back(home, versions):
    changed(home, SECOND)
    done = undo(home, "--yes", "--to", versions.listed()[0].id)
    assert (done.exit_code, "gelijk aan die versie" in done.output) == (0, True)
    assert len(versions.listed()) == 2


# The days on which numbers were confirmed


def test_the_day_on_which_a_number_was_confirmed_meanwhile_stays(home):
    changed(home, SECOND)
    confirm(home.root / TOWN, PIKET, TODAY)
    keep(home)
    undo(home, "--yes")
    assert number(home) == FIRST
    assert days(home) == ["2026-11-02", str(TODAY)]


def test_a_day_that_was_written_before_a_number_changed_is_found_in_the_versions_between(home, versions):
    keep(home)
    confirm(home.root / TOWN, "+31200000002", date(2026, 11, 20))
    keep(home)
    edit(home, FIRST, SECOND)
    edit(home, "confirmed: 2026-11-20", f"confirmed: {TODAY}")
    keep(home)
    undo(home, "--yes", "--to", versions.listed()[-1].id)
    assert (number(home), days(home)) == (FIRST, ["2026-11-20", "2026-11-02"])


def test_a_day_to_come_was_a_mistake_and_does_not_stay(home, versions):
    keep(home)
    edit(home, "confirmed: 2026-11-02", "confirmed: 2062-11-02")
    keep(home)
    found = restoration(versions, "voorbeeldstad", TODAY, versions.listed()[-1])
    assert b"2062" not in found.since


def test_days_stay_also_where_the_file_of_now_has_an_error(home):
    keep(home)
    confirm(home.root / TOWN, PIKET, TODAY)
    edit(home, FIRST, WRONG)
    undo(home, "--yes")
    assert days(home)[1] == str(TODAY)


def test_a_day_alone_is_no_change_to_take_back(home):
    changed(home, SECOND)
    confirm(home.root / TOWN, PIKET, TODAY)
    keep(home)
    undo(home, "--yes")
    assert number(home) == FIRST


@pytest.mark.parametrize("text", [b"\xff\xfe", b"[" * 5000, b"contacts: {a: *b}", b"contacts: [x, {}]", b""])
def test_whatever_stands_in_the_file_now_the_version_before_can_be_put_back(home, text):
    before = (home.root / TOWN).read_bytes()
    keep(home)
    (home.root / TOWN).write_bytes(text)
    assert undo(home, "--yes").exit_code == 0
    assert (home.root / TOWN).read_bytes() == before


# ivr history


def history(home, *options):
    return typed("--home", home.root, "history", *options, mix_stderr=False)


def test_history_tells_when_in_the_lines_zone_who_and_what(home, versions):
    keep(home, datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    text = (home.root / DORP).read_bytes() + b"\n"
    versions.record({DORP: text}, Version(Kind.CONSOLE, "Anna", NOON, "nieuwe regel"))
    edit(home, FIRST, SECOND)
    keep(home, NOON + timedelta(minutes=1))
    undo(home, "--yes", env={"SUDO_USER": "bert"})
    ids = [each.id[:8] for each in versions.listed()]
    assert history(home).stdout.splitlines() == [
        f"{ids[0]}  24-11-2026 12:00  bert  terug naar {ids[3]}  voorbeeldstad",
        f"{ids[1]}  24-11-2026 12:01  met de hand  voorbeeldstad",
        f"{ids[2]}  24-11-2026 12:00  Anna  nieuwe regel  dorp",
        f"{ids[3]}  2-7-2026 00:30  met de hand  de eerste versie",
    ]
    assert len(history(home, "dorp").stdout.splitlines()) == 2
    assert len(history(home, "--most", "1").stdout.splitlines()) == 1


def test_history_as_json(home, versions):
    changed(home, SECOND)
    shown = json.loads(history(home, "voorbeeldstad", "--json").stdout)
    assert shown[0] == {
        "id": versions.listed()[0].id,
        "moment": "2026-11-24T12:00:00+01:00",
        "author": "",
        "kind": "hand",
        "reason": "",
        "restored": "",
        "files": [TOWN],
    }


def test_history_shows_what_a_version_changed_line_by_line(home, versions):
    changed(home, SECOND)
    shown = history(home, "--diff", versions.listed()[0].id[:8]).stdout
    assert f"-    number: {FIRST}\n+    number: {SECOND}\n" in shown
    assert history(home, "dorp", "--diff", versions.listed()[0].id).stdout == ""


def test_history_says_that_the_files_are_not_a_version_yet(home):
    assert "nog geen versie" in history(home).stdout
    keep(home)
    assert history(home).stderr == ""
    edit(home, FIRST, WRONG)
    assert "nog geen versie" in history(home).stderr


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("history", "nergens"), "dorp, nacht, voorbeeldstad"),
        (("undo", "nergens", "--yes"), "dorp, nacht, voorbeeldstad"),
        (("history", "--diff", "zzz"), "zzz"),
        (("undo", "dorp", "--to", ""), "niet één versie"),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(home, command, told):
    changed(home, SECOND)
    done = typed("--home", home.root, *command)
    assert (done.exit_code, told in done.output) == (2, True)


@pytest.mark.parametrize("command", [("history",), ("undo", "voorbeeldstad", "--yes")])
def test_versions_that_cannot_be_read_are_told_in_plain_words(home, command):
    keep(home)
    for file in (home.root / ".versions/repository/objects").rglob("*"):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"")
    done = typed("--home", home.root, *command)
    assert done.exit_code == 1
    assert "Laat de beheerder kijken naar de map .versions" in done.output
