"""What the line says, in the console: heard, recorded, changed, with the calls that a change changes."""

import os
import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import soundfile
import yaml
from support.console import make_console
from support.homes import NOON, alone, edit
from urllib3 import encode_multipart_formdata

from ivr.cli.console import line_for_trying
from ivr.config.live import Live
from ivr.config.versions import Kind, Versions
from ivr.console.texts.calls import changed_calls
from ivr.console.texts.recordings import KEPT_SECONDS, Recording, sweep
from ivr.model.limits import RECORDING_BYTES
from ivr.model.phrase import Phrase
from ivr.speech.clips import Clips
from ivr.speech.wav import samples_in
from ivr.store.acts import Filter

PAGE, DUTCH = "/teksten/choose-steps", "/teksten/choose-steps/nl"
SPOKEN = "Voor het stappenplan, kies 1."
PROMPTS = "prompts/nl.yaml"


@pytest.fixture
def console(home, tmp_path):
    return make_console(alone(home), tmp_path, line_url="http://127.0.0.1:1")


@pytest.fixture
def manager(console):
    return console.manager()


def tone(seconds=1.0, rate=16_000, form="WAV"):
    """A sound file with silence around a tone."""
    moments = np.arange(int(seconds * rate)) / rate
    silence = np.zeros(rate // 2)
    sound = np.concatenate([silence, 0.1 * np.sin(2 * np.pi * 440 * moments), silence])
    file = BytesIO()
    soundfile.write(file, sound, rate, format=form)
    return file.getvalue()


def token_on(browser):
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get(PAGE).text)[1]


def upload(browser, content, path=DUTCH):
    token = token_on(browser)
    body, kind = encode_multipart_formdata({"csrf_token": token, "recording": ("opname.wav", content)})
    return browser.post(f"{path}/opname", body, content_type=kind)


def change(browser, words, do="check", checked="", path=DUTCH):
    return browser.submit(path, {"words": words, "do": do, "checked": checked}, page=PAGE)


def seen(page):
    """What the page sends along to say that this very text was looked at."""
    return re.search(r'name="checked" value="([0-9a-f]{64})"', page.text)[1]


def plain(page):
    return " ".join(re.sub(r"<[^>]*>", " ", page.text).split())


def acts(console):
    return [(act.action, act.object, act.result) for act in console.stores.acts.find(Filter())]


def texts(home):
    return yaml.safe_load((home.root / PROMPTS).read_text("utf-8"))


def recording(home, ending="wav"):
    return home.root / f"audio/recordings/nl/choose-steps.{ending}"


def test_every_text_stands_in_its_place_in_the_menu_in_both_languages(home, manager):
    page = manager.get("/teksten").text
    named = re.findall(r'scope="row"><a [^>]*href="/teksten/([^"]+)"', page)
    assert sorted(named) == sorted(texts(home))
    main = page[page.index('id="in-main"') : page.index('id="in-step-1"')]
    assert "Voor het stappenplan" in main
    assert "For the five steps" in main or "steps" in main


def test_a_text_is_heard_as_a_caller_hears_it(manager):
    page = manager.get(PAGE).text
    assert f'lang="nl" id="said-nl-0">{SPOKEN}</figcaption>' in page
    sound = manager.get(f"{DUTCH}/geluid.wav?n=0")
    assert sound.content_type == "audio/wav"
    assert len(samples_in(sound.data)) > 8_000
    assert manager.get(f"{DUTCH}/geluid.wav?n=1").status_code == 404


@pytest.mark.parametrize("path", ["/teksten/nergens", f"{PAGE}/fr/geluid.wav", "/teksten/%2e%2e"])
def test_a_text_that_is_not_there_is_no_page(manager, path):
    assert manager.get(path).status_code == 404


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3"])
def test_a_recording_is_heard_at_telephone_quality_before_a_caller_hears_it(home, manager, form):
    assert upload(manager, tone(form=form)).status_code == 303
    assert "Bellers horen haar nog niet." in manager.get(PAGE).text
    heard = samples_in(manager.get(f"{DUTCH}/proef.wav").data)
    assert 0.9 < len(heard) / 16_000 < 1.3  # the silence around it is gone
    assert 0.1 < np.frombuffer(heard, "<i2").max() / 32767 < 0.2  # and it is as loud as all others
    assert not recording(home).exists()


