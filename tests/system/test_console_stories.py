"""The console as people use it, in a browser, beside a line that runs: each story as a whole."""

import re
from contextlib import ExitStack
from datetime import UTC, datetime

import pyotp
import pytest
from support.browser import LISTEN, Page, button, chromium, heard, said, serving, soon
from support.console import PASSWORD, make_console
from support.homes import edit, file_of, make_timeless
from support.machines import free_port
from support.operated import Operated

from ivr.exchange.transcript import steps
from ivr.store.acts import Filter

SECRET = pyotp.random_base32()
DORP = "config/municipalities/dorp.yaml"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stories")]


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """The line itself. The second contact of Voorbeeldstad has hours; in Dorp a second one approves."""
    home = make_timeless(tmp_path_factory.mktemp("line") / "home")
    edit(home, "number: 020-000 00 03\n", "number: 020-000 00 03\n    hours: [ma-zo 09:00-17:00]\n")
    path = home.root / DORP
    path.write_text(f"{path.read_text('utf-8')}approve: true\n", "utf-8")
    running = Operated(home)
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def console(line, tmp_path_factory):
    """It goes by the real clock, as the line does."""
    url = f"http://localhost:{free_port()}"
    state = tmp_path_factory.mktemp("state")
    console = make_console(
        line.home, state, moment=lambda: datetime.now(UTC), url=url, line_url=line.url, public=True
    )
    with serving(console.app, int(url.rpartition(":")[2])):
        yield console


@pytest.fixture
def opened(browser, console):
    """Open a browser: of an account that is signed in, or of nobody."""
    with ExitStack() as until_the_end:

        def open_(account=None, **more):
            page = Page(browser, console.outside.url, **more)
            until_the_end.callback(lambda: told.extend(page.told))
            until_the_end.callback(page.close)
            if account:
                cookie = {"name": "session", "value": console.signed_in(account).cookie("session").value}
                page.context.add_cookies([{**cookie, "url": console.outside.url}])
            return page

        told = []
        yield open_
    assert told == []


def soon_of_all(line, greets):
    """Wait until each worker of the line greets so. The console is told by one, and the others follow."""
    soon(lambda: all(greets(line.greets()) for _ in range(8)))


def rung(line, keys="2"):
    """What the line rings, one after the other, for a clerk at the desk of Voorbeeldstad."""
    return [each["rings"] for each in steps(line.call(keys)) if "rings" in each]


def send(page, name):
    """Press a button of a form, and wait for the answer."""
    page.goes_to(button(page, name))


def follow(page, name):
    page.goes_to(page.tab.get_by_role("link", name=name, exact=True))


def read(page):
    return page.tab.get_by_role("main").inner_text()


def test_a_coordinator_changes_a_number_and_the_line_rings_it(console, line, opened):
    console.account("Anna", secret=SECRET, municipalities=["voorbeeldstad"])
    page = opened()
    tab = page.tab
    tab.goto("/")
    tab.get_by_label("E-mailadres").fill("anna@voorbeeldstad.example")
    tab.get_by_label("Wachtwoord").fill(PASSWORD)
    send(page, "Inloggen")
    tab.get_by_label("Code").fill(pyotp.TOTP(SECRET).now())
    send(page, "Inloggen")
    assert "Nog niemand heeft opgeschreven dat dit nummer klopt." in read(page)
    assert "Dorp" not in read(page)
    follow(page, "gemeente Voorbeeldstad")

    number = tab.get_by_label("Nummer", exact=True).first
    number.fill("020-000 00 0")
    send(page, "Nakijken")
    assert number.get_attribute("aria-invalid") == "true"
    described = number.get_attribute("aria-describedby").split()[0]
    assert "Fout: 020-000 00 0" in tab.locator(f"#{described}").inner_text()
    assert button(page, "Publiceren").count() == 0

    number.fill("020-000 00 07")
    tab.get_by_label("Ik heb dit nummer vandaag gebeld, en het klopt").first.check()
    send(page, "Nakijken")
    rows = tab.get_by_role("region", name="Wie er de komende 14 dagen wordt gebeld").get_by_role("row")
    before, after = (rows.nth(1).get_by_role("cell").nth(place).inner_text() for place in range(2))
    assert "020 000 0002" in before
    assert "020 000 0007" in after
    assert "020-000 00 02" in file_of(line.home)
    assert rung(line)[0].startswith("+31200000002,")

    tab.get_by_label("Waarom (mag leeg blijven)").fill("nieuwe collega")
    send(page, "Publiceren")
    assert "Gepubliceerd. De lijn gebruikt het nu." in read(page)
    tab.wait_for_timeout(1500)  # each worker looks once a second; a contact is rung by few at once
    assert rung(line)[0].startswith("+31200000007,")
    follow(page, "Geschiedenis")
    assert re.search(r"Anna\s+nieuwe collega", read(page))

    send(page, "Uitloggen")
    tab.goto("/gemeente/voorbeeldstad")
    assert tab.get_by_label("Wachtwoord").is_visible()


