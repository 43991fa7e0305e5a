"""The overview stays readable with many municipalities: it is in parts, and a place is found by its name."""

import re

import pytest
from support.console import make_console
from support.homes import HERE, edit

from ivr.console.findings import shown

TOWNS = 60


def add_towns(home, many):
    """Add municipalities that each have something to look at: no day on which the number was confirmed."""
    text = (HERE / "municipalities/dorp.yaml").read_text("utf-8")
    for count in range(many):
        number = f"+31 20 8{count:02} 01 0"
        own = re.sub(r"\+31 20 000 01 0", number, text).replace(
            "gemeente Dorp", f"gemeente Plaats {count:02}"
        )
        (home.root / f"config/municipalities/plaats-{count:02}.yaml").write_text(own, "utf-8")


@pytest.fixture
def many(home, tmp_path):
    add_towns(home, TOWNS)
    return make_console(home, tmp_path).manager()


def names(page):
    """The municipalities in the table, in its order."""
    return re.findall(r'scope="row"><a [^>]*>([^<]*)</a>', page)


def test_the_municipalities_stand_in_parts_of_fifty_with_links_between_them(many):
    first = many.get("/").text
    assert len(names(first)) == 50
    after = re.search(r'href="([^"]*gemeenten=2[^"]*)" rel="next"', first)[1].replace("&amp;", "&")
    second = many.get(after.partition("#")[0]).text
    assert len(names(second)) == TOWNS + 3 - 50
    assert not set(names(first)) & set(names(second))
    assert 'rel="prev"' in second


def test_a_place_is_found_by_a_part_of_its_name_without_script(many):
    page = many.get("/?zoek=plaats 07").text
    assert names(page) == ["gemeente Plaats 07"]
    assert "Wat er te doen is bij “plaats 07”" in page
    assert "gemeente Plaats 08" not in page
    assert "Er is geen gemeente met “nergens”" in many.get("/?zoek=nergens").text


def test_errors_stand_before_what_is_only_to_look_at(home, many):
    edit(home, "number: 020-000 01 02", "number: 112", "config/municipalities/plaats-55.yaml")
    page = many.get("/").text
    assert "1 fout, en" in page
    assert names(page)[0] == "gemeente Plaats 55"
    assert page.index("112 is een noodnummer") < page.index("<strong>Let op</strong>")


def test_what_wants_doing_stands_in_parts_as_well(many):
    first, last = many.get("/").text, many.get("/?punten=999").text
    assert first.count('<div class="finding') == 15
    assert "Bladzijde 1 van" in first
    assert 0 < last.count('<div class="finding') <= 15


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
def test_a_part_that_is_not_there_is_the_first_or_the_last(many, number):
    assert names(many.get(f"/?gemeenten={number}").text)


def test_a_coordinator_of_one_municipality_has_nothing_to_search(home, tmp_path):
    page = make_console(home, tmp_path).coordinator("dorp").get("/").text
    assert 'role="search"' not in page
    assert names(page) == ["gemeente Dorp"]


def test_what_is_sought_stays_text(many):
    page = many.get("/?zoek=%22%3E%3Cscript%3E").text
    assert "<script>" not in page


def test_everybody_sees_that_the_line_is_closed_and_a_manager_where_it_is_opened(home, tmp_path):
    console = make_console(home, tmp_path)
    manager = console.manager()
    manager.submit("/lijn/sluiten", {"reason": "verbouwing"}, page="/lijn")
    told = 'href="/lijn">Naar de lijn openen'
    for browser, may in ((manager, True), (console.coordinator("dorp"), False)):
        page = browser.get("/").text
        assert "De lijn is dicht." in page
        assert "verbouwing" in page
        assert (told in page) == may
    manager.submit("/lijn/openen", page="/lijn")
    assert "De lijn is dicht." not in manager.get("/").text


def test_a_page_of_two_hundred_municipalities_reads_no_file_that_did_not_change(home, tmp_path, monkeypatch):
    """A page is answered in under 100 ms: what takes longer is done once for each change."""
    add_towns(home, 99)
    edit(home, "number: 020-000 01 02", "number: 112", "config/municipalities/plaats-55.yaml")
    browser = make_console(home, tmp_path).manager()
    browser.get("/")
    monkeypatch.setattr("ivr.console.reading.read", lambda *_, **__: pytest.fail("a file was read"))
    monkeypatch.setattr("ivr.config.source.read", lambda *_: pytest.fail("a file was read"))
    assert browser.get("/?gemeenten=2").status_code == 200


def test_a_page_puts_only_what_it_shows_into_words(many, monkeypatch):
    made = []
    monkeypatch.setattr(
        "ivr.console.pages.overview.shown", lambda *given: made.append(given) or shown(*given)
    )
    many.get("/")
    assert len(made) == 15