def test_a_recording_in_use_is_bound_to_the_text_that_it_says(home, console, manager):
    upload(manager, tone())
    answer = manager.submit(f"{DUTCH}/gebruiken", page=PAGE, follow_redirects=True)
    assert "Bellers horen nu uw opname." in answer.text
    assert "Ingesproken" in answer.text
    assert recording(home, "txt").read_text("utf-8") == f"{SPOKEN}\n"
    clip = Clips.read(home.audio, b"").find(Phrase("choose-steps", "nl", SPOKEN))
    assert clip.path == recording(home)
    assert manager.get(f"{DUTCH}/geluid.wav?n=0").data == manager.get(f"{DUTCH}/geluid.wav").data
    assert manager.get(f"{DUTCH}/proef.wav").status_code == 404
    assert acts(console)[0] == ("recording", "nl/choose-steps", "done")


def test_the_line_takes_a_recording_of_the_console(home, console, manager):
    live = Live(home, lambda: NOON, public=False)
    upload(manager, tone())
    manager.submit(f"{DUTCH}/gebruiken", page=PAGE)
    live.look()
    assert live.snapshot.clips.find(Phrase("choose-steps", "nl", SPOKEN)).kind == "recording"


def test_each_recording_that_is_tried_refused_or_thrown_away_is_in_the_log(home, console, manager):
    upload(manager, tone())
    upload(manager, b"no sound")
    manager.submit(f"{DUTCH}/weggooien", page=PAGE)
    upload(manager, tone())
    change(manager, "Iets anders", "publish", seen(change(manager, "Iets anders")))
    manager.post(f"{DUTCH}/gebruiken", {"csrf_token": token_on(manager)})
    assert [each for each in reversed(acts(console)) if each[0] != "text"] == [
        ("recording-try", "nl/choose-steps", "done"),
        ("recording-try", "nl/choose-steps", "refused"),
        ("recording-drop", "nl/choose-steps", "done"),
        ("recording-try", "nl/choose-steps", "done"),
        ("recording", "nl/choose-steps", "refused"),
    ]


def test_a_recording_that_cannot_be_kept_or_thrown_away_is_told_and_in_the_log(home, console, manager):
    upload(manager, tone())
    tried = console.outside.state / "recordings/nl-choose-steps.wav"
    token = token_on(manager)
    tried.unlink()
    (tried / "in the way").mkdir(parents=True)
    answer = manager.post(f"{DUTCH}/weggooien", {"csrf_token": token}, follow_redirects=True)
    assert "Het is niet gelukt." in answer.text
    upload(manager, tone())
    assert acts(console)[:2] == [
        ("recording-try", "nl/choose-steps", "failed"),
        ("recording-drop", "nl/choose-steps", "failed"),
    ]


def test_a_recording_is_thrown_away_or_removed(home, console, manager):
    upload(manager, tone())
    manager.submit(f"{DUTCH}/weggooien", page=PAGE)
    assert "Bellers horen haar nog niet." not in manager.get(PAGE).text
    upload(manager, tone())
    manager.submit(f"{DUTCH}/gebruiken", page=PAGE)
    manager.submit(f"{DUTCH}/weghalen", page=PAGE)
    assert not recording(home).exists()
    assert not recording(home, "txt").exists()
    assert acts(console)[0] == ("recording-remove", "nl/choose-steps", "done")


