"""The pictures of the console in the documents are of the pages as they are.

A picture itself differs with the fonts of a machine, so the words of its page are compared. After a change
`make pictures` takes them anew, with Chromium.
"""

import json
from hashlib import sha256

import pytest
from support.browser import Page, button, chromium, serving
from support.console import make_console
from support.forms import press, text_of
from support.machines import free_port

from ivr.config.shipped import shipped

DOCS = shipped() / "docs"
WORDS = DOCS / "images/words.json"
"""Name of a picture → SHA-256 of the words on its page."""
MOST = 150_000
"""Bytes of a picture."""
TOWN = "/gemeente/voorbeeldstad"
NUMBER, NEW = "contacts-0-number", "020-000 00 07"
CALL = "/telefoon?gemeente=voorbeeldstad&keuzes=2-"
SIZES = {"overview": (1100, 760), "change": (1100, 1060), "phone": (1100, 1010)}
"""Name → width and height in pixels."""


@pytest.fixture
def console(shared_home, tmp_path):
    url = f"http://localhost:{free_port()}"
    return make_console(shared_home, tmp_path, url=url)


@pytest.fixture
def anna(console):
    return console.signed_in(console.account("Anna", municipalities=["voorbeeldstad", "dorp", "nacht"]))


def pages(browser):
    """The pages of the pictures, as HTML."""
    change = press(browser, browser.get(TOWN).text, "Nakijken", {NUMBER: NEW})
    return {
        "overview": browser.get("/").text,
        "change": change.text,
        "phone": browser.get(CALL).text,
    }


def words(browser):
    return {name: sha256(text_of(page).encode()).hexdigest() for name, page in pages(browser).items()}


def take(console, token):
    """Take the pictures."""
    with serving(console.app, int(console.outside.url.rpartition(":")[2])), chromium() as chrome:
        page = Page(chrome, console.outside.url)
        page.context.add_cookies([{"name": "session", "value": token, "url": console.outside.url}])
        tab = page.tab
        ways = {"overview": "/", "change": TOWN, "phone": CALL}
        for name, (width, height) in SIZES.items():
            tab.set_viewport_size({"width": width, "height": height})
            tab.goto(ways[name])
            if name == "change":
                tab.locator(f"#{NUMBER}").fill(NEW)
                page.goes_to(button(page, "Nakijken"))
                tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            if name == "phone":
                tab.locator(".other summary").click()
                tab.evaluate("document.activeElement.blur()")
            tab.screenshot(path=DOCS / f"images/{name}.png")
        page.close()


def test_the_pictures_of_the_console_are_of_the_pages_as_they_are(console, anna, request):
    now = words(anna)
    if request.config.getoption("--write-pictures"):
        take(console, anna.cookie("session").value)
        WORDS.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", "utf-8")
    assert json.loads(WORDS.read_text("utf-8")) == now, "take the pictures anew: make pictures"


def test_the_documents_show_each_picture_and_it_is_small():
    for document in (DOCS / "../README.md", DOCS / "console.md"):
        text = document.read_text("utf-8")
        for name in SIZES:
            assert f"images/{name}.png)" in text, document
    assert {each.stem for each in (DOCS / "images").glob("*.png")} == SIZES.keys()
    assert max(each.stat().st_size for each in (DOCS / "images").iterdir()) < MOST