def test_a_clerk_practises_without_an_account_and_nobody_is_rung_or_counted(console, opened):
    page = opened(console.account(municipalities=["voorbeeldstad"]))
    page.tab.goto("/gemeente/voorbeeldstad/oefenen")
    send(page, "Oefenlink maken")
    link = page.tab.locator("code").inner_text()
    acts = len(console.stores.acts.find(Filter()))
    clerk = opened()
    clerk.tab.goto(link)
    clerk.tab.evaluate(LISTEN)
    button(clerk, "Bel").click()
    soon(lambda: "playing" in heard(clerk))
    assert "Voor de politie, kies 3." in said(clerk)
    button(clerk, "3").click()
    soon(lambda: "Ik bel de politie." in said(clerk))
    button(clerk, "Niets kiezen").click()
    button(clerk, "Neemt op").click()
    soon(lambda: "U hebt iemand aan de lijn." in said(clerk))
    button(clerk, "Bel").click()
    button(clerk, "Ophangen").click()
    soon(lambda: "U hebt opgehangen." in said(clerk))
    assert clerk.tab.get_by_text("Gesprek afgelopen").is_visible()
    assert clerk.tab.get_by_role("navigation").count() == 0
    assert len(console.stores.acts.find(Filter())) == acts


def test_a_manager_changes_a_text_records_it_adds_an_account_and_closes_and_opens_the_line(
    console, line, opened
):
    """Chromium's own microphone of tests beeps."""
    page = opened(console.account("Cor", manager=True))
    page.context.grant_permissions(["microphone"])
    tab = page.tab
    tab.goto("/teksten")
    follow(page, "choose-police")
    dutch = tab.get_by_role("region", name="Nederlands")
    dutch.get_by_label("Nieuwe tekst (Nederlands)").fill("Om de politie te bellen")
    page.goes_to(dutch.get_by_role("button", name="Nakijken"))
    assert "Voor de politie, kies 3." in dutch.locator("details del").first.inner_text()
    assert "Om de politie te bellen, kies 3." in dutch.locator("details ins").first.inner_text()
    page.goes_to(dutch.get_by_role("button", name="Publiceren"))
    soon_of_all(line, lambda heard: "Om de politie te bellen, kies 3." in heard)

    dutch.get_by_role("button", name="Opnemen").click()
    dutch.get_by_text("De opname loopt").wait_for()
    tab.wait_for_timeout(1100)  # the beep comes once a second
    dutch.get_by_role("button", name="Stoppen").click()
    tab.get_by_text("Bellers horen haar nog niet.").wait_for()
    page.goes_to(dutch.get_by_role("button", name="In gebruik nemen"))
    assert "Ingesproken" in dutch.inner_text()

    follow(page, "Accounts")
    tab.get_by_label("Naam").fill("Dries")
    tab.get_by_label("E-mailadres").fill("dries@voorbeeldstad.example")
    tab.get_by_label("Coördinator van gemeente Dorp").check()
    send(page, "Account toevoegen")
    link = tab.locator("code").inner_text()

    follow(page, "Lijn dicht of open")
    tab.get_by_label("Waarom").fill("verbouwing")
    send(page, "Lijn sluiten")
    assert "De lijn is dicht." in read(page)
    soon_of_all(line, lambda heard: "De lijn is nu even dicht." in heard)
    send(page, "Lijn openen")
    assert "De lijn is open." in read(page)
    soon_of_all(line, lambda heard: "De lijn is nu even dicht." not in heard)

    follow(page, "Logboek")
    listed = [row.inner_text().split("\t") for row in tab.locator("tbody tr").all()]
    done = [(each[2], each[3], each[4]) for each in listed if each[1] == "Cor"]
    assert done == [
        ("lijn geopend", "config/closed.yaml", "gelukt"),
        ("lijn gesloten", "config/closed.yaml", "gelukt"),
        ("account toegevoegd", "Dries: dorp", "gelukt"),
        ("opname in gebruik genomen", "nl/choose-police", "gelukt"),
        ("opname gemaakt om te proberen", "nl/choose-police", "gelukt"),
        ("tekst veranderd", "nl/choose-police", "gelukt"),
    ]
    assert link.rpartition("/")[2] not in tab.content()