def endless_flac():
    """A few kilobytes that say of themselves to be an hour of sound, and decode to it."""
    file = BytesIO()
    soundfile.write(file, np.zeros(3600 * 8_000, dtype=np.int16), 8_000, format="FLAC")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Kies eerst een geluidsbestand."),
        (b"no sound at all", "In dit bestand is geen geluid te horen"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00", "In dit bestand is geen geluid te horen"),
        (tone(seconds=0.0), "In dit bestand is geen geluid te horen"),
        (tone(seconds=65), "Dit geluid is te lang."),
        (endless_flac(), "Dit geluid is te lang."),
    ],
)
def test_a_bad_file_is_told_at_its_field_and_nothing_is_kept(home, console, manager, content, told):
    page = upload(manager, content)
    assert page.status_code == 200
    assert told in page.text
    field = re.search(r'<input id="recording-nl" [^>]*>', page.text)[0]
    assert 'aria-invalid="true" aria-describedby="recording-nl-error-1 ' in field
    assert manager.get(f"{DUTCH}/proef.wav").status_code == 404
    assert not recording(home).exists()


def test_a_file_that_is_too_large_is_refused_with_words(manager):
    page = upload(manager, bytes(RECORDING_BYTES + 100_000))
    assert page.status_code == 413
    assert "Stuur een kleiner bestand" in page.text


def test_only_a_recording_may_be_large(manager):
    answer = change(manager, "x" * 70_000)
    assert answer.status_code == 413


def test_who_may_not_send_a_recording_may_not_send_a_large_one(console):
    coordinator = console.coordinator("voorbeeldstad")
    answer = coordinator.post(f"{DUTCH}/opname", bytes(200_000), content_type="multipart/form-data")
    assert answer.status_code == 403


