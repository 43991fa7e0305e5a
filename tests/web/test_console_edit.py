"""A coordinator changes a number: what a form shows, what a change would do, and publishing it."""

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.console import make_console
from support.forms import Form, press, text_of
from support.homes import NOON, TOWN, edit, file_of
from support.machines import free_port

from ivr.config import source
from ivr.config.live import Live
from ivr.config.reading import read
from ivr.config.versions import Kind, Versions
from ivr.console.editing import line_version
from ivr.console.editing.line_version import LineAnswer, ask_line
from ivr.store.acts import Filter
from ivr.web.health import health
from ivr.web.recorder import NullRecorder

PAGE = "/gemeente/voorbeeldstad"
CONFIRM = "Ik heb dit nummer vandaag gebeld, en het klopt"


@pytest.fixture
def line(home):
    """The line's /health on loopback. A change is in use at the next look."""
    live = Live(home, lambda: NOON, public=False)

    class Health(BaseHTTPRequestHandler):
        def do_GET(self):
            live.look()
            told, _ = health(live.snapshot, NullRecorder().status(), NOON, late=False)
            body = str(told).replace("'", '"').replace("False", "false").encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def console(home, tmp_path_factory, line):
    return make_console(home, tmp_path_factory.mktemp("state"), line_url=line)


@pytest.fixture
def anna(console):
    return console.signed_in(console.account("Anna", municipalities=["voorbeeldstad"]))


def test_from_the_overview_to_live_in_five_clicks_and_one_typed_number(home, anna):
    before = file_of(home)
    overview = anna.get("/").text
    (url,) = re.findall(rf'href="({PAGE})"', overview)
    clicks = ["gemeente Voorbeeldstad"]
    page = anna.get(url).text
    assert "contacts-0-number" in Form(page, "form").labels["Nummer"]
    clicks.append("into the field")
    clicks.append(CONFIRM)
    typed = {"contacts-0-number": "020-000 00 07", "contacts-0-confirmed": "on"}
    clicks.append("Nakijken")
    page = press(anna, page, "Nakijken", typed).text
    clicks.append("Publiceren")
    page = press(anna, page, "Publiceren").text
    assert "De lijn gebruikt het nu." in text_of(page)
    assert len(clicks) <= 5
    assert file_of(home) == before.replace("020-000 00 02", "020-000 00 07").replace(
        "2026-11-02         # de dag", "2026-11-24         # de dag"
    )
    (version, *_) = Versions(home).listed("voorbeeldstad")
    assert (version.kind, version.author) == (Kind.CONSOLE, "Anna")


def test_checking_changes_nothing_and_shows_the_lines_and_who_is_rung_before_and_after(home, anna):
    before = file_of(home)
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-1-number": "020 000 0099"}).text
    assert file_of(home) == before
    assert "<del>number: 020-000 00 03</del>" in page
    assert "<ins>number: 020 000 0099</ins>" in page
    told = text_of(page)
    assert "Het piket van Veiligheid: Nummer 020-000 00 03 020 000 0099" in told
    assert "di 24-11 12:00" in told
    now, then = "het piket van Veiligheid, 020 000 0003", "het piket van Veiligheid, 020 000 0099"
    assert now in told
    assert then in told


def test_an_error_is_shown_at_its_field_and_blocks_publishing_here_too(home, anna):
    before = file_of(home)
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "112"}).text
    form = Form(page, "form")
    field = form.described["contacts-0-number"]
    assert field["aria-invalid"] == "true"
    assert "contacts-0-number-found" in field["aria-describedby"].split()
    assert re.search(r'id="contacts-0-number-found">.*?noodnummer', page, re.DOTALL)
    assert re.search(r'id="errors">.*?href="#contacts-0-number"', page, re.DOTALL)
    assert field["value"] == "112"
    assert "Publiceren" not in form.buttons
    sent = {**form.fields, "do": "publish", "reviewed": "x"}
    anna.post(PAGE, sent)
    assert file_of(home) == before


def test_a_warning_is_told_at_its_field_and_does_not_block(anna):
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "020-000 00 07"}).text
    form = Form(page, "form")
    assert "aria-invalid" not in form.described["contacts-0-confirmed"]
    assert "contacts-0-confirmed-found" in form.described["contacts-0-confirmed"]["aria-describedby"]
    assert "Publiceren" in form.buttons


