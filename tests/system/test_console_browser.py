"""The doors of the console in a browser: passkeys, errors of a form, and a recording."""

from datetime import UTC, datetime

import pyotp
import pytest
from support.browser import Page, chromium, serving
from support.console import PASSWORD, make_console
from support.machines import free_port

SECRET = pyotp.random_base32()

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def console(shared_home, tmp_path_factory):
    url = f"http://localhost:{free_port()}"
    state = tmp_path_factory.mktemp("state")
    console = make_console(shared_home, state, moment=lambda: datetime.now(UTC), url=url)
    with serving(console.app, int(url.rpartition(":")[2])):
        yield console


@pytest.fixture
def page(browser, console):
    page = Page(browser, console.outside.url)
    yield page
    page.close()
    assert page.told == []


def sign_in(page, mail, password):
    page.tab.goto("/inloggen")
    page.tab.get_by_label("E-mailadres").fill(mail)
    page.tab.get_by_label("Wachtwoord").fill(password)
    page.tab.get_by_role("button", name="Inloggen").click()


def test_a_link_leads_to_a_passkey_and_the_passkey_signs_in(console, page):
    account = console.account("Bert", password=None, manager=True)
    page.with_passkeys()
    page.tab.goto(f"/welkom/{console.stores.links.make(account)}")
    assert page.findings() == []
    page.tab.get_by_label("Nieuw wachtwoord", exact=True).fill("zeven oude fietsen")
    page.tab.get_by_label("Nieuw wachtwoord, nog een keer").fill("zeven oude fietsen")
    page.tab.get_by_role("button", name="Verder").click()
    assert page.findings() == []
    page.tab.get_by_label("Naam van deze passkey").fill("laptop")
    page.tab.get_by_role("button", name="Passkey maken").click()
    page.tab.get_by_text("Uw account is klaar").wait_for()
    page.tab.get_by_role("button", name="Uitloggen").click()
    sign_in(page, "bert@voorbeeldstad.example", "zeven oude fietsen")
    assert page.findings() == []
    page.tab.get_by_role("button", name="Inloggen met passkey").click()
    page.tab.get_by_role("heading", name="Overzicht").wait_for()


def test_who_has_no_mouse_signs_in_by_keyboard_alone(console, page):
    console.account("Anna", secret=SECRET, municipalities=["voorbeeldstad"])
    page.tab.goto("/inloggen")
    press = page.tab.keyboard.press
    press("Tab")
    assert page.tab.evaluate("document.activeElement.className").startswith("nl-skip-link")
    press("Enter")
    press("Tab")
    page.tab.keyboard.type("anna@voorbeeldstad.example")
    press("Tab")
    page.tab.keyboard.type(PASSWORD)
    press("Enter")
    page.tab.get_by_label("Code").wait_for()
    page.tab.get_by_label("Code").focus()
    page.tab.keyboard.type(pyotp.TOTP(SECRET).now())
    press("Enter")
    page.tab.get_by_role("heading", name="Overzicht").wait_for()


def test_errors_of_a_form_are_told_on_top_and_at_their_fields(console, page):
    page.tab.goto("/inloggen")
    page.tab.get_by_role("button", name="Inloggen").click()
    page.tab.get_by_role("alert").get_by_role("link").click()
    field = page.tab.get_by_label("E-mailadres")
    assert field.evaluate("each => each === document.activeElement")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby").split()[0]
    assert "horen niet bij elkaar" in page.tab.locator(f"#{described}").inner_text()
    assert page.findings() == []


def test_a_text_is_recorded_in_the_browser_and_heard_back_before_callers_hear_it(console, page):
    """Chromium's own microphone of tests beeps."""
    token = console.manager().cookie("session").value
    page.context.add_cookies([{"name": "session", "value": token, "url": console.outside.url}])
    page.context.grant_permissions(["microphone"])
    page.tab.goto("/teksten/choose-police")
    dutch = page.tab.get_by_role("region", name="Nederlands")
    dutch.get_by_role("button", name="Opnemen").click()
    dutch.get_by_text("De opname loopt").wait_for()
    page.tab.wait_for_timeout(1500)
    dutch.get_by_role("button", name="Stoppen").click()
    page.tab.get_by_text("Bellers horen haar nog niet.").wait_for()
    sound = page.tab.locator("#trial-nl").locator("xpath=following::audio[1]")
    sound.evaluate("each => each.play()")
    assert sound.evaluate("each => each.duration") > 0.2
    assert page.findings() == []
    dutch.get_by_role("button", name="Weggooien").click()
    page.tab.get_by_text("De opname is weggegooid.").wait_for()
