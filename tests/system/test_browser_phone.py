"""The desk phone in a browser: its sound plays and stops, and everybody can use it."""

import time

import pytest
from support.browser import LISTEN, Page, button, chromium, heard, said, serving, soon
from support.console import make_console
from support.homes import NOON
from support.machines import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def url(shared_home, tmp_path_factory):
    """A console that is open to all."""
    url = f"http://localhost:{free_port()}"
    console = make_console(shared_home, tmp_path_factory.mktemp("state"), moment=NOON, url=url, demo=True)
    with serving(console.app, int(url.rpartition(":")[2])):
        yield url


@pytest.fixture
def page(browser, url):
    page = Page(browser, url)
    page.tab.goto("/telefoon?gemeente=voorbeeldstad")
    page.tab.evaluate(LISTEN)
    yield page
    page.close()
    assert page.told == []


def plays(page):
    return page.tab.evaluate("!document.querySelector('audio').paused")


def focused(page):
    now = "document.activeElement"
    return page.tab.evaluate(f"{now}.getAttribute('aria-label') || {now}.innerText")


def test_the_sound_plays_and_a_key_and_hanging_up_stop_it(page):
    button(page, "Bel").click()
    soon(lambda: "playing" in heard(page))
    assert plays(page)
    assert "Voor de politie, kies 3." in said(page)
    page.tab.evaluate("window.heard = []")
    button(page, "3").click()
    soon(lambda: heard(page)[:1] == ["pause"])
    soon(lambda: "Ik bel de politie." in said(page))
    soon(lambda: "playing" in heard(page))
    button(page, "Ophangen").click()
    soon(lambda: "U hebt opgehangen." in said(page))
    assert not plays(page)
    assert page.tab.locator("audio").count() == 1
    assert page.tab.get_by_text("Gesprek afgelopen").is_visible()


def test_a_screen_reader_hears_what_the_keys_and_taking_it_easy_do(page):
    keys = page.tab.get_by_role("group", name="Toetsen", exact=True)
    calm = page.tab.get_by_role("checkbox", name="Rustig aan", exact=True)
    for each, words in [(keys, "#pad-hint"), (calm, "#calm-help")]:
        assert each.get_attribute("aria-describedby") == words[1:]
        assert page.tab.locator(words).inner_text().strip()


def test_a_number_that_is_busy_leads_to_the_next_one(page):
    button(page, "Bel").click()
    button(page, "3").click()
    button(page, "Niets kiezen").click()
    button(page, "Bezet").click()
    soon(lambda: "Ik probeer een ander nummer van de politie." in said(page))
    button(page, "Niets kiezen").click()
    soon(lambda: "0343 578 844" in said(page))
    button(page, "Neemt op").click()
    soon(lambda: "U hebt iemand aan de lijn." in said(page))
    assert button(page, "Bel").is_visible()


def test_silence_goes_on_by_itself_unless_the_user_takes_it_easy(page):
    page.tab.evaluate("document.querySelector('audio').defaultPlaybackRate = 8")
    page.tab.get_by_label("Rustig aan").check()
    button(page, "Bel").click()
    button(page, "3").click()
    soon(lambda: "Ik bel de politie." in said(page))
    soon(lambda: page.tab.get_by_text("De lijn wacht op een toets").is_visible())
    time.sleep(1.5)  # the announcement waits for one second
    assert "1 s stilte." not in said(page)
    page.tab.get_by_label("Rustig aan").uncheck()
    soon(lambda: "1 s stilte." in said(page))
    assert page.tab.get_by_text("Wat doet de politie?").is_visible()


