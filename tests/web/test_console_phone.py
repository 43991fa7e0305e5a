"""The desk phone of the console: every call goes as on the line, and nothing of it is kept."""

import logging
import re
import wave
from datetime import datetime
from io import BytesIO

import numpy as np
import pytest
from sqlalchemy import select
from support.console import make_console
from support.golden import CALLS, Golden
from support.homes import NOON, edit

from ivr.cli.console import line_for_trying
from ivr.config.reading import read
from ivr.console.phone_call import ACTS, OUTCOMES, Over, Trial, Unfit, WaitsForFarEnd, WaitsForKey, play
from ivr.exchange.transcript import FarEndOutcome, steps
from ivr.model.phrase import Phrase
from ivr.model.trial_call import desk_of, names_of
from ivr.speech.build import build, spoken
from ivr.speech.engines import Espeak
from ivr.store.tables import METADATA

TOWN = {"gemeente": "voorbeeldstad", "moment": "2026-11-24T10:00"}
POLICE = "Ik bel de politie."


@pytest.fixture(scope="module")
def console(shared_home, tmp_path_factory):
    return make_console(shared_home, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def manager(console):
    return console.manager()


@pytest.fixture(scope="module")
def trial(line):
    town = line.municipalities["voorbeeldstad"]
    return Trial(
        line=line,
        moment=NOON,
        from_=desk_of(town),
        dialled=town.dialled[0],
        municipality=town,
        names=names_of(line, town),
    )


def script_of(call):
    """What a golden call's people do, as the phone writes it down."""
    signs = {outcome: sign for sign, outcome in OUTCOMES.items()}
    found = ""
    for step in call:
        match step:
            case {"presses": key}:
                found += key
            case {"silence": _}:
                found += "-"
            case {"far end": outcome}:
                found += signs[outcome]
            case {"ends": "caller"}:
                found += "h"
    return found


@pytest.mark.parametrize("file", CALLS, ids=lambda file: file.stem)
def test_the_phone_leads_every_golden_call_as_written(file, line):
    golden = Golden(file, line)
    trial = Trial(
        line=golden.line,
        moment=golden.moment,
        from_=golden.caller,
        dialled=golden.dialled,
        municipality=golden.municipality,
        names=golden.names(),
    )
    found = play(trial, script_of(golden.told["call"]), line_for_trying)
    assert steps(found.events) == golden.told["call"]
    assert found.waiting == Over()


@pytest.mark.parametrize("script", ["1#3-b-v", "2-n-d90h", "---"])
def test_what_is_new_after_each_act_is_together_the_whole_call(trial, script):
    together = []
    for length in range(len(script) + 1):
        found = play(trial, script[:length], line_for_trying)
        together += found.events[found.since :]
    assert together == list(found.events)


def test_a_call_says_what_it_waits_for(trial):
    assert play(trial, "", line_for_trying).waiting == WaitsForKey(5)
    assert play(trial, "3", line_for_trying).waiting == WaitsForKey(1)
    assert play(trial, "3-", line_for_trying).waiting == WaitsForFarEnd("+319008844", 25)
    assert play(trial, "3-h", line_for_trying).waiting == Over()
    assert play(trial, "---", line_for_trying).waiting == Over()


@pytest.mark.parametrize(("script", "outcome"), [("3-d", "busy"), ("2-d", "declines")])
def test_who_is_asked_nothing_can_only_decline_before_answering(trial, script, outcome):
    events = play(trial, script, line_for_trying).events
    assert FarEndOutcome(outcome) in events


GARBAGE = ["x", "a", "3a", "3-3", "3--", "hh", "---1", "3-a1", "\x00", "\uff11", "<b>", "1" * (ACTS + 1)]


@pytest.mark.parametrize("script", GARBAGE)
def test_a_script_that_no_call_can_have_is_refused(trial, script):
    with pytest.raises(Unfit):
        play(trial, script, line_for_trying)


@pytest.mark.parametrize(("path", "script"), [("", "a"), ("/gesprek", "3-3"), ("/geluid", "\x00")])
def test_such_a_script_gets_a_page_that_says_what_to_do(manager, script, path):
    page = manager.get(f"/telefoon{path}", query_string={**TOWN, "keuzes": script, "n": "0"})
    assert page.status_code == 400
    assert "Dit gesprek kan niet verder" in page.text
    assert 'href="/telefoon?gemeente=voorbeeldstad' in page.text


@pytest.mark.parametrize(
    "moment", ["x", "2026-13-01T10:00", "2026-11-24T10:00Z", "1999-12-31T23:59", "9999-01-01T00:00", "\x00"]
)
def test_a_moment_that_is_none_gets_a_page(manager, moment):
    page = manager.get("/telefoon", query_string={**TOWN, "moment": moment, "keuzes": ""})
    assert page.status_code == 400
    assert "niet te begrijpen" in page.text


def texts(page):
    return [re.sub(r"<[^>]+>", "", each) for each in re.findall(r'class="said-text".*?</span>', page)]


def test_the_page_shows_a_call_without_script_from_its_beginning(manager):
    page = manager.get("/telefoon", query_string={**TOWN, "keuzes": "3-"}).text
    assert "Balielijn mensenhandel." in page
    assert POLICE in page
    assert "Wat doet de politie?" in page
    assert 'name="keuzes" value="3-b"' in page
    assert 'name="keuzes" value="3-h"' in page
    assert '<audio controls preload="none" src="/telefoon/geluid?' not in page  # nothing was said since


def test_each_new_phrase_has_a_control_without_script(manager):
    page = manager.get("/telefoon", query_string={**TOWN, "keuzes": "3"}).text
    (control,) = re.findall(r'<noscript><audio controls preload="none" src="([^"]+)"', page)
    sound = manager.get(control.replace("&amp;", "&"))
    assert sound.content_type == "audio/wav"


def test_the_script_of_the_page_gets_what_is_new_alone(manager):
    step = manager.get("/telefoon/gesprek", query_string={**TOWN, "keuzes": "3"}).text
    assert POLICE in step
    assert "Balielijn mensenhandel." not in step
    assert 'data-waits="key" data-seconds="1" data-script="3" data-moment="2026-11-24T10:00"' in step
    assert "<html" not in step


def test_a_call_that_begins_without_a_moment_keeps_that_in_which_it_began(shared_home, tmp_path):
    now = [NOON]
    console = make_console(shared_home, tmp_path, moment=lambda: now[0], demo=True)
    step = console.browser().get("/telefoon/gesprek?gemeente=voorbeeldstad&keuzes=").text
    assert 'data-moment="2026-11-24T12:00"' in step


def test_what_is_said_in_another_language_is_marked_so(manager):
    page = manager.get("/telefoon", query_string={**TOWN, "keuzes": ""}).text
    assert '<span class="said-text" lang="en">For English, press 9.</span>' in page
    page = manager.get("/telefoon", query_string={**TOWN, "keuzes": "", "taal": "en"}).text
    assert '<span class="said-text">For English, press 9.</span>' in page
    assert '<span class="said-text" lang="nl">Voor de politie, kies 3.</span>' in page
    manager.get("/?taal=nl")


def spoken_in(browser, script):
    """Text → URL of its sound, of all that is said in a call."""
    page = browser.get("/telefoon", query_string={**TOWN, "keuzes": script}).text
    found = re.findall(r'data-sound="([^"]*)".*?class="said-text"[^>]*>([^<]*)<', page, re.DOTALL)
    return {text: url.replace("&amp;", "&") for url, text in found}


@pytest.mark.parametrize(
    ("script", "language", "text"),
    [
        ("", "nl", "Voor de politie, kies 3."),
        ("", "en", "For English, press 9."),
        ("2-a", "nl", "wil overleggen. Om op te nemen"),
    ],
    ids=["line", "english", "far-end"],
)
def test_the_sound_of_a_phrase_is_speech_of_that_text_in_its_language(manager, script, language, text):
    (whole, url) = next(each for each in spoken_in(manager, script).items() if text in each[0])
    with wave.open(BytesIO(manager.get(url).data)) as file:
        assert file.getparams()[:3] == (1, 2, 8000)
        frames = file.getnframes()
    with wave.open(BytesIO(spoken(Espeak(), whole, language))) as own:
        # espeak-ng is a little different each time, and silence is cut by whole 20 ms.
        assert frames == pytest.approx(own.getnframes(), rel=0.01)


def test_a_clip_is_played_where_there_is_one(home, tmp_path):
    class Tone:
        name = "espeak"

        def speak(self, text, language):
            return np.sin(np.arange(8000, dtype=np.float32)), 8000

    phrase = Phrase("choose-police", "nl", "Voor de politie, kies 3.")
    build([phrase], home.audio, Tone(), sleep=lambda _: None, progress=lambda _: None)
    (clip,) = (home.audio / "built/nl").glob("*.wav")
    browser = make_console(home, tmp_path, demo=True).browser()
    urls = spoken_in(browser, "")
    assert browser.get(urls.pop(phrase.text)).data == clip.read_bytes()
    assert browser.get(urls["For English, press 9."]).data != clip.read_bytes()


@pytest.mark.parametrize("n", ["40", "-1", "x", "", "²", "1" * 30])
def test_a_phrase_that_was_not_said_has_no_sound(manager, n):
    page = manager.get("/telefoon/geluid", query_string={**TOWN, "keuzes": "", "n": n})
    assert page.status_code == 404


@pytest.mark.parametrize("path", ["/telefoon", "/telefoon/gesprek", "/telefoon/geluid"])
def test_a_coordinator_calls_the_own_municipality_alone(console, path):
    browser = console.coordinator("dorp")
    asked = {"keuzes": "", "n": "0"}
    assert browser.get(path, query_string={**asked, "gemeente": "dorp"}).status_code == 200
    assert browser.get(path, query_string={**asked, "gemeente": "voorbeeldstad"}).status_code == 403
    assert console.manager().get(path, query_string={**asked, "gemeente": "weg"}).status_code == 404
    assert "Voorbeeldstad" not in browser.get("/telefoon").text


def test_who_has_no_municipality_is_told_so(console):
    assert "Vraag een beheerder" in console.signed_in().get("/telefoon").text


def test_a_draft_is_called_where_there_is_one_and_nothing_else_in_its_place(home, tmp_path):
    console = make_console(home, tmp_path, demo=True)
    browser = console.browser()
    asked = {**TOWN, "bron": "7", "keuzes": "2"}
    assert browser.get("/telefoon", query_string=asked).status_code == 404
    edit(home, "de aandachtsfunctionaris mensenhandel", "de burgemeester")
    draft = read(home, NOON).line
    edit(home, "de burgemeester", "de aandachtsfunctionaris mensenhandel")
    console.app.extensions["line-of-draft"] = lambda source, slug: draft if source == "7" else None
    assert "Ik bel de burgemeester." in browser.get("/telefoon", query_string=asked).text
    live = browser.get("/telefoon", query_string={**TOWN, "keuzes": "2"}).text
    assert "Ik bel de aandachtsfunctionaris mensenhandel." in live


def test_an_error_in_a_file_stops_no_call_and_without_any_good_reading_the_page_says_so(home, tmp_path):
    console = make_console(home, tmp_path, demo=True)
    edit(home, "020-000 00 02", "112")
    asked = {**TOWN, "keuzes": ""}
    assert "De telefoon doet het nu niet" in console.browser().get("/telefoon", query_string=asked).text
    assert console.browser().get("/telefoon/gesprek", query_string=asked).status_code == 404
    edit(home, "number: 112", "number: 020-000 00 02")
    assert texts(console.browser().get("/telefoon", query_string=asked).text)
    edit(home, "020-000 00 02", "112")
    assert texts(console.browser().get("/telefoon", query_string=asked).text)


def test_a_call_is_counted_and_kept_nowhere(home, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    console = make_console(home, tmp_path, demo=True)

    def files():
        return {path: path.stat().st_mtime_ns for path in home.root.rglob("*") if path.is_file()}

    before = files()
    browser = console.browser()
    for script in ("", "4", "4-", "4-a", "2-n", "3-a"):
        browser.get("/telefoon", query_string={**TOWN, "keuzes": script})
    browser.get("/telefoon/geluid", query_string={**TOWN, "keuzes": "4-", "n": "0"})
    assert files() == before
    with console.outside.engine.connect() as connection:
        kept = {table.name for table in METADATA.sorted_tables if connection.execute(select(table)).first()}
    assert kept == set()
    assert [record for record in caplog.records if record.name.startswith("ivr")] == []


def test_the_moment_is_one_of_the_line_s_zone(manager):
    asked = {**TOWN, "moment": "2026-11-24T20:00", "keuzes": "2"}
    evening = manager.get("/telefoon", query_string=asked).text
    assert datetime(2026, 11, 24).weekday() == 1
    assert "Veiligheid" in evening
    assert "aandachtsfunctionaris" not in texts(evening)[-1]
