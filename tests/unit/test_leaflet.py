"""All that the printed leaflet says is heard, in both languages: tests/leaflet.yaml names each line of it."""

import re

import pytest
import yaml
from support.homes import HERE, NOON

from ivr.dialogue import flow
from ivr.dialogue.call import At, Call, Offer
from ivr.dialogue.prompts import Speaker
from ivr.model import spoken
from ivr.model.languages import LANGUAGES

LEAFLET = yaml.load((HERE / "leaflet.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - all is text
FACTS = [each for each in LEAFLET if "unheard" not in each]
NUMBERS = {each["destination"]: each["number"] for each in FACTS if "destination" in each}
LAST_LINE = 112
"""Of the printed text."""
BLANK = {
    *(1, 4, 13, 16, 18, 19, 20, 22, 27, 29, 31, 34, 36, 38, 41, 44, 47, 51, 55, 56, 57, 63, 70, 74, 77, 80),
    *(83, 84, 85, 87, 89, 90, 91, 93, 98, 102, 105, 107, 109, 111),
}
"""Lines of the printed text on which nothing stands."""
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
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{'+'.join(fact['lines'])}-{fact['item']}")
def test_every_fact_of_the_leaflet_is_heard(line, fact, language):
    text = heard(line, fact["item"], language)
    assert fact[language]
    assert [words for words in fact[language] if words not in text] == []


def test_no_line_of_the_leaflet_is_left_out():
    named = {int(number) for each in LEAFLET for number in each["lines"]}
    assert named == set(range(1, LAST_LINE + 1)) - BLANK


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_address_that_is_said_is_one_that_the_leaflet_prints_and_none_is_left_out(line, language):
    text = " ".join(line.prompts[language].values())
    said = {
        f"www.{name.replace(' ', '')}.{letters.replace(', ', '')}"
        for name, letters in re.findall(SPOKEN_ADDRESS[language], text)
    }
    assert said == {each["address"] for each in FACTS if "address" in each}


@pytest.mark.parametrize("destination", NUMBERS)
def test_the_number_that_is_rung_first_is_the_one_that_the_leaflet_prints(line, destination):
    (first, *_) = line.settings.destinations[destination].numbers
    assert first == re.sub("^0", "+31", re.sub(r"\D", "", NUMBERS[destination]))


def test_no_destination_is_without_a_printed_number(line):
    assert set(line.settings.destinations) == set(NUMBERS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_is_said_twice_so_that_a_clerk_can_write_it_down(line, language):
    for destination, phrase in zip(
        line.settings.destinations.values(), Speaker(line, language).numbers(), strict=True
    ):
        digits = spoken.digits(destination.numbers[0], language)
        assert phrase.text.count(f"{digits}.") == 2, destination


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fallback_says_of_step_3_what_the_step_itself_says(line, language):
    alone = next(fact[language][0] for fact in FACTS if fact["item"] == "step-3")
    assert alone in line.prompts[language]["fallback-steps"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_step_2_keeps_the_questions_to_companion_and_victim_apart(line, language):
    companion, victim = (
        next(p.text for p in phrases(line, "step-2", language) if p.prompt == f"step-2-{who}")
        for who in ("companion", "victim")
    )
    assert (companion.count("?"), victim.count("?")) == ({"nl": 5, "en": 6}[language], 5)
    assert "asp" in companion
    assert "pasp" in victim or "passport" in victim
