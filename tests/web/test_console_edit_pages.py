"""The pages beside the form: history, putting back, absence and cover, and who is rung."""

import re
from datetime import timedelta

import pytest
from support.forms import Form, press, text_of
from support.homes import NOON, TOWN, edit, file_of

from ivr.config import source
from ivr.config.versions import Kind, Versions

PAGE = "/gemeente/voorbeeldstad"
HISTORY = f"{PAGE}/geschiedenis"


def publish(browser, typed, reason=""):
    page = press(browser, browser.get(PAGE).text, "Nakijken", typed).text
    return press(browser, page, "Publiceren", {"reason": reason}).text


def with_history(home, anna):
    """Three versions: the first, one by Anna, and one by hand."""
    Versions(home).keep(NOON - timedelta(hours=1), lambda: True)
    publish(anna, {"contacts-0-number": "020-000 00 07", "contacts-0-confirmed": "on"}, "nieuw toestel")
    edit(home, "020-000 00 03", "020-000 00 08")
    Versions(home).keep(NOON + timedelta(hours=1), lambda: True)


def versions(home):
    return Versions(home).listed("voorbeeldstad")


def test_the_history_has_author_moment_reason_and_difference(home, anna):
    with_history(home, anna)
    page = anna.get(HISTORY).text
    told = text_of(page)
    assert "24-11-2026 13:00 met de hand" in told
    assert "24-11-2026 12:00 Anna nieuw toestel" in told
    by_anna = next(each for each in versions(home) if each.author == "Anna")
    page = anna.get(f"{HISTORY}/{by_anna.id}").text
    assert "<del>number: 020-000 00 02</del>" in page
    assert "<ins>number: 020-000 00 07</ins>" in page


def test_an_older_version_is_put_back_and_the_days_of_checks_stay(home, anna):
    with_history(home, anna)
    first = versions(home)[-1]
    page = anna.get(f"{HISTORY}/{first.id}").text
    assert "Wie er de komende 14 dagen wordt gebeld" in page
    page = press(anna, page, "Terugzetten", ident=None).text
    assert "Een oudere versie teruggezet." in page
    assert "020-000 00 02" in file_of(home)
    assert "020-000 00 03" in file_of(home)
    (newest, *_) = versions(home)
    assert (newest.kind, newest.author, newest.restored) == (Kind.UNDO, "Anna", first.id)


def test_putting_back_is_checked_again(home, anna):
    with_history(home, anna)
    first = versions(home)[-1]
    # Meanwhile another line is dialled at what was this one's contact.
    edit(home, "+31 20 000 01 01", "+31 20 000 00 02", "config/municipalities/dorp.yaml")
    before = file_of(home)
    url = f"{HISTORY}/{first.id}"
    page = anna.get(url).text
    assert "Terugzetten kan niet" in page
    assert "reviewed" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', anna.get(PAGE).text)[1]
    anna.post(url, {"csrf_token": token, "reviewed": ""})
    assert file_of(home) == before


def test_nothing_is_put_back_over_a_change_that_was_not_seen(home, anna):
    with_history(home, anna)
    url = f"{HISTORY}/{versions(home)[-1].id}"
    page = anna.get(url).text
    edit(home, "020-000 00 08", "020-000 00 09")
    page = press(anna, page, "Terugzetten", ident=None).text
    assert "Er is niets teruggezet." in page
    assert "020-000 00 09" in file_of(home)


def test_putting_back_never_waits_for_a_second_one(home, anna):
    path = home.root / TOWN
    path.write_text(f"{path.read_text('utf-8')}approve: true\n", "utf-8")
    Versions(home).keep(NOON - timedelta(hours=1), lambda: True)
    edit(home, "020-000 00 02", "020-000 00 07")
    Versions(home).keep(NOON, lambda: True)
    page = anna.get(f"{HISTORY}/{versions(home)[-1].id}").text
    press(anna, page, "Terugzetten", ident=None)
    assert "020-000 00 02" in file_of(home)


@pytest.mark.parametrize("ident", ["0" * 40, "x", "HEAD"])
def test_a_version_that_is_not_there_is_not_found(home, anna, ident):
    with_history(home, anna)
    assert anna.get(f"{HISTORY}/{ident}").status_code == 404


def test_a_version_of_another_municipality_is_not_found(home, console, anna):
    with_history(home, anna)
    by_anna = next(each for each in versions(home) if each.author == "Anna")
    assert console.coordinator("dorp").get(f"/gemeente/dorp/geschiedenis/{by_anna.id}").status_code == 404


def test_a_municipality_that_was_removed_is_put_back(home, console, anna):
    with_history(home, anna)
    (home.root / TOWN).unlink()
    page = anna.get(f"{HISTORY}/{versions(home)[0].id}").text
    press(anna, page, "Terugzetten", ident=None)
    assert "020-000 00 08" in file_of(home)


def test_damaged_versions_are_told_and_stop_no_other_page(home, anna):
    with_history(home, anna)
    (home.root / ".versions/repository/HEAD").unlink()
    for folder in ("refs", "objects"):
        (home.root / f".versions/repository/{folder}").rename(home.root / f".versions/{folder}")
    page = anna.get(HISTORY)
    assert page.status_code == 200
    assert "De versies zijn nu niet te lezen." in page.text
    assert anna.get(PAGE).status_code == 200


def absent(browser, **typed):
    url = f"{PAGE}/afwezig"
    given = {"who": "0", "first": "2026-11-24", "last": "2026-12-04", **typed}
    return press(browser, browser.get(url).text, "Nakijken", given, ident=None, at=url).text


