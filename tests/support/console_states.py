"""Every page of the console, in each of its states: with errors, looked at, in conflict, published."""

import wave
from datetime import date
from io import BytesIO

from ivr.config.versions import Versions
from ivr.dialogue.usage import Count, Outcome
from ivr.store.counts import PendingCounts
from support.browser import Page, button_for, soon
from support.console import PASSWORD
from support.forms import press
from support.homes import NOON, edit

TOWN, VILLAGE = "/gemeente/voorbeeldstad", "/gemeente/dorp"
NIGHT = "config/municipalities/nacht.yaml"


class States:
    """Leads a tab through the states of a console of its own. In Dorp a second person approves.

    `language`: of the pages. Iterating yields the name of each state, with the tab in it.
    """

    def __init__(self, console, page: Page, language):
        self.console, self.page, self.tab = console, page, page.tab
        rights = {
            "Anna": {"municipalities": ["voorbeeldstad", "dorp"]},
            "Bert": {"municipalities": ["voorbeeldstad", "dorp"]},
            "Cor": {"manager": True},
        }
        self.accounts = {name: console.account(name, **each) for name, each in rights.items()}
        self.tab.goto(f"/inloggen?taal={language}")

    def __iter__(self):
        yield from self._nobody()
        self._become("Anna")
        yield from self._municipality()
        yield from self._of_two()
        yield from self._four_eyes()
        yield from self._phone()
        self._become("Cor")
        yield from self._texts()
        yield from self._line()
        yield from self._unreadable()

    def _become(self, name):
        token = self.console.signed_in(self.accounts[name]).cookie("session").value
        self.page.context.clear_cookies(name="session")
        self.page.context.add_cookies([{"name": "session", "value": token, "url": self.console.outside.url}])

    def _at(self, path, name=None):
        self.tab.goto(path)
        return name or path

    def _send(self, form="main form", value=None):
        """Press the first button of a form, or that with a value."""
        chosen = f'button[value="{value}"]:visible' if value else 'button[type="submit"]:visible'
        self.page.goes_to(self.tab.locator(f"{form} {chosen}").first)

    def _follow(self, link):
        self.page.goes_to(self.tab.locator(link).first)

    def _nobody(self):
        yield "signing in"
        self._send()
        yield "signing in, wrong"
        self.tab.locator("#mail").fill("anna@voorbeeldstad.example")
        self.tab.locator("#password").fill(PASSWORD)
        self._send()
        yield "second step"
        self.tab.locator("#code").fill("000000")
        self._send()
        yield "second step, wrong"
        self.page.context.clear_cookies(name="session")
        yield self._at("/toegankelijkheid")
        yield self._at("/welkom/x", "a link that is over")
        new = self.console.account("Dries", password=None, municipalities=["dorp"])
        yield self._at(f"/welkom/{self.console.stores.links.make(new)}", "a new password")
        self.tab.locator("#password").fill("kort")
        self._send()
        yield "a new password, wrong"
        for field in ("#password", "#again"):
            self.tab.locator(field).fill("zeven oude fietsen")
        self._send()
        yield "a second factor"

    def _municipality(self):
        yield self._at("/", "overview of a coordinator")
        yield self._at("/bestaat-niet", "a page that is not there")
        yield self._at("/accounts", "a page for others")
        yield self._at("/account", "own account")
        yield self._at(TOWN)
        self._send("#form", "add")
        yield "another contact"
        self._fill(**{"contacts-0-number": "020-000 00 0", "contacts-1-hours": "ma-vr 9:00-25:00"})
        self._send("#form", "check")
        yield "a change with errors"
        self.tab.goto(TOWN)
        self._fill(**{"contacts-0-number": "020-000 00 07"})
        self._send("#form", "check")
        yield "a change that was looked at"
        self._send("#form", "keep")
        yield "a draft"
        yield self._at(TOWN, "a municipality with a draft")
        self._follow('a[href*="/concept/"]')
        yield "the page of a draft"
        self._follow('a[href*="/wie?concept="]')
        yield "who is rung with a draft"
        self.tab.goto(TOWN)
        self._fill(**{"contacts-0-number": "020-000 00 08"})
        self._send("#form", "check")
        self._send("#form", "publish")
        yield "a change that was published"
        self._follow('a[href*="/concept/"]')
        yield "a draft that is older than the file"
        yield self._at(f"{TOWN}/geschiedenis")
        self._follow("tbody tr:last-child a")
        yield "an older version"
        yield self._at(f"{TOWN}/wie")
        yield self._at(f"{TOWN}/afwezig")
        self._send()
        yield "an absence with errors"
        self.tab.locator("#last").fill("2026-12-04")
        self._send()
        yield "an absence that was looked at"

    def _of_two(self):
        self.tab.goto(TOWN)
        self._fill(**{"contacts-0-number": "020-000 00 09"})
        bert = self.console.signed_in(self.accounts["Bert"])
        page = press(bert, bert.get(TOWN).text, "Nakijken", {"contacts-1-number": "020-000 00 06"}).text
        press(bert, page, "Publiceren")
        self._send("#form", "check")
        yield "two who changed the same"

    def _four_eyes(self):
        self.tab.goto(VILLAGE)
        self._fill(**{"contacts-1-number": "020-000 01 09"})
        self._send("#form", "check")
        yield "a change that somebody else must publish"
        self._send("#form", "submit")
        yield "a change that waits"
        self._become("Bert")
        yield self._at("/", "overview of the second")
        self._follow('main a[href*="/concept/"]')
        yield "a change of somebody else"
        self._become("Anna")

    def _phone(self):
        yield self._at(f"{TOWN}/oefenen", "no practice link")
        self._send(value="make")
        yield "a practice link"
        link = self.tab.locator("main code").inner_text()
        yield self._at(f"{TOWN}/poster")
        yield self._at("/telefoon?gemeente=voorbeeldstad", "a phone")
        self.tab.locator(".other summary").click()
        self.tab.locator("#calm").check()
        button_for(self.page, "").click()
        soon(lambda: self.tab.locator(".said-line").count() > 0)
        yield "a call"
        button_for(self.page, "2").click()
        button_for(self.page, "-").click()
        soon(lambda: self.tab.locator(".rung").is_visible())
        yield "a call that rings somebody"
        button_for(self.page, "d").click()
        soon(lambda: self.tab.locator(".said-far-end").count() > 0)
        yield "a call that was declined"
        button_for(self.page, "h").click()
        self.tab.goto(link)
        yield "a practice phone"
        yield self._at(link[:-1], "a practice link that is over")

    def _texts(self):
        yield self._at("/", "overview of a manager")
        yield self._at("/menu")
        yield self._at("/teksten")
        yield self._at("/teksten/choose-steps")
        form = 'section[aria-labelledby="in-nl"] form[action$="/nl"]'
        self.tab.locator("#words-nl").fill("Voor {alles}")
        self._send(form, "check")
        yield "a text with errors"
        self.tab.locator("#words-nl").fill("Voor de vijf stappen")
        self._send(form, "check")
        yield "a text that was looked at"
        file = {"name": "opname.wav", "mimeType": "audio/wav", "buffer": beep()}
        self.tab.locator("#recording-nl").set_input_files(file)
        self._send("form:has(#recording-nl)")
        yield "a recording that is tried"

    def _line(self):
        yield self._at("/verslag", "no report yet")
        pending = PendingCounts()
        pending.add([Count("voorbeeldstad", "police", Outcome.USED)] * 12, date(2026, 11, 3))
        pending.store(self.console.outside.engine)
        yield self._at("/verslag", "a report")
        yield self._at("/lijn", "the line open")
        self._send('form[action$="/sluiten"]')
        yield "closing with errors"
        self.tab.locator("#reason").fill("verbouwing")
        self._send('form[action$="/sluiten"]')
        yield "the line closed"
        yield self._at("/", "overview while the line is closed")
        yield self._at("/accounts")
        self._send()
        yield "an account with errors"
        self.tab.locator("#name").fill("Els")
        self.tab.locator("#mail").fill("els@voorbeeldstad.example")
        self.tab.locator("#manager").check()
        self._send()
        yield "the link of an account"
        yield self._at(f"/accounts/{self.accounts['Bert']}", "an account")
        yield self._at("/logboek")

    def _unreadable(self):
        edit(self.console.outside.home, "name: gemeente Nacht", "name: [gemeente Nacht", NIGHT)
        yield self._at("/", "overview with errors")
        yield self._at("/gemeente/nacht", "a file that is no form")
        yield self._at("/telefoon?gemeente=dorp", "a phone while a file has an error")
        yield self._at("/teksten", "texts while a file has an error")

    def _fill(self, **fields):
        for field, value in fields.items():
            self.tab.locator(f"#{field}").fill(value)


def kept(home):
    """A home with `approve` for Dorp, whose files are a version."""
    path = home.root / "config/municipalities/dorp.yaml"
    path.write_text(f"{path.read_text('utf-8')}approve: true\n", "utf-8")
    Versions(home).keep(NOON, lambda: True)
    return home


def beep():
    """A second of sound, as a WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x00\x20\x00\xe0" * 4000)
    return file.getvalue()
