"""What is said: short enough for a nervous caller, and all that the leaflet says, in every language."""

import re
from datetime import datetime, time

import pytest
import yaml
from support.homes import HERE, NOON

from ivr import translations
from ivr.dialogue import flow
from ivr.dialogue.call import At, Call, Offer
from ivr.dialogue.prompts import Speaker
from ivr.exchange import transcript
from ivr.exchange.narration import narrate
from ivr.exchange.people import HANG_UP, OUTCOMES
from ivr.model import languages, spoken
from ivr.model.languages import LANGUAGES, next_language
from ivr.speech.clips import Clips
from ivr.speech.wav import FRAME, RATE

FACTS = yaml.safe_load((HERE / "leaflet.yaml").read_text("utf-8"))
PRINTED = yaml.load((HERE / "printed.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - all is text
SPOKEN_ADDRESS = {
    "nl": r"([a-z ]+), punt, ([a-z](?:, [a-z])*)\.",
    "en": r"([a-z ]+), dot, ([a-z](?:, [a-z])*)\.",
}


def phrases(line, item, language):
    event = Offer(At(language, item))
    return flow.answer(line, Call("+31200000199", "+31200000001", event), NOON).says


def heard(line, item, language):
    return " ".join(phrase.text for phrase in phrases(line, item, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("item", FACTS)
def test_every_fact_of_the_leaflet_is_heard(line, item, language):
    text = heard(line, item, language)
    assert [fact for fact in FACTS[item][language] if fact not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_address_that_is_said_is_one_that_the_leaflet_prints_and_none_is_left_out(line, language):
    text = " ".join(line.prompts[language].values())
    said = {
        f"www.{name.replace(' ', '')}.{letters.replace(', ', '')}"
        for name, letters in re.findall(SPOKEN_ADDRESS[language], text)
    }
    assert said == {each["address"] for each in PRINTED.values() if "address" in each}


@pytest.mark.parametrize("destination", PRINTED)
def test_the_number_that_is_rung_first_is_the_one_that_the_leaflet_prints(line, destination):
    printed = re.sub(r"\D", "", PRINTED[destination]["number"])
    (first, *_) = line.settings.destinations[destination].numbers
    assert first == re.sub("^0", "+31", printed)


def test_no_destination_is_without_a_printed_number(line):
    assert set(line.settings.destinations) == set(PRINTED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fallback_says_of_step_3_what_the_step_itself_says(line, language):
    (alone, *_) = FACTS["step-3"][language]
    assert alone in line.prompts[language]["fallback"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_step_2_keeps_the_questions_to_companion_and_victim_apart(line, language):
    companion, victim = (
        next(p.text for p in phrases(line, "step-2", language) if p.prompt == f"step-2-{who}")
        for who in ("companion", "victim")
    )
    assert (companion.count("?"), victim.count("?")) == (6, 5)
    assert "asp" in companion
    assert "pasp" in victim or "passport" in victim


@pytest.mark.xdist_group("speech")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_menu_names_its_first_choice_within_8_seconds_and_is_done_within_40(
    line, spoken_home, language
):
    clips = Clips.read(spoken_home.audio, b"")
    said = phrases(line, "main", language)
    first_choice = next(place for place, phrase in enumerate(said) if phrase.prompt == "choose-steps")
    names = [clips.find(phrase).name for phrase in said]
    until_first = len(clips.wav(names[: first_choice + 1])) / (RATE * FRAME)
    assert until_first < 8
    assert len(clips.wav(names)) / (RATE * FRAME) < 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_immediate_danger_comes_first_of_all(line, language):
    first = phrases(line, "main", language)[0].text
    assert {"nl": "één, één, twee", "en": "one, one, two"}[language] in first


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_spoken_digit_by_digit_with_pauses(line, language):
    (police, *_) = (phrase.text for phrase in Speaker(line, language).numbers())
    spelled = {
        "nl": "nul, negen, nul, nul … acht, acht, vier, vier",
        "en": "zero, nine, zero, zero … eight, eight, four, four",
    }
    assert spelled[language] in police


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_too_long_for_the_ear(line, language):
    for prompt, text in line.prompts[language].items():
        for sentence in re.split(r"[.?!:…]", text):
            assert len(sentence.split()) <= 16, f"{prompt}: {sentence}"


def test_dutch_callers_are_addressed_with_u(line):
    text = " ".join(line.prompts["nl"].values()).lower()
    assert re.findall(r"\b(?:jij|je|jou|jouw)\b", text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_for_a_voice_to_stumble_over(line, language):
    for prompt, text in line.prompts[language].items():
        assert re.findall(r"\bAVIM\b|www|\.nl\b|/|\d{2,}|\b[A-Z]{2,}\b", text) == [], prompt


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_tip_line_the_clerk_hears_what_is_not_hidden_and_another_way(line, language):
    text = heard(line, "tip-line", language)
    assert {"nl": "andere telefoon: nul, acht, nul, nul", "en": "another phone: zero, eight, zero, zero"}[
        language
    ] in text


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_each_thing_that_a_far_end_can_do_has_a_letter_of_its_own_and_h_hangs_up(language):
    letters = [translations.say(f"far-end-{outcome}", language)[0] for outcome in OUTCOMES]
    assert len({*letters, HANG_UP}) == len(OUTCOMES) + 1


@pytest.mark.parametrize("language", translations.LANGUAGES)
@pytest.mark.parametrize(
    "event",
    [
        transcript.CallerHears("x"),
        transcript.CallerPresses("3"),
        transcript.CallerSilent(5),
        transcript.FarEndRings("x", "y", 25),
        *(transcript.FarEndOutcome(outcome) for outcome in OUTCOMES),
        transcript.FarEndHears("x"),
        transcript.FarEndPresses("1"),
        transcript.Bridged("person"),
        transcript.Bridged("voicemail"),
        *(transcript.CallEnds(by) for by in ("line", "caller", "fault")),
    ],
    ids=lambda event: type(event).__name__ if not isinstance(event, str) else event,
)
def test_whatever_happens_in_a_call_is_told_in_words(event, language):
    assert "{" not in narrate(event, language)
    assert narrate(event, language) not in {
        narrate(event, other) for other in translations.LANGUAGES if other != language
    }


def test_key_9_goes_round_all_languages_of_the_table(monkeypatch):
    assert [next_language(language) for language in LANGUAGES] == [
        *list(LANGUAGES)[1:],
        next(iter(LANGUAGES)),
    ]
    monkeypatch.setattr(languages, "LANGUAGES", {**LANGUAGES, "fy": LANGUAGES["nl"]})
    assert [next_language(language) for language in ("nl", "en", "fy")] == ["en", "fy", "nl"]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_language_has_a_word_for_each_digit_day_month_and_key(language):
    assert (len(language.digits), len(language.weekdays), len(language.months)) == (10, 7, 12)
    assert {len(days) for days in language.short_weekdays} == {7}
    assert set(language.keys) == {"#", "*"}
    assert language.voice in language.polly


def test_no_name_of_a_day_means_another_day_in_another_language():
    days = {
        (name.lower(), number)
        for language in LANGUAGES.values()
        for names in (language.weekdays, *language.short_weekdays)
        for number, name in enumerate(names)
    }
    assert len({name for name, _ in days}) == len(days)


def test_who_tries_the_line_is_told_for_how_long_and_with_which_number_a_telephone_rings():
    said = narrate(transcript.FarEndRings("de politie", "020 000 0001", 25), "nl")
    assert said == "De telefoon gaat bij de politie, hooguit 25 s. Daar staat 020 000 0001 in beeld."


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("00:00", "right after midnight"),
        ("00:30", "at 12 30 at night"),
        ("06:00", "at 6 in the morning"),
        ("08:05", "at 8 oh 5 in the morning"),
        ("12:00", "at 12 noon"),
        ("12:30", "at 12 30 in the afternoon"),
        ("17:45", "at 5 45 in the afternoon"),
        ("18:05", "at 6 oh 5 in the evening"),
        ("23:59", "at 11 59 in the evening"),
    ],
)
def test_an_english_time_of_day_is_said_as_people_say_it(clock, said):
    end = datetime.combine(NOON.date(), time.fromisoformat(clock))
    assert spoken.until(end, end, "en") == f"today {said}"
