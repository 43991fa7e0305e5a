"""A number that somebody changed by hand, without ringing it, is told in the console at its field."""

from datetime import timedelta

import pytest
from support.console import like, make_console
from support.forms import Form, press, text_of
from support.homes import NOON, TOWN, edit

from ivr.config.confirmation_history import ConfirmationHistory
from ivr.config.versions import Versions

PAGE = "/gemeente/voorbeeldstad"
OLD, NEW = "020-000 00 03", "020-000 00 07"
FACT = "Dit nummer is veranderd, maar de dag erbij"
FIELD = "contacts-1-confirmed"
CONFIRM = "Ik heb dit nummer vandaag gebeld, en het klopt"


@pytest.fixture
def console(home, tmp_path_factory):
    Versions(home).keep(NOON - timedelta(hours=2), lambda: True)
    return make_console(home, tmp_path_factory.mktemp("state"), line_url="http://127.0.0.1:1")


@pytest.fixture
def anna(console):
    return console.signed_in(console.account("Anna", municipalities=["voorbeeldstad"]))


def at_field(page):
    """What is found at the field in which somebody says that the number was rung."""
    return FACT in text_of(page) and f"{FIELD}-found" in Form(page, "form").described[FIELD].get(
        "aria-describedby", ""
    )


@pytest.mark.parametrize("kept", [False, True], ids=["before it is a version", "as a version"])
def test_a_number_that_was_changed_by_hand_is_told_on_the_overview_and_at_its_field(home, anna, kept):
    edit(home, OLD, NEW)
    if kept:
        Versions(home).keep(NOON - timedelta(hours=1), lambda: True)
    overview = anna.get("/").text
    assert FACT in overview
    assert f'href="{PAGE}#{FIELD}"' in overview
    assert at_field(anna.get(PAGE).text)


def test_checking_another_change_tells_it_and_the_tick_ends_it(home, anna):
    edit(home, OLD, NEW)
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-hours": "ma-vr 09:00-12:00"}).text
    assert at_field(page)
    assert CONFIRM in Form(page, "form").labels
    page = press(anna, page, "Nakijken", {FIELD: "on"}).text
    assert not at_field(page)
    press(anna, page, "Publiceren")
    assert FACT not in anna.get("/").text


def test_it_is_told_by_a_console_that_starts_later_and_after_other_changes(home, console):
    edit(home, OLD, NEW)
    Versions(home).keep(NOON - timedelta(hours=1), lambda: True)
    edit(home, "gemeente Voorbeeldstad", "gemeente Anders")
    Versions(home).keep(NOON - timedelta(minutes=30), lambda: True)
    later = like(console)
    assert at_field(later.manager().get(PAGE).text)


def test_a_draft_with_the_number_and_the_day_of_another_one_is_told_before_it_is_published(home, anna):
    draft = press(anna, anna.get(PAGE).text, "Concept bewaren", {"contacts-0-hours": "ma 09:00-12:00"}).text
    edit(home, OLD, NEW)
    Versions(home).keep(NOON - timedelta(hours=1), lambda: True)
    page = press(anna, draft, "Nakijken").text
    assert not at_field(page)  # it is still about the file in which the old number stands
    page = press(anna, page, "Mijn wijziging hieraan toevoegen").text
    assert at_field(page)


def test_versions_that_cannot_be_read_keep_no_page_from_being_shown(home, anna):
    (home.root / ".versions/repository/HEAD").write_bytes(b"\xff")
    (home.root / ".versions/repository/refs/heads/versions").write_bytes(b"\xff")
    edit(home, OLD, NEW)
    assert anna.get(PAGE).status_code == 200


def test_old_versions_are_not_read_and_each_new_one_once(home, monkeypatch):
    versions = Versions(home)
    for days in (400, 300, 200, 1):
        edit(home, "gemeente ", "gemeente  ")
        versions.keep(NOON - timedelta(days=days), lambda: True)
    read = []
    monkeypatch.setattr(Versions, "texts", lambda _, each: read.append(each.moment) or {})
    monkeypatch.setattr(Versions, "text", lambda _, each, file: read.append(each.moment))
    history = ConfirmationHistory(home)
    history(NOON)
    assert [(NOON - each).days for each in read] == [200, 1]
    edit(home, "gemeente ", "gemeente  ", TOWN)
    versions.keep(NOON, lambda: True)
    history(NOON)
    history(NOON)
    assert [(NOON - each).days for each in read] == [200, 1, 0]