def test_a_full_disk_is_told_and_costs_no_recording_that_is_in_use(home, console, manager, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    upload(manager, tone())
    manager.submit(f"{DUTCH}/gebruiken", page=PAGE)
    before = recording(home).read_bytes()
    upload(manager, tone(seconds=2))
    monkeypatch.setattr("ivr.console.texts.recordings.write_whole", full)
    assert "Het is niet gelukt." in upload(manager, tone()).text
    answer = manager.submit(f"{DUTCH}/gebruiken", page=PAGE, follow_redirects=True)
    assert "Het is niet gelukt." in answer.text
    assert recording(home).read_bytes() == before
    assert acts(console)[0] == ("recording", "nl/choose-steps", "failed")


def test_a_fifo_in_the_place_of_a_recording_stops_no_page(home, manager):
    recording(home).parent.mkdir(parents=True)
    os.mkfifo(recording(home))
    assert manager.get(PAGE).status_code == 200
    upload(manager, tone())
    manager.submit(f"{DUTCH}/gebruiken", page=PAGE)
    assert recording(home).is_file()


def test_a_recording_of_a_text_that_changed_is_not_put_in_use(home, console, manager):
    upload(manager, tone())
    path = home.root / PROMPTS
    path.write_text(path.read_text("utf-8").replace("Voor het stappenplan", "Voor de stappen"), "utf-8")
    answer = manager.submit(f"{DUTCH}/gebruiken", page="/teksten/choose-police", follow_redirects=True)
    assert "De tekst is intussen veranderd" in answer.text
    assert not recording(home).exists()


def test_a_text_that_is_said_in_more_ways_has_no_recording(manager):
    page = manager.get("/teksten/nobody-until").text
    assert "Deze tekst klinkt niet altijd hetzelfde" in page
    assert 'name="recording"' not in page
    assert manager.post("/teksten/nobody-until/nl/opname").status_code == 400


def test_a_recording_that_was_tried_is_kept_for_a_day(tmp_path):
    one = Recording(tmp_path, tmp_path / "audio", "nl", "welcome")
    one.try_out(tone(), "Welkom.", one.tried.stat().st_mtime if one.tried.exists() else 0)
    written = one.tried.stat().st_mtime
    sweep(one.tried.parent, written + KEPT_SECONDS - 1)
    assert one.heard("Welkom.")
    sweep(one.tried.parent, written + KEPT_SECONDS + 1)
    assert list(one.tried.parent.iterdir()) == []


def test_a_changed_text_shows_the_calls_that_it_changes_with_the_old_and_new_words(home, manager):
    page = change(manager, "Voor de vijf stappen")
    told = plain(page)
    assert "Was: Voor het stappenplan" in told
    assert "Was: Voor het stappenplan, kies 1. Wordt: Voor de vijf stappen, kies 1." in told
    assert re.findall(r"Naar ([\w-]+), (?:met|zonder)", told) == ["main"]
    assert "Publiceren" in told
    assert texts(home)["choose-steps"] == "Voor het stappenplan"


def test_a_text_in_one_item_alone_changes_the_calls_to_that_item(manager):
    told = plain(change(manager, "Stap 5. Volg de meldroute.", path="/teksten/step-5/nl"))
    calls = re.findall(r"Naar ([\w-]+), met de toetsen (\S+)", told)
    assert calls == [("step-5", "1####")]


def test_an_english_text_is_heard_in_calls_in_english(manager):
    told = plain(change(manager, "Step 5. Follow the route.", path="/teksten/step-5/en"))
    assert re.findall(r"Naar ([\w-]+), met de toetsen (\S+)", told) == [("step-5", "91####")]


def test_what_a_contact_hears_who_picks_up_is_in_a_call_too(manager):
    told = plain(change(manager, "Een balie van {municipality} belt. Kies {key}.", path="/teksten/pickup/nl"))
    assert "Naar contact, met de toetsen 2-a" in told


@pytest.mark.parametrize(
    ("prompt", "words", "told"),
    [
        ("closed", "De lijn is dicht.", "De lijn is dicht: Naar closed, zonder een toets"),
        ("closed-until", "Dicht tot {until}.", "De lijn is dicht tot een tijd: Naar closed"),
        ("stranger", "Dat kan hier niet.", "Een beller zonder nummer: Naar"),
        ("nobody", "Er is niemand.", "Er is niemand van de gemeente: Naar contact"),
        ("unknown-line", "Dit nummer is fout.", "Een nummer dat van geen gemeente is: Naar"),
        ("fallback", "Wij zijn er niet.", "De lijn geeft geen antwoord, en Twilio zegt de noodtekst Was"),
    ],
)
def test_a_text_of_a_special_situation_is_heard_in_a_call_in_that_situation(manager, prompt, words, told):
    page = plain(change(manager, words, path=f"/teksten/{prompt}/nl"))
    assert told in page
    assert "Bij 0 daarvan" not in page


@pytest.mark.parametrize("erases", [False, True])
def test_every_text_that_a_caller_can_hear_is_heard_in_a_call(home, erases):
    """A text of which the page shows no call would look as if nobody heard it."""
    before = Live(home, lambda: NOON, public=False, erases=erases).snapshot.line
    unheard = set()
    for language, prompts in before.prompts.items():
        marks = {name: f"Merk{place}." for place, name in enumerate(prompts)}
        changed = {name: f"{text} {marks[name]}" for name, text in prompts.items()}
        since = replace(before, prompts={**before.prompts, language: changed})
        found = changed_calls(before, since, language, NOON, line_for_trying)
        heard = " ".join(each.since for call in found.shown for each in call.sayings)
        unheard |= {(language, name) for name, mark in marks.items() if mark not in heard}
    checked = {"ring-check", "ring-check-thanks", "ring-check-other"}
    assert unheard == {
        *((language, each) for language in before.prompts for each in checked),  # said to contacts alone
        *((language, "apology") for language in before.prompts),  # said when the program fails
        ("en", "pickup"),  # contacts hear the line's first language
        ("en", "fallback-then"),  # said between the languages, in the first one
        ("nl", "fallback-other-language"),  # said in the others
        *((language, "traces-kept" if erases else "traces-erased") for language in before.prompts),
    }


def test_a_text_is_published_as_a_version_with_its_author(home, console, manager):
    page = change(manager, "Voor de vijf stappen")
    answer = change(manager, "Voor de vijf stappen", "publish", seen(page))
    assert answer.status_code == 303
    assert texts(home)["choose-steps"] == "Voor de vijf stappen"
    (version,) = Versions(home).listed(most=1)
    assert (version.kind, version.files) == (Kind.CONSOLE, (PROMPTS,))
    assert version.author.startswith("Persoon")
    assert acts(console)[0] == ("text", "nl/choose-steps", "done")
    assert "Voor de vijf stappen, kies 1." in manager.get(PAGE).text


def test_nothing_else_in_the_file_changes(home, manager):
    before = (home.root / PROMPTS).read_bytes()
    words = 'Voor: "de" #stappen, {municipality} & *meer* \\ - of niet'
    page = change(manager, words)
    change(manager, words, "publish", seen(page))
    after = (home.root / PROMPTS).read_bytes()
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    assert sum(was != becomes for was, becomes in lines) == 1
    assert texts(home)["choose-steps"] == words


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "niets ingevuld"),
        ("Voor {iemand}", "{iemand}"),
        ("Voor het stappenplan", "Er is niets veranderd."),
        ("x" * 3001, "3000"),
    ],
)
def test_a_text_that_would_be_an_error_is_told_at_its_field_and_not_published(home, manager, words, told):
    before = (home.root / PROMPTS).read_bytes()
    page = change(manager, words, "publish")
    assert page.status_code == 200
    assert 'id="errors"' in page.text
    assert told in plain(page)
    assert re.search(r'id="words-nl" [^>]*aria-invalid="true"', page.text)
    assert 'value="publish"' not in page.text
    assert (home.root / PROMPTS).read_bytes() == before