def town(home):
    return source.parse(file_of(home), "").value


def test_who_is_away_and_who_stands_in_are_written_by_one_short_form(home, anna):
    page = absent(anna, cover="new", name="de vervanger", number="020-000 00 05", confirmed="on")
    assert "Er valt geen gat" in page
    press(anna, page, "Publiceren")
    contacts = town(home)["contacts"]
    assert contacts[0]["away"] == ["2026-11-24 - 2026-12-04"]
    assert contacts[1] == {
        "name": "de vervanger",
        "number": "020-000 00 05",
        "hours": ["ma-vr 08:30-17:00"],
        "holidays": "closed",
        "confirmed": "2026-11-24",
        "from": "2026-11-24",
        "until": "2026-12-04",
    }


def test_a_gap_that_is_left_is_shown_also_far_ahead(home, anna):
    (home.root / TOWN).write_text(
        re.sub(r"  - name: \{nl: het piket.*?(?=closed:)", "", file_of(home), flags=re.DOTALL), "utf-8"
    )
    page = absent(anna, first="2027-06-07", last="2027-06-11")
    assert "Er blijft een gat: van ma 7-6 08:30 tot vr 11-6 17:00" in text_of(page)
    assert "Publiceren" in Form(page, "form").buttons


def test_who_stood_in_before_stands_in_again(home, anna):
    edit(
        home,
        "    number: 020-000 00 03\n",
        "    number: 020-000 00 03\n    from: 2026-01-05\n    until: 2026-01-09\n",
    )
    page = absent(anna, cover="1", first="2026-12-01", last="2026-12-01")
    press(anna, page, "Publiceren")
    away, cover = town(home)["contacts"]
    assert away["away"] == ["2026-12-01"]
    assert (cover["from"], cover["until"]) == ("2026-12-01", "2026-12-01")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"last": ""}, "last"),
        ({"last": "2026-11-01"}, "last"),
        ({"first": "morgen"}, "first"),
        ({"who": "9"}, "who"),
        ({"cover": "0"}, "cover"),
        ({"cover": "9"}, "cover"),
        ({"cover": "new"}, "name"),
        ({"cover": "new", "name": "x"}, "number"),
    ],
)
def test_what_is_wrong_in_an_absence_is_said_at_its_field(anna, typed, field):
    page = absent(anna, **typed)
    assert re.search(rf'id="errors".*?href="#{field}"', page, re.DOTALL)
    assert Form(page).described[field]["aria-invalid"] == "true"


def test_with_four_eyes_an_absence_of_today_goes_first_and_the_new_number_waits(home, anna):
    path = home.root / TOWN
    path.write_text(f"{path.read_text('utf-8')}approve: true\n", "utf-8")
    cover = {"cover": "new", "name": "de vervanger", "number": "020-000 00 05"}
    page = absent(anna, **cover)
    assert "hoeft niet op een ander te wachten" in page
    press(anna, page, "Publiceren")
    assert [each["number"] for each in town(home)["contacts"]] == ["020-000 00 02", "020-000 00 03"]
    page = absent(anna, **cover)
    assert "Publiceren" not in Form(page, "form").buttons
    assert "Voorleggen" in Form(page, "form").buttons


def test_who_is_rung_at_a_moment_and_why(anna):
    page = text_of(anna.get(f"{PAGE}/wie?moment=2026-11-24T20:00").text)
    assert "de aandachtsfunctionaris mensenhandel 020 000 0002 nee" in page
    assert "het piket van Veiligheid 020 000 0003 ja" in page
    assert "di 24-11 20:00" in page
    assert "de politie" in page


def test_who_is_rung_with_a_draft(anna, console):
    press(anna, anna.get(PAGE).text, "Concept bewaren", {"contacts-0-number": "020-000 00 07"})
    (draft,) = console.stores.drafts.all()
    page = text_of(anna.get(f"{PAGE}/wie?concept={draft.id}").text)
    assert "020 000 0007 ja" in page
    assert "020 000 0002" not in page


@pytest.mark.parametrize("moment", ["morgen", "2026-99-01T00:00", "1"])
def test_a_moment_that_is_none_is_told(anna, moment):
    page = anna.get(f"{PAGE}/wie?moment={moment}")
    assert page.status_code == 200
    assert "Vul een dag en een tijd in." in page.text


def test_who_is_rung_is_not_known_while_a_file_has_an_error(home, anna):
    edit(home, "020-000 00 02", "112")
    assert "er zit een fout in de bestanden" in anna.get(f"{PAGE}/wie").text


def test_a_draft_is_called_on_the_desk_phone(anna, console):
    press(anna, anna.get(PAGE).text, "Concept bewaren", {"contacts-0-name": "de nieuwe achterwacht"})
    (draft,) = console.stores.drafts.all()
    (url,) = re.findall(r'href="(/telefoon\?[^"]*bron=[^"]*)"', anna.get(f"{PAGE}/concept/{draft.id}").text)
    assert anna.get(url.replace("&amp;", "&")).status_code == 200
    with console.app.app_context():
        made = console.app.extensions["line-of-draft"]
        line = made(str(draft.id), "voorbeeldstad")
        assert line.municipalities["voorbeeldstad"].contacts[0].name["nl"] == "de nieuwe achterwacht"
        assert made(str(draft.id), "dorp") is None
        assert made("x", "voorbeeldstad") is None
        assert made("99", "voorbeeldstad") is None
