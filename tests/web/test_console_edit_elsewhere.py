"""A file of somebody else has an error: a change is still checked against all others, or is not published."""

from datetime import timedelta

import pytest
from support.forms import Form, press
from support.homes import NOON, edit, file_of

from ivr.config.reading import read
from ivr.config.versions import Versions

PAGE = "/gemeente/voorbeeldstad"
NEW = {"contacts-0-number": "020-000 00 07"}
OF_NACHT = {"contacts-0-number": "020-000 02 01"}
"""The number of another municipality's line."""
HOUR = timedelta(hours=1)


@pytest.fixture
def versions(home):
    """The home has one version, without an error."""
    found = Versions(home)
    found.keep(NOON - 2 * HOUR, lambda: True)
    return found


def checked(browser, typed):
    return press(browser, browser.get(PAGE).text, "Nakijken", typed).text


def can_be_published(page):
    return "Publiceren" in Form(page, "form").buttons


def break_menu(home):
    edit(home, "say: welcome\n", "say: [\n", file="config/menu.yaml")


def break_nacht(home):
    edit(home, "020-000 02 02", "112", "config/municipalities/nacht.yaml")


def break_both(home):
    break_menu(home)
    break_nacht(home)


each_trouble = pytest.mark.parametrize("trouble", [break_menu, break_nacht, break_both])


@each_trouble
@pytest.mark.usefixtures("versions")
def test_a_change_is_checked_against_the_files_as_they_last_were_good(home, anna, trouble):
    trouble(home)
    page = checked(anna, OF_NACHT)
    assert Form(page, "form").described["contacts-0-number"]["aria-invalid"] == "true"
    assert not can_be_published(page)


@each_trouble
@pytest.mark.usefixtures("versions")
def test_a_change_without_an_error_is_published_and_told_to_be_in_use_later(home, anna, trouble):
    trouble(home)
    page = checked(anna, NEW)
    assert "Uw wijziging is wel nagekeken." in page
    page = press(anna, page, "Publiceren").text
    assert "De lijn gebruikt het nog niet" in page
    assert NEW["contacts-0-number"] in file_of(home)


def test_what_was_published_meanwhile_is_part_of_the_check(home, anna, console, versions):
    break_menu(home)
    nacht = console.signed_in(console.account("Nel", municipalities=["nacht"]))
    page = press(nacht, nacht.get("/gemeente/nacht").text, "Nakijken", {"dialled": "020-000 02 07"}).text
    press(nacht, page, "Publiceren")
    assert len(versions.listed()) > 1
    assert not can_be_published(checked(anna, {"contacts-0-number": "020-000 02 07"}))
    assert can_be_published(checked(anna, OF_NACHT))


def test_without_a_good_version_nobody_publishes_what_cannot_be_checked(home, anna, console):
    break_menu(home)
    page = checked(anna, NEW)
    assert "Uw wijziging kan nu niet goed worden nagekeken" in page
    assert "Uw wijziging is wel nagekeken" not in page
    assert not can_be_published(page)
    before = file_of(home)
    sent = {**Form(page, "form").fields, "do": "publish", "reviewed": "0" * 64}
    anna.post(PAGE, sent)
    assert file_of(home) == before
    assert not can_be_published(checked(console.manager(), NEW))


def test_an_older_version_is_put_back_also_while_nothing_can_be_checked(home, anna):
    break_menu(home)
    versions = Versions(home)
    versions.keep(NOON - 2 * HOUR, lambda: True)
    edit(home, "020-000 00 02", "020-000 00 07")
    versions.keep(NOON - HOUR, lambda: True)
    first = versions.listed()[-1]
    url = f"{PAGE}/geschiedenis/{first.id}"
    press(anna, anna.get(url).text, "Terugzetten", ident=None, at=url)
    assert "020-000 00 02" in file_of(home)


def test_an_error_of_another_municipality_keeps_nobody_from_publishing_without_versions_too(home, anna):
    break_nacht(home)
    page = checked(anna, NEW)
    assert "In een ander bestand zit een fout" in page
    press(anna, page, "Publiceren")
    assert NEW["contacts-0-number"] in file_of(home)


def test_a_number_that_rings_another_line_blocks_although_the_finding_is_elsewhere(anna):
    assert not can_be_published(checked(anna, {"dialled": "+31 20 000 01 01"}))


def test_once_the_error_is_gone_the_line_takes_over_what_was_published(home, anna, versions):
    break_menu(home)
    press(anna, checked(anna, NEW), "Publiceren")
    (newest, *_) = versions.listed()
    assert newest.slugs == ("voorbeeldstad",)
    edit(home, "say: [\n", "say: welcome\n", file="config/menu.yaml")
    line = read(home, NOON).line
    assert line.municipalities["voorbeeldstad"].contacts[0].number == "+31200000007"