@pytest.mark.parametrize(("typed", "day"), [({}, None), ({"contacts-0-confirmed": "on"}, "2026-11-24")])
def test_a_number_that_changes_is_unconfirmed_until_somebody_says_that_it_was_rung(home, anna, typed, day):
    typed = {"contacts-0-number": "020-000 00 07", **typed}
    page = press(anna, anna.get(PAGE).text, "Nakijken", typed).text
    press(anna, page, "Publiceren")
    confirmed = read(home, NOON).line.municipalities["voorbeeldstad"].contacts[0].confirmed
    assert (confirmed and confirmed.isoformat()) == day


def test_the_same_number_in_another_spelling_stays_confirmed(home, anna):
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "+31 20 0000002"}).text
    press(anna, page, "Publiceren")
    assert "confirmed: 2026-11-02         # de dag" in file_of(home)


def test_what_was_not_looked_at_is_not_published(home, anna):
    before = file_of(home)
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "020-000 00 07"}).text
    page = press(anna, page, "Publiceren", {"contacts-0-number": "020-000 00 08"}).text
    assert "Er is nog niets gepubliceerd" in page
    assert file_of(home) == before
    page = press(anna, page, "Publiceren").text
    assert "020-000 00 08" in file_of(home)


def test_without_a_change_there_is_nothing_to_publish(anna):
    page = press(anna, anna.get(PAGE).text, "Nakijken").text
    assert "Er is niets veranderd." in page
    assert "Publiceren" not in Form(page, "form").buttons


def test_contacts_are_added_ordered_and_removed_by_buttons(home, anna):
    page = press(anna, anna.get(PAGE).text, "Contact toevoegen").text
    typed = {"contacts-2-name": "de vervanger", "contacts-2-number": "020-000 00 05"}
    page = press(anna, page, "Omhoog", typed, place=1).text
    page = press(anna, page, "Weghalen", place=0).text
    page = press(anna, page, "Nakijken").text
    page = press(anna, page, "Publiceren").text
    contacts = read(home, NOON).line.municipalities["voorbeeldstad"].contacts
    assert [each.number for each in contacts] == ["+31200000005", "+31200000003"]


def test_every_setting_of_a_municipality_and_of_a_contact_can_be_changed(home, anna):
    typed = {
        "contacts-0-name": "de achterwacht",
        "contacts-0-name-en": "the rear guard",
        "contacts-0-hours": "ma-do 08:30-17:00, vr 08:30-12:00\r\nza 10:00-12:00",
        "contacts-0-holidays": "open",
        "contacts-0-away": "21-12-2026 t/m 3-1-2027\r\n2027-02-15",
        "contacts-0-from": "2026-11-01",
        "contacts-0-until": "31-12-2027",
        "contacts-0-ring": "30",
        "closed": "24-12-2026\r\n31-12-2026",
        "callers": "+31 20 000 *",
        "dialled": "+31 20 000 00 01",
        "caller_id": "",
        "mail": "a@voorbeeldstad.example, b@voorbeeldstad.example",
        "name": "gemeente Elders",
        "approve": "on",
    }
    page = press(anna, anna.get(PAGE).text, "Nakijken", typed, unticked=["contacts-0-accept"]).text
    press(anna, page, "Publiceren")
    town = source.parse(file_of(home), "").value
    assert town["contacts"][0] == {
        "name": {"nl": "de achterwacht", "en": "the rear guard"},
        "number": "020-000 00 02",
        "hours": ["ma-do 08:30-17:00", "vr 08:30-12:00", "za 10:00-12:00"],
        "holidays": "open",
        "accept": "false",
        "ring": "30",
        "confirmed": "2026-11-02",
        "from": "2026-11-01",
        "until": "2027-12-31",
        "away": ["2026-12-21 - 2027-01-03", "2027-02-15"],
    }
    assert {key: town[key] for key in ("closed", "callers", "dialled", "mail", "name", "approve")} == {
        "closed": ["2026-12-24", "2026-12-31"],
        "callers": ["+31 20 000 *"],
        "dialled": ["+31 20 000 00 01"],
        "mail": ["a@voorbeeldstad.example", "b@voorbeeldstad.example"],
        "name": "gemeente Elders",
        "approve": "true",
    }
    assert "caller_id" not in town


tricky = st.sampled_from(
    ["a: b", "# x", "- x", "&a", "*a", "---", "{a: b}", "[x", "'", '"', "x #y", "no", "!!x", "\u2028x"]
)


