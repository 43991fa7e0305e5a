"""Debian's Chromium at a console that runs in this process, and what it must never tell."""

import time
from contextlib import contextmanager
from threading import Thread

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from support.looks import NOT_WHOLE
from support.machines import needed

LISTEN = """
window.heard = [];
for (const name of ["playing", "pause", "ended"])
  document.querySelector("audio").addEventListener(name, () => heard.push(name));
"""
"""Remembers what the phone's sound does (see `heard`)."""
WIDE, SMALL = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


@contextmanager
def serving(app, port):
    """An application of Flask on loopback, at http://localhost:<port>."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium():
    program = needed("chromium", "chromium")
    with sync_playwright() as playwright:
        # Tests may run as root, where Chromium has no sandbox. Its microphone beeps.
        arguments = ["--no-sandbox", "--use-fake-device-for-media-stream"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Page:
    """A tab, and everything that it wrote to the browser's console (`told`)."""

    def __init__(self, browser, url, **more):
        self.context = browser.new_context(viewport=WIDE, base_url=url, locale="nl-NL", **more)
        self.tab = self.context.new_page()
        self.told = []
        self.tab.on("console", lambda message: self.told.append(f"{self.tab.url} {message.text}"))
        self.tab.on("pageerror", lambda error: self.told.append(f"{self.tab.url} {error}"))

    def close(self):
        self.context.close()

    def with_passkeys(self):
        """The browser has an authenticator that always agrees."""
        devtools = self.context.new_cdp_session(self.tab)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def goes_to(self, element):
        """Click what leads to another page, and wait until that is there."""
        with self.tab.expect_navigation():
            element.click()

    def findings(self):
        """What axe finds wrong with the page as it is, and what is not whole at 320 pixels."""
        axe = Axe().run(self.tab, options={"runOnly": RULES, "resultTypes": ["violations"]})
        found = [f"{each['id']}: {each['nodes'][0]['html']}" for each in axe.response["violations"]]
        return [*found, *self.not_whole(SMALL)]

    def not_whole(self, size):
        """What of the page is cut, or wider than the window, in a window of another size."""
        self.tab.set_viewport_size(size)
        found = self.tab.evaluate(NOT_WHOLE)
        self.tab.set_viewport_size(WIDE)
        return [f"at {size['width']} pixels: {each}" for each in found]


def soon(found, seconds=20):
    """Wait until something is so. Playwright's own way needs a page that may evaluate text."""
    end = time.monotonic() + seconds
    while not (so := found()) and time.monotonic() < end:
        time.sleep(0.02)
    assert so


def button(page, name):
    """A button by its whole name: of several the last, for it may stand above and below a form."""
    return page.tab.get_by_role("button", name=name, exact=True).last


def heard(page):
    """What the sound of a desk phone did since LISTEN."""
    return page.tab.evaluate("window.heard")


def said(page):
    """What stands in the log of a desk phone."""
    return page.tab.get_by_role("log").inner_text()


def button_for(page, act):
    """The button of a desk phone for an act, in any language."""
    return page.tab.locator(f'[data-act="{act}"]:visible').first
