"""Every prompt is plain: short sentences, well-known words, and a score of reading ease."""

import re

import pytest
import yaml
from support.homes import HERE
from support.readability import score, sentences

from ivr.dialogue.prompts import fill
from ivr.model.languages import LANGUAGES

HARD = yaml.safe_load((HERE / "hard_words.yaml").read_text("utf-8"))
MOST_WORDS = 15
"""In a sentence: whoever listens cannot read it again."""
LEAST_SCORE = 50
LEAST_OF_ALL = 80
EXAMPLES = {
    "nl": {"municipality": "de gemeente Dorp", "until": "morgen om 9 uur", "contact": "de balie Zorg"},
    "en": {"municipality": "the municipality of Dorp", "until": "tomorrow at 9", "contact": "the Care desk"},
}
PRINTED = (
    "Veel slachtoffers van deze moderne slavernij zijn migranten die onder valse voorwendselen "
    "naar Nederland zijn gehaald."
)
"""A sentence of the leaflet."""


def texts(line, language):
    """Prompt id → text as it is heard: with its braces filled, and a choice with its key."""
    prompts = line.prompts[language]
    values = {**EXAMPLES[language], "key": "1", "number": "1, 2, 3"}
    heard = {name: fill(text, values) for name, text in prompts.items() if name != "choice"}
    return {
        name: fill(prompts["choice"], {"choice": text, "key": "1"}) if name.startswith("choose-") else text
        for name, text in heard.items()
    }


def hard_words(text, language):
    return [word for word in HARD[language] if re.search(rf"\b{word}\b", text, re.IGNORECASE)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_too_long_for_the_ear(line, language):
    for prompt, text in texts(line, language).items():
        assert [words for words in sentences(text) if len(words) > MOST_WORDS] == [], prompt


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_prompt_has_a_hard_word(line, language):
    for prompt, text in texts(line, language).items():
        assert hard_words(text, language) == [], prompt


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_is_easily_understood(line, language):
    scores = {prompt: score(text, language) for prompt, text in texts(line, language).items()}
    assert {prompt: found for prompt, found in scores.items() if found < LEAST_SCORE} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_prompts_together_are_easy(line, language):
    assert score(" ".join(texts(line, language).values()), language) >= LEAST_OF_ALL


def test_the_measures_refuse_a_sentence_that_was_written_for_the_eye():
    assert score(PRINTED, "nl") < LEAST_SCORE
    assert [len(words) for words in sentences(PRINTED)] == [16]
    assert hard_words(PRINTED, "nl") == ["voorwendselen"]


def test_dutch_callers_are_addressed_with_u(line):
    text = " ".join(line.prompts["nl"].values()).lower()
    assert re.findall(r"\b(?:jij|je|jou|jouw)\b", text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_for_a_voice_to_stumble_over(line, language):
    for prompt, text in line.prompts[language].items():
        assert re.findall(r"\bAVIM\b|www|\.nl\b|/|\d{2,}|\b[A-Z]{2,}\b", text) == [], prompt