@given(
    text=st.one_of(tricky, st.text(min_size=1, max_size=20)),
    field=st.sampled_from(["name", "number", "ring"]),
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_that_is_typed_comes_back_as_it_was_typed(anna, text, field):
    """Through the form, the check, a draft, and the form again."""
    name = f"contacts-0-{field}"
    page = press(anna, anna.get(PAGE).text, "Concept bewaren", {name: text})
    assert page.status_code == 200
    back = Form(page.text, "form").fields
    typed = text.encode(errors="replace").decode().strip()
    assert back[name] == typed
    untouched = Form(anna.get(PAGE).text, "form").fields
    same = {key for key in back if key.startswith("contacts-1") or key in {"callers", "closed", "mail"}}
    assert {key: back[key] for key in same} == {key: untouched[key] for key in same}


def test_a_form_that_is_sent_back_as_it_is_changes_nothing(home, anna):
    for slug in ("voorbeeldstad",):
        page = press(anna, anna.get(f"/gemeente/{slug}").text, "Nakijken").text
        assert "Er is niets veranderd." in page


@pytest.mark.parametrize("slug", ["dorp", "nacht"])
def test_other_layouts_come_back_as_they_are_too(console, slug):
    page = console.manager()
    assert "Er is niets veranderd." in press(page, page.get(f"/gemeente/{slug}").text, "Nakijken").text


def test_what_is_written_in_other_words_stays_as_it_is(home, anna):
    edit(home, "holidays: closed", "holidays: dicht")
    edit(home, "accept: true", "accept: ja")
    edit(home, "closed: [2026-12-24]", "closed: 2026-12-24, 2026-12-31")
    edit(home, "[ma-vr 08:30-17:00]", "ma-do 08:30-17:00 en vr 08:30-12:00")
    page = press(anna, anna.get(PAGE).text, "Nakijken").text
    assert "Er is niets veranderd." in page


@pytest.mark.parametrize("state", ["", "x", "AAAA", "eJwDAAAAAAE="])
def test_a_form_that_somebody_made_is_refused(anna, state):
    form = Form(anna.get(PAGE).text, "form")
    assert anna.post(PAGE, {**form.fields, "state": state, "do": "check"}).status_code == 400
    assert anna.post(PAGE, {**form.fields, "do": "up-99"}).status_code == 400
    assert anna.post(PAGE, {**form.fields, "do": "up-x"}).status_code == 400
    assert anna.post(PAGE, {**form.fields, "do": "format"}).status_code == 400


def test_each_finding_of_the_overview_links_to_its_field(home, anna):
    edit(home, "020-000 00 03", "112")
    overview = anna.get("/").text
    assert f'href="{PAGE}#contacts-1-number"' in overview
    page = anna.get(PAGE).text
    assert Form(page, "form").described["contacts-1-number"]["aria-invalid"] == "true"


def test_a_finding_of_the_whole_municipality_leads_to_the_form(home, anna):
    edit(home, "name: gemeente", "nmae: x\nname: gemeente")
    assert f'href="{PAGE}#form"' in anna.get("/").text
    assert "nmae" in anna.get(PAGE).text


@pytest.mark.parametrize("text", ["a: [", "", "\x00", "just text"])
def test_a_file_that_is_no_form_is_shown_with_what_is_wrong_and_a_way_back(home, anna, text):
    (home.root / TOWN).write_text(text, "utf-8")
    page = anna.get(PAGE)
    assert page.status_code == 200
    assert f"{PAGE}/geschiedenis" in page.text


@pytest.mark.parametrize("slug", ["%00", "..", "weg", "voorbeeldstad.yaml", "%2e%2e%2fline"])
def test_a_name_that_is_no_municipality_is_not_there(console, slug):
    assert console.manager().get(f"/gemeente/{slug}").status_code == 404


def test_a_municipality_without_a_file_is_not_there(console):
    assert console.coordinator("weg").get("/gemeente/weg").status_code == 404


def test_a_line_that_is_down_is_told_and_is_no_error_of_publishing(home, tmp_path_factory):
    console = make_console(home, tmp_path_factory.mktemp("state"), line_url=f"http://127.0.0.1:{free_port()}")
    browser = console.manager()
    page = press(browser, browser.get(PAGE).text, "Nakijken", {"contacts-0-number": "020-000 00 07"}).text
    page = press(browser, page, "Publiceren").text
    assert "De lijn zelf antwoordt nu niet" in page
    assert "020-000 00 07" in file_of(home)


def test_a_line_that_still_uses_another_version_is_asked_for_a_bounded_time(line, monkeypatch):
    passed = iter(range(100))
    asked = ask_line(line, "another", monotonic=lambda: next(passed), sleep=lambda _: None)
    assert asked is LineAnswer.OLDER
    assert next(passed) < line_version.PATIENCE + 5


def test_a_line_that_answers_nonsense_is_away():
    began = monotonic()
    assert ask_line("http://127.0.0.1:1", "x") is LineAnswer.AWAY
    assert monotonic() - began < 60


def test_a_disk_that_is_full_loses_nothing_and_is_told(home, anna, monkeypatch):
    before = file_of(home)
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "020-000 00 07"}).text

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ivr.config.versions.write_whole", full)
    page = press(anna, page, "Publiceren").text
    assert "Niet gepubliceerd." in page
    assert Form(page, "form").fields["contacts-0-number"] == "020-000 00 07"
    assert file_of(home) == before
    monkeypatch.undo()
    press(anna, page, "Publiceren")
    assert "020-000 00 07" in file_of(home)