def test_who_wrote_a_change_cannot_publish_it_and_a_second_one_sees_it_and_does(console, line, opened):
    anna = opened(console.account("Els", municipalities=["dorp"]))
    anna.tab.goto("/gemeente/dorp")
    anna.tab.get_by_label("Nummer", exact=True).last.fill("020-000 01 09")
    send(anna, "Nakijken")
    assert "Een ander publiceert dit." in read(anna)
    assert button(anna, "Publiceren").count() == 0
    send(anna, "Voorleggen")
    assert "U hebt dit zelf geschreven. Een ander moet het publiceren." in read(anna)
    assert button(anna, "Publiceren").count() == 0
    assert "020-000 01 09" not in file_of(line.home, DORP)

    bert = opened(console.account("Bert", municipalities=["dorp"]))
    bert.tab.goto("/")
    follow(bert, "Bekijk het concept")
    shown = bert.tab.get_by_role("region", name="De wijziging, regel voor regel").inner_text()
    assert "Het wijkteam: Nummer\t020-000 01 02\t020-000 01 09" in shown
    bert.tab.get_by_text("Zo staat het in het bestand").click()
    shown = bert.tab.get_by_role("region", name="Zo staat het in het bestand").inner_text()
    assert "number: 020-000 01 02\tnumber: 020-000 01 09" in shown
    send(bert, "Publiceren")
    assert "Gepubliceerd. De lijn gebruikt het nu." in read(bert)
    assert "020-000 01 09" in file_of(line.home, DORP)
    follow(bert, "Geschiedenis")
    assert re.search(r"Bert\s+\(geschreven door Els\)", read(bert))


def tab_to(page, element):
    """Press Tab until an element has the focus."""
    for _ in range(100):
        if element.evaluate("each => each === document.activeElement"):
            return
        page.tab.keyboard.press("Tab")
    raise AssertionError("the keyboard does not come there")


def has_focus(element):
    return element.evaluate("each => each === document.activeElement")


def test_a_number_is_changed_by_keyboard_alone_and_the_focus_leads_from_error_to_field(console, line, opened):
    page = opened(console.account("Fred", municipalities=["voorbeeldstad"]))
    tab, keyboard = page.tab, page.tab.keyboard

    def enter():
        with tab.expect_navigation():
            keyboard.press("Enter")

    tab.goto("/")
    tab_to(page, tab.get_by_role("link", name="gemeente Voorbeeldstad", exact=True))
    enter()
    number = tab.get_by_label("Nummer", exact=True).nth(1)
    tab_to(page, number)
    keyboard.type("12")  # Tab has selected what stood there
    enter()
    assert has_focus(tab.locator("#errors"))
    keyboard.press("Tab")
    keyboard.press("Enter")
    assert has_focus(number)
    keyboard.press("Control+A")
    keyboard.type("020-000 00 05")
    tick = tab.get_by_label("Ik heb dit nummer vandaag gebeld, en het klopt").nth(1)
    tab_to(page, tick)
    keyboard.press("Space")
    holidays = tab.get_by_label("Feestdagen").nth(1)
    tab_to(page, holidays)
    keyboard.press("ArrowDown")
    tab_to(page, button(page, "Nakijken"))
    enter()
    assert has_focus(tab.get_by_role("heading", name="Dit verandert er"))
    assert holidays.input_value() == "closed"
    tab_to(page, tab.get_by_label("Waarom (mag leeg blijven)"))
    keyboard.type("ander nummer")
    tab_to(page, button(page, "Publiceren"))
    enter()
    assert "Gepubliceerd. De lijn gebruikt het nu." in read(page)
    assert "020-000 00 05" in file_of(line.home)
    assert "holidays: closed" in file_of(line.home)


def test_after_a_button_of_a_contact_the_focus_is_at_the_contact_that_it_is_about(console, line, opened):
    page = opened(console.account("Gea", municipalities=["voorbeeldstad"]))
    tab = page.tab
    tab.goto("/gemeente/voorbeeldstad")

    def press(name):
        with tab.expect_navigation():
            button(page, name).press("Enter")

    first = tab.get_by_label("Naam", exact=True).first.input_value()
    press(f"Omlaag {first}")
    moved = tab.get_by_role("group", name=f"Contact 2: {first}")
    assert has_focus(moved)
    press("Contact toevoegen")
    assert has_focus(tab.get_by_role("group", name="Contact 3: nieuw"))
    press(f"Weghalen {first}")
    assert has_focus(tab.get_by_role("heading", name="Contacten", exact=True))