def break_menu(home, manager):
    assert manager.get(PAGE).status_code == 200
    edit(home, "say: welcome\n", "say: [\n", file="config/menu.yaml")


def test_a_text_is_checked_also_while_another_file_has_an_error(home, manager):
    Versions(home).keep(NOON, lambda: True)
    break_menu(home, manager)
    assert "{iemand}" in plain(change(manager, "Voor {iemand}"))
    page = change(manager, "Voor de vijf stappen")
    assert change(manager, "Voor de vijf stappen", "publish", seen(page)).status_code == 303
    assert texts(home)["choose-steps"] == "Voor de vijf stappen"


def test_a_text_that_cannot_be_checked_is_not_published(home, manager):
    break_menu(home, manager)
    page = change(manager, "Voor de vijf stappen", "publish")
    assert "Deze tekst kan nu niet worden nagekeken" in plain(page)
    assert texts(home)["choose-steps"] == "Voor het stappenplan"


def test_what_is_only_to_look_at_is_told_and_does_not_block(manager):
    page = change(manager, "Kies 1")
    assert "Deze tekst noemt zelf een toets" in page.text
    assert 'value="publish"' in page.text


def test_a_text_that_was_changed_after_checking_is_looked_at_again(home, manager):
    page = change(manager, "Voor de vijf stappen")
    again = change(manager, "Iets heel anders", "publish", seen(page))
    assert again.status_code == 200
    assert "Iets heel anders, kies 1." in again.text
    assert texts(home)["choose-steps"] == "Voor het stappenplan"


def test_a_file_that_changed_after_checking_is_looked_at_again(home, manager):
    page = change(manager, "Voor de vijf stappen")
    path = home.root / PROMPTS
    path.write_text(path.read_text("utf-8").replace("Als u twijfelt", "Twijfelt u"), "utf-8")
    assert change(manager, "Voor de vijf stappen", "publish", seen(page)).status_code == 200
    assert texts(home)["choose-steps"] == "Voor het stappenplan"


def test_a_changed_text_makes_its_recording_stale_and_the_overview_says_so(home, manager):
    upload(manager, tone())
    manager.submit(f"{DUTCH}/gebruiken", page=PAGE)
    page = change(manager, "Voor de vijf stappen")
    assert "Het geluid hoort bij de oude tekst." in page.text
    change(manager, "Voor de vijf stappen", "publish", seen(page))
    assert "Er is een opname van een andere tekst." in manager.get(PAGE).text
    assert 'href="/teksten/choose-steps"' in manager.get("/").text


def test_a_disk_that_is_full_while_publishing_is_told(home, manager, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    page = change(manager, "Voor de vijf stappen")
    monkeypatch.setattr("ivr.config.versions.write_whole", full)
    answer = change(manager, "Voor de vijf stappen", "publish", seen(page))
    assert "misschien is de schijf vol" in answer.text
    assert texts(home)["choose-steps"] == "Voor het stappenplan"
