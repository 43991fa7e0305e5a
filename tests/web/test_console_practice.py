"""Practice for clerks: a link without an account, its end, and the poster with it."""

import re
from dataclasses import replace

import pytest
from flask import g
from limits import parse
from sqlalchemy import select
from support.console import make_console
from support.homes import NOON, edit

from ivr.config.live import Live
from ivr.console.pages import practice
from ivr.console.pages.practice import _qr
from ivr.console.phone_limits import PracticeLimit
from ivr.store.acts import Filter
from ivr.store.tables import METADATA

PAGE = "/gemeente/voorbeeldstad/oefenen"


@pytest.fixture
def console(shared_home, tmp_path):
    return make_console(shared_home, tmp_path)


@pytest.fixture
def coordinator(console):
    return console.coordinator("voorbeeldstad")


def make_link(coordinator, console, act="make"):
    """The path of a new link."""
    page = coordinator.submit(PAGE, {"act": act}, follow_redirects=True).text
    found = re.search(r'<code class="utrecht-code secret">([^<]+)</code>', page)
    return found and found[1].removeprefix(console.outside.url)


def test_a_coordinator_makes_a_link_with_which_anybody_calls_that_municipality(console, coordinator):
    link = make_link(coordinator, console)
    clerk = console.browser()
    page = clerk.get(link)
    assert page.status_code == 200
    assert "Oefen hier met de lijn van gemeente Voorbeeldstad." in page.text
    assert "Ik bel de politie." in clerk.get(f"{link}/gesprek?keuzes=3").text
    assert clerk.get(f"{link}/geluid?keuzes=3&n=0").content_type == "audio/wav"


def test_a_link_leads_to_no_other_municipality_and_to_no_other_page(console, coordinator):
    clerk, link = console.browser(), make_link(coordinator, console)
    page = clerk.get(f"{link}?gemeente=dorp&bron=1&keuzes=").text
    assert "gemeente Voorbeeldstad" in page
    assert "Dorp" not in page
    assert "Overzicht" not in page
    assert "/gemeente/" not in page
    assert clerk.get("/telefoon").headers["Location"].startswith("/inloggen")


def test_who_practises_learns_no_number_of_a_contact(console, coordinator):
    clerk, link = console.browser(), make_link(coordinator, console)
    page = clerk.get(f"{link}?keuzes=2-n-").text
    assert "Wat doet het piket van Veiligheid?" in page
    assert "000 0002" not in page
    assert "000 0003" not in page


def test_a_link_ends_when_a_newer_one_is_made_and_when_it_is_withdrawn(console, coordinator):
    clerk, first = console.browser(), make_link(coordinator, console)
    second = make_link(coordinator, console)
    for path in ("", "/gesprek", "/geluid"):
        assert clerk.get(f"{first}{path}?keuzes=&n=0").status_code == 404
        assert clerk.get(f"{second}{path}?keuzes=&n=0").status_code == 200
    assert "Deze oefenlink werkt niet meer" in clerk.get(first).text
    assert make_link(coordinator, console, act="end") is None
    assert clerk.get(second).status_code == 404
    third = make_link(coordinator, console)
    assert clerk.get(third).status_code == 200
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace("voorbeeldstad", "dorp"),
        lambda token: token.replace(".2.", ".1."),
        lambda token: token.rpartition(".")[0],
        lambda _: "ü.1.x",
        lambda _: ".",
    ],
    ids=["signature", "municipality", "number", "unsigned", "letters", "empty"],
)
def test_a_link_that_nobody_made_is_none(console, coordinator, change):
    coordinator.submit("/gemeente/voorbeeldstad/oefenen", {"act": "make"})
    console.manager().submit("/gemeente/dorp/oefenen", {"act": "make"})
    token = make_link(coordinator, console).rpartition("/")[2]
    assert console.browser().get(f"/oefenen/{change(token)}").status_code == 404


def test_making_and_ending_a_link_are_in_the_log_of_acts(console, coordinator):
    make_link(coordinator, console)
    make_link(coordinator, console, act="end")
    acts = [(act.action, act.object) for act in console.stores.acts.find(Filter(object="voorbeeldstad"))]
    assert acts == [("practice-end", "voorbeeldstad"), ("practice-link", "voorbeeldstad")]


def test_nothing_is_kept_of_who_practises(console, coordinator, caplog):
    clerk, link = console.browser(), make_link(coordinator, console)

    def rows():
        with console.outside.engine.connect() as connection:
            return {each.name: connection.execute(select(each)).all() for each in METADATA.sorted_tables}

    before = rows()
    for script in ("", "4", "4-", "4-a", "2-n"):
        page = clerk.get(f"{link}?keuzes={script}")
        assert "Set-Cookie" not in page.headers
    assert rows() == before
    assert [record for record in caplog.records if record.name.startswith("ivr")] == []


def test_who_asks_too_often_has_to_wait_and_others_do_not(console, coordinator):
    link = make_link(coordinator, console)
    console.app.extensions["practice-limit"] = PracticeLimit(parse("3 per minute"))
    clerk = console.browser()
    answers = [clerk.get(f"{link}/gesprek?keuzes=").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    elsewhere = clerk.get(link, environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 200
    assert coordinator.get("/telefoon?keuzes=").status_code == 200


def poster(browser, slug="voorbeeldstad"):
    page = browser.get(f"/gemeente/{slug}/poster").text
    return page.partition('<article class="poster">')[2].partition("</article>")[0]


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_poster_tells_a_bystander_nothing_of_what_the_line_is_for(coordinator, language):
    coordinator.get(f"/?taal={language}")
    assert not re.search(
        r"(?i)mensenhandel|traffick|slachtoffer|victim|uitbuit|exploit|fairwork", poster(coordinator)
    )


def test_the_poster_has_the_number_and_the_keys_of_the_menu(coordinator):
    text = words(poster(coordinator))
    assert "020 000 0001" in text
    assert "sip:" not in text
    for key in ("1 Wat doe ik nu? In vijf stappen", "2 Overleg binnen de gemeente", "3 Politie", "9 English"):
        assert key in text
    assert text.count("112") == 1


def test_the_poster_follows_the_menu(home, tmp_path):
    browser = make_console(home, tmp_path, demo=True).browser()
    edit(home, '"6": {say: choose-doubts', '"8": {say: choose-doubts', "config/menu.yaml")
    assert "7 Vragen over werk" in words(poster(browser))
    assert "8 Ik twijfel" in words(poster(browser))


def test_the_poster_has_the_code_of_the_link_that_is_good(console, coordinator):
    assert "<svg" not in poster(coordinator)
    link = console.outside.url + make_link(coordinator, console)
    assert _qr(link) in poster(coordinator)
    assert "style=" not in poster(coordinator)
    make_link(coordinator, console, act="end")
    assert "<svg" not in poster(coordinator)


@pytest.mark.parametrize("path", ["/gemeente/weg/oefenen", "/gemeente/weg/poster"])
def test_a_municipality_that_is_not_there_has_neither_link_nor_poster(console, path):
    assert console.manager().get(path).status_code == 404


def test_the_poster_names_a_language_in_which_the_console_has_no_words_as_the_line_does(console, monkeypatch):
    line = Live(console.outside.home, lambda: NOON, public=False).snapshot.line
    german = {**line.prompts["en"], "choose-language": "Auf Deutsch"}
    monkeypatch.setattr(practice, "next_language", lambda _: "de")
    with console.app.test_request_context("/"):
        g.language = "nl"
        keys = practice._keys(replace(line, prompts={**line.prompts, "de": german}))
    assert keys[-1] == ("9", "Auf Deutsch")
