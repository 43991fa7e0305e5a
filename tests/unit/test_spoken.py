"""What is said: numbers, keys, names and moments as they are spoken, and the words of a transcript."""

from dataclasses import replace
from datetime import datetime, time

import pytest
from support.homes import NOON

from ivr import translations
from ivr.dialogue import flow
from ivr.dialogue.call import At, Call, Offer, Pressed
from ivr.dialogue.prompts import Speaker
from ivr.exchange import transcript
from ivr.exchange.narration import narrate
from ivr.exchange.people import HANG_UP, OUTCOMES
from ivr.model import languages, spoken
from ivr.model.languages import LANGUAGES, next_language


def heard(line, event):
    says = flow.answer(line, Call("+31200000199", "+31200000001", event), NOON).says
    return " ".join(phrase.text for phrase in says)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_spoken_digit_by_digit_with_pauses(line, language):
    (police, *_) = (phrase.text for phrase in Speaker(line, language).numbers())
    spelled = {
        "nl": "nul, negen, nul, nul … acht, acht, vier, vier",
        "en": "zero, nine, zero, zero … eight, eight, four, four",
    }
    assert spelled[language] in police


@pytest.mark.parametrize(
    ("language", "erases", "truths"),
    [
        (
            "nl",
            False,
            ["Zij zien uw nummer niet", "Uw telefooncentrale", "legt wel vast", "Onze telefoondienst ook"],
        ),
        ("nl", True, ["Zij zien uw nummer niet", "Uw telefooncentrale", "telefoonbedrijven", "gewist"]),
        (
            "en",
            False,
            ["does not see your number", "Your office phone system", "our phone service do record"],
        ),
        ("en", True, ["does not see your number", "Your office phone system", "phone companies", "We erase"]),
    ],
)
def test_before_the_tip_line_the_clerk_hears_what_is_not_hidden_and_another_way(
    line, language, erases, truths
):
    text = heard(replace(line, erases=erases), Offer(At(language, "tip-line")))
    way = {"nl": "een andere telefoon? Kies het sterretje.", "en": "another phone? Press star."}[language]
    assert [truth for truth in [*truths, way] if truth not in text] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nl", "Bel met een andere telefoon: {0}. … Nog een keer: {0}. … Stap 5."),
        ("en", "Call from another phone: {0}. … Once more: {0}. … Step 5."),
    ],
)
def test_who_goes_back_from_the_tip_line_hears_its_number_twice_for_another_telephone(line, language, said):
    number = spoken.digits("+318007000", language)
    text = heard(line, Pressed(At(language, "tip-line", origin="step-5"), "*"))
    assert text.startswith(said.format(number))


@pytest.mark.parametrize(
    ("name", "language", "said"),
    [
        ("gemeente Dorp", "nl", "de gemeente Dorp"),
        ("gemeente Dorp", "en", "the municipality of Dorp"),
        ("Gemeente  Dorp {x}", "en", "the municipality of Dorp {x}"),
        ("Zorgbalie Dorp", "nl", "Zorgbalie Dorp"),
        ("Zorgbalie gemeente Dorp", "en", "Zorgbalie gemeente Dorp"),
    ],
)
def test_a_municipality_is_named_as_each_language_names_it(name, language, said):
    assert spoken.municipality(name, language) == said


def test_who_picks_up_hears_of_which_municipality_the_colleague_is(line):
    question = Speaker(line, "en", line.municipalities["dorp"]).question().text
    assert "Someone at a desk of the municipality of Dorp" in question
    assert "Een collega aan de balie van de gemeente Dorp" in (
        Speaker(line, "nl", line.municipalities["dorp"]).question().text
    )


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
