"""The console's pages about the whole line: its menu, its report, closing and opening it."""

import re
from datetime import date

import pytest
from support.console import like, make_console, refused
from support.homes import NOON, edit

from ivr.config.versions import Kind, Versions
from ivr.dialogue.usage import Anonymous, Count, Outcome
from ivr.model.files import CLOSURE
from ivr.store.acts import Filter
from ivr.store.counts import PendingCounts

OCTOBER, NOVEMBER = date(2026, 10, 3), date(2026, 11, 24)
USED, TALKED = Outcome.USED, Outcome.TALKED
CLOSE, OPEN = "/lijn/sluiten", "/lijn/openen"


@pytest.fixture
def console(home, tmp_path):
    return make_console(home, tmp_path)


@pytest.fixture
def manager(console):
    return console.manager()


def acts(console):
    return [(act.action, act.object, act.result) for act in console.stores.acts.find(Filter())]


def plain(page):
    """The words of a page, without its elements."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.text).split())


def count(console, *counted):
    pending = PendingCounts()
    for day, each, times in counted:
        pending.add([each] * times, day)
    pending.store(console.outside.engine)


def close(browser, **typed):
    return browser.submit(CLOSE, typed, page="/lijn")


def test_the_menu_stands_as_text_with_links_from_each_key_to_its_item(manager):
    page = manager.get("/menu").text
    assert "Voor het stappenplan, kies 1." in page
    assert '<h3 class="utrecht-heading-3" id="step-1"' in page
    assert 'Toets 1 → <a class="utrecht-link" href="#step-1">step-1</a>' in " ".join(page.split())
    assert "0900 8844" in page


def test_the_menus_picture_is_a_file_of_its_own_in_the_language_of_the_page(manager):
    dutch, english = (manager.get(f"/menu/plaatje.svg?taal={each}") for each in ("nl", "en"))
    assert dutch.content_type == "image/svg+xml; charset=utf-8"
    assert dutch.data.startswith(b"<?xml")
    assert "Voor het stappenplan" in dutch.text
    assert "Voor het stappenplan" not in english.text
    assert manager.get("/menu/plaatje.svg").data == english.data


def test_with_an_error_in_a_file_the_menu_that_callers_hear_is_shown(home, manager):
    assert "Voor het stappenplan" in manager.get("/menu").text
    edit(home, "start: main", "start: nowhere", "config/menu.yaml")
    assert "Voor het stappenplan" in manager.get("/menu").text


def test_a_menu_that_was_never_read_is_not_shown_and_the_page_says_why(home, console):
    edit(home, "start: main", "start: nowhere", "config/menu.yaml")
    manager = console.manager()
    assert "want er staat een fout" in manager.get("/menu").text
    assert manager.get("/menu/plaatje.svg").status_code == 404


def test_a_coordinator_sees_the_menu_and_neither_the_report_nor_the_closing(console):
    coordinator = console.coordinator("dorp")
    assert coordinator.get("/menu").status_code == 200
    assert coordinator.get("/verslag").status_code == 403
    assert coordinator.get("/verslag/plaatje.svg").status_code == 403
    assert coordinator.get("/lijn").status_code == 403
    assert "/verslag" not in coordinator.get("/").text


def test_the_report_says_so_while_nothing_was_counted(console, manager):
    assert "Er is nog niets geteld." in like(console, demo=True).browser().get("/verslag").text


def test_a_console_with_a_database_of_its_own_says_where_the_report_is_made(manager):
    assert "Uw beheerder maakt het verslag met ivr report" in manager.get("/verslag").text


def test_the_report_has_the_last_month_with_a_table_for_each_municipality(console, manager):
    count(
        console,
        (OCTOBER, Count("dorp", "main", USED), 2),
        (NOVEMBER, Count("voorbeeldstad", "police", USED), 4),
        (NOVEMBER, Count("voorbeeldstad", "police", TALKED), 3),
        (NOVEMBER, Anonymous(USED), 5),
    )
    page = plain(manager.get("/verslag"))
    assert "Geteld in november 2026" in page
    heard = "“Ik bel de politie. Zeg: ik bel over …”"
    assert f"police {heard} 4 3 0 0 0 0 totaal 4 3 0 0 0 0" in page
    assert "anoniem, alle gemeenten samen 5 0 0 0 0 0" in page
    assert "gemeente Dorp" not in page
    assert "main “Balielijn mensenhandel. Bij gevaar: hang op …” 2 0 0 0 0 0" in plain(
        manager.get("/verslag?maand=2026-10")
    )
    assert "Geteld in november 2026" in plain(manager.get("/verslag?maand=x"))


def test_the_reports_picture_has_the_municipalities_of_its_page(console, manager, monkeypatch):
    monkeypatch.setattr("ivr.console.pages.report.MUNICIPALITIES", 1)
    count(
        console,
        (NOVEMBER, Count("voorbeeldstad", "main", USED), 1),
        (NOVEMBER, Count("dorp", "main", USED), 1),
    )
    first, second = (manager.get(f"/verslag/plaatje.svg?deel={part}").text for part in (1, 2))
    assert ("gemeente Dorp" in first, "gemeente Dorp" in second) == (True, False)
    assert ("gemeente Voorbeeldstad" in first, "gemeente Voorbeeldstad" in second) == (False, True)
    assert "Bladzijde 1 van 2" in plain(manager.get("/verslag"))


def test_the_line_is_closed_with_a_reason_and_callers_hear_it(home, console, manager):
    answer = close(manager, reason="verbouwing: “3e” #1", until="2026-11-25T08:00")
    assert answer.status_code == 303
    page = plain(manager.get("/lijn"))
    assert "De lijn is dicht. Dicht sinds 24-11-2026 12:00." in page
    assert "Zij gaat vanzelf open op 25-11-2026 08:00." in page
    assert "verbouwing: “3e” #1" in page
    assert "Vanaf morgen om 8 uur is de lijn weer open." in page
    assert acts(console)[0] == ("close", CLOSURE, "done")
    (version,) = Versions(home).listed(most=1)
    assert (version.kind, version.author, version.reason) == (
        Kind.CONSOLE,
        "Persoon 1",
        "verbouwing: “3e” #1",
    )


@pytest.mark.parametrize(
    "typed", ["25-11-2026 08:00", "25-11-2026 8:00", "25/11/2026, om 8.00 uur", "2026-11-25T08:00"]
)
def test_until_when_is_read_as_people_write_it(manager, typed):
    close(manager, reason="verbouwing", until=typed)
    assert "Zij gaat vanzelf open op 25-11-2026 08:00." in plain(manager.get("/lijn"))


def test_what_was_typed_half_is_never_a_closing_without_an_end(home, manager):
    """A browser sends nothing of half a moment, but all of a text."""
    assert 'id="until" name="until" type="text"' in manager.get("/lijn").text


def test_the_line_is_opened_again(home, console, manager):
    close(manager, reason="verbouwing")
    answer = manager.submit(OPEN, page="/lijn")
    assert answer.status_code == 303
    assert not (home.root / CLOSURE).exists()
    assert "De lijn is open." in manager.get("/lijn").text
    assert acts(console)[0] == ("open", CLOSURE, "done")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reason": ""}, "Vul in waarom de lijn dicht gaat."),
        ({"reason": "x", "until": "morgen"}, "Vul een dag en een tijd in"),
        ({"reason": "x", "until": "25-11-2026"}, "Vul een dag en een tijd in"),
        ({"reason": "x", "until": "25-11-2026 8"}, "Vul een dag en een tijd in"),
        ({"reason": "x", "until": "24-11-2026 11:59"}, "Deze tijd is al voorbij."),
        ({"reason": "x", "until": "2026-11-24T11:59"}, "Deze tijd is al voorbij."),
        ({"reason": "a\x00b"}, "teken"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_the_line_stays_open(home, manager, typed, told):
    answer = close(manager, **typed)
    assert refused(answer)
    assert told in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not (home.root / CLOSURE).exists()


def test_what_callers_would_hear_is_shown_before_the_line_is_closed(manager):
    page = plain(manager.get("/lijn"))
    now, then = page.index("Wat bellers nu horen"), page.index("Wat bellers dan horen")
    assert "De lijn is nu even dicht." not in page[now:then]
    assert "De lijn is nu even dicht." in page[then:]


def test_closing_waits_for_no_version(home, console, manager):
    (home.root / ".versions").write_text("no folder")
    close(manager, reason="verbouwing")
    assert (home.root / CLOSURE).exists()
    page = manager.get("/lijn").text
    assert "De lijn is dicht." in page
    assert "kon niet als versie worden bewaard" in page


def test_a_file_that_cannot_be_written_is_told_and_the_line_stays_open(home, console, manager):
    (home.root / CLOSURE).mkdir()
    answer = manager.submit(OPEN, page="/lijn", follow_redirects=True)
    assert "Het is niet gelukt." in answer.text
    assert acts(console)[0] == ("open", CLOSURE, "failed")


def test_who_closes_a_closed_line_changes_nothing(home, manager):
    close(manager, reason="verbouwing")
    before = (home.root / CLOSURE).read_bytes()
    manager.submit(CLOSE, {"reason": "anders"}, page="/lijn")
    assert (home.root / CLOSURE).read_bytes() == before
    assert "De lijn was al gesloten." in manager.get("/lijn").text


def test_a_line_with_an_error_in_its_files_is_not_closed_but_opened(home, manager):
    close(manager, reason="verbouwing")
    edit(home, "start: main", "start: nowhere", "config/menu.yaml")
    assert "De lijn neemt nu niets over" in manager.get("/lijn").text
    answer = manager.submit(OPEN, page="/lijn", follow_redirects=True)
    assert "Maar de lijn blijft dicht" in answer.text
    assert not (home.root / CLOSURE).exists()


def test_a_closure_that_is_over_says_that_the_line_is_open_again(home, console, manager):
    close(manager, reason="verbouwing", until="2026-11-24T12:30")
    later = like(console, clock=lambda: NOON.replace(hour=12))
    assert "De lijn is weer open." in later.manager().get("/lijn").text
