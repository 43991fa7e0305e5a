"""Every page of the console in every state: axe, the keyboard, narrow, large text, other colours."""

import re

import pytest
from support.browser import WIDE, Page, chromium, serving
from support.console import make_console
from support.console_states import States, kept
from support.homes import NOON, make_home
from support.looks import FOCUS, UNRECOGNISABLE, WATCH_FOCUS
from support.machines import free_port

from ivr.store.acts import Action, Result

LARGE = {"standard": 32, "fixed": 26}
"""Sizes of text in a browser (pixels), twice those that it comes with."""
NO_PAGES = {
    "about.security",
    "menu.picture",
    "phone.sound",
    "phone.step",
    "practice.sound",
    "practice.step",
    "provider.away",
    "provider.back",
    "recordings.tried",
    "report.picture",
    "static_file",
    "texts.sound",
}
"""Endpoints that answer with something else, or lead to another site."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("looks")]


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def console(tmp_path):
    url = f"http://localhost:{free_port()}"
    home = kept(make_home(tmp_path / "home"))
    nobody = f"http://127.0.0.1:{free_port()}"
    state = tmp_path / "state"
    state.mkdir()
    console = make_console(home, state, moment=NOON, url=url, line_url=nobody)
    with serving(console.app, int(url.rpartition(":")[2])):
        yield console


def walked(console, page, language, look):
    """What is found in each state of the console, and the endpoints that were seen."""
    found, seen = {}, set()
    routes = console.app.url_map.bind("localhost")
    for state in States(console, page, language):
        assert page.tab.locator("html").get_attribute("lang") == language
        found[state] = look(page)
        path = page.tab.evaluate("location.pathname")
        if routes.test(path, "GET"):
            seen.add(routes.match(path, "GET")[0])
    page.close()
    assert [each for each in page.told if not re.search("403|404|410", each)] == []
    return {state: findings for state, findings in found.items() if findings}, seen


def test_every_page_in_every_state_is_usable_by_keyboard_narrow_and_with_large_text(console, browser):
    page = Page(browser, console.outside.url)
    devtools = page.context.new_cdp_session(page.tab)

    def look(page):
        findings = page.findings()
        devtools.send("Page.setFontSizes", {"fontSizes": LARGE})
        findings += [f"{each} (large text)" for each in page.not_whole(WIDE)]
        devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
        for _ in range(page.tab.evaluate(WATCH_FOCUS)):
            page.tab.keyboard.press("Tab")
        return findings + page.tab.evaluate(FOCUS)

    found, seen = walked(console, page, "nl", look)
    assert found == {}
    routes = console.app.url_map.iter_rules()
    pages = {each.endpoint for each in routes if "GET" in each.methods} - NO_PAGES
    assert pages - seen == set()


def test_every_page_in_every_state_is_usable_in_english_in_the_dark_and_in_colours_of_the_system(
    console, browser
):
    page = Page(browser, console.outside.url, color_scheme="dark")

    def look(page):
        findings = page.findings()
        page.tab.emulate_media(forced_colors="active")
        findings += page.tab.evaluate(UNRECOGNISABLE)
        page.tab.emulate_media(forced_colors="none")
        return findings

    found, _ = walked(console, page, "en", look)
    assert found == {}


def test_a_long_path_or_name_in_the_log_pushes_no_result_out_of_sight(console, browser):
    acts = console.stores.acts
    acts.add("n" * 100, Action.OPEN_PAGE, f"/gemeente/{'x' * 190}", Result.REFUSED, origin="192.0.2.1")
    page = Page(browser, console.outside.url)
    token = console.manager().cookie("session").value
    page.context.add_cookies([{"name": "session", "value": token, "url": console.outside.url}])
    page.tab.goto("/logboek")
    scrolls = page.tab.evaluate("[...document.querySelectorAll('.scrolls')].map((each) => each.scrollWidth)")
    fits = page.tab.evaluate("[...document.querySelectorAll('.scrolls')].map((each) => each.clientWidth)")
    page.close()
    assert len(scrolls) == 1
    assert scrolls == fits