def test_who_has_no_mouse_calls_by_keyboard_alone(page):
    press = page.tab.keyboard.press
    for _ in range(60):
        if focused(page) == "Bel":
            break
        press("Tab")
    press("Enter")
    soon(lambda: focused(page) == "Toetsen")
    press("3")
    soon(lambda: "Ik bel de politie." in said(page))
    assert focused(page) == "Toetsen"
    button(page, "Niets kiezen").focus()
    press("Space")
    soon(lambda: focused(page).startswith("Wat doet de politie?"))
    press("Tab")
    assert focused(page) == "Neemt op"
    press("Enter")
    soon(lambda: focused(page) == "Bel")
    assert "U hebt iemand aan de lijn." in said(page)


def test_digits_of_the_keyboard_are_keys_only_where_the_keys_have_the_focus(page):
    button(page, "Bel").click()
    soon(lambda: focused(page) == "Toetsen")
    page.tab.get_by_label("Rustig aan").focus()
    page.tab.keyboard.press("3")
    page.tab.get_by_role("log").focus()
    page.tab.keyboard.press("3")
    button(page, "5").focus()
    page.tab.keyboard.press("#")
    soon(lambda: "U kiest #." in said(page))
    assert "U kiest 3." not in said(page)


def test_keys_that_are_pressed_fast_all_count(page):
    button(page, "Bel").click()
    soon(lambda: focused(page) == "Toetsen")
    page.tab.keyboard.type("1##")
    soon(lambda: "Stap 3." in said(page))
    assert said(page).count("U kiest") == 3


def test_a_line_that_fails_is_told_and_the_next_call_works(page):
    button(page, "Bel").click()
    soon(lambda: "playing" in heard(page))
    page.tab.route("**/telefoon/gesprek?*", lambda route: route.fulfill(status=200, body="x"))
    button(page, "3").click()
    soon(lambda: page.tab.get_by_role("alert").inner_text().startswith("Dit gesprek kan niet verder."))
    assert not plays(page)
    page.tab.unroute("**/telefoon/gesprek?*")
    button(page, "Bel").click()
    soon(lambda: "Voor de politie, kies 3." in said(page))
    soon(lambda: page.tab.get_by_role("alert").count() == 0)


def test_nothing_is_wrong_with_the_phone_at_any_moment_of_a_call(page):
    assert page.findings() == []
    button(page, "Bel").click()
    soon(lambda: "playing" in heard(page))
    assert page.findings() == []
    button(page, "2").click()
    button(page, "Niets kiezen").click()
    soon(lambda: page.tab.get_by_text("Wat doet").is_visible())
    assert page.findings() == []
    button(page, "Weigert").click()
    soon(page.tab.get_by_role("button", name="Beluister").first.is_visible)
    assert page.findings() == []


def test_the_link_and_the_poster_lead_to_the_practice_phone(page):
    page.tab.goto("/gemeente/voorbeeldstad/oefenen")
    button(page, "Oefenlink maken").click()
    assert page.findings() == []
    link = page.tab.locator("code").inner_text()
    page.tab.goto("/gemeente/voorbeeldstad/poster")
    assert page.findings() == []
    page.tab.emulate_media(media="print")
    printed = page.tab.locator("body").inner_text()
    assert "020 000 0001" in printed
    assert "mensenhandel" not in printed
    page.tab.emulate_media(media="screen")
    page.tab.goto(link)
    page.tab.evaluate(LISTEN)
    button(page, "Bel").click()
    soon(lambda: "playing" in heard(page))
    assert page.findings() == []


def test_without_script_a_call_goes_by_forms_and_each_new_phrase_has_a_control(browser, url):
    page = Page(browser, url, java_script_enabled=False)
    page.tab.goto("/telefoon?gemeente=voorbeeldstad")
    for name in ("Bel", "3", "Niets kiezen", "Bezet"):
        button(page, name).click()
    assert "Ik probeer een ander nummer van de politie." in said(page)
    assert page.tab.locator("audio[controls]").count() == 1
    button(page, "Ophangen").click()
    assert "U hebt opgehangen." in said(page)
    assert button(page, "Bel").is_visible()
    page.close()
    assert page.told == []