def test_a_disk_that_is_full_for_the_version_alone_is_told_too(home, anna, monkeypatch):
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "020-000 00 07"}).text
    Versions(home).keep(NOON, lambda: True)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ivr.config.repository.commit_of", full)
    page = press(anna, page, "Publiceren").text
    assert "kon niet als versie worden bewaard" in page
    assert "020-000 00 07" in file_of(home)


def test_the_log_of_acts_has_who_published_what_and_no_number(console, anna):
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "020-000 00 07"}).text
    press(anna, page, "Publiceren")
    log = text_of(console.manager().get("/logboek").text)
    changed = "Nummer van contact 1, Dag van nakijken van contact 1"
    assert re.search(rf"Anna gepubliceerd voorbeeldstad: {changed} .* gelukt", log)
    assert "000 00 07" not in log


def test_the_log_of_acts_links_to_what_a_version_changed(home, console, anna):
    page = press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "020-000 00 07"}).text
    press(anna, page, "Publiceren")
    manager = console.manager()
    (version, *_) = Versions(home).listed("voorbeeldstad")
    url = f"{PAGE}/geschiedenis/{version.id}"
    assert f'href="{url}"' in manager.get("/logboek").text
    assert "<ins>number: 020-000 00 07</ins>" in manager.get(url).text
    first = Versions(home).listed()[-1].id
    press(manager, manager.get(f"{PAGE}/geschiedenis/{first}").text, "Terugzetten", ident=None)
    assert "teruggezet voorbeeldstad: Nummer van contact 1" in text_of(manager.get("/logboek").text)


def test_what_was_refused_has_neither_a_change_nor_a_version(console, anna):
    form = Form(press(anna, anna.get(PAGE).text, "Nakijken", {"contacts-0-number": "112"}).text, "form")
    assert "112" in form.fields.values()
    seen = re.search(r'name="reviewed" value="(\w+)"', anna.get(PAGE).text)
    anna.post(PAGE, {**form.fields, "do": "publish", "reviewed": seen[1] if seen else "x"})
    for act in console.stores.acts.find(Filter()):
        assert (act.changed, act.version) == ("", "")


def test_the_console_is_in_english_too(anna):
    page = anna.get(f"{PAGE}?taal=en").text
    page = press(anna, page, "Check", {"contacts-0-number": "112"}).text
    assert "This must be put right first" in page


def test_two_hundred_municipalities_in_the_overview(home, tmp_path_factory):
    like = (home.root / TOWN).read_text("utf-8").replace("gemeente Voorbeeldstad", "gemeente Elders")
    for count in range(197):
        own = like.replace("+31 20 000 00 01", f"+31 10 {count:03d} 00 01")
        own = own.replace("sip:meldlijn@", f"sip:meldlijn{count}@")
        (home.root / f"config/municipalities/stad-{count}.yaml").write_text(own, "utf-8")
    console = make_console(home, tmp_path_factory.mktemp("state"))
    browser = console.manager()
    parts = [browser.get(f"/?gemeenten={part}").text for part in (1, 2, 3, 4)]
    assert len(set(re.findall(r'href="/gemeente/(stad-\d+)"', "".join(parts)))) == 197
    mine = console.coordinator("stad-7").get("/").text
    assert 'href="/gemeente/stad-7"' in mine
    assert "stad-8" not in mine
    typed = {"contacts-0-number": "020-000 00 07"}
    page = press(browser, browser.get("/gemeente/stad-7").text, "Nakijken", typed)
    assert "Publiceren" in Form(page.text, "form").buttons
