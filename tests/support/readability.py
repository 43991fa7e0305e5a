"""How easily a text is understood by ear: the length of its sentences, and a score of sentences and words."""

import re

import pyphen

_SCORES = {
    # Weights of words in a sentence and of syllables in a word: Douma (1960), and Flesch (1948) for English.
    "nl": (pyphen.Pyphen(lang="nl_NL"), 206.84, 0.93, 77.0),
    "en": (pyphen.Pyphen(lang="en_GB"), 206.835, 1.015, 84.6),
}
_NAMES = re.compile(
    r"fair ?work|meld misdaad anoniem|a, v, i, m|balielijn|"
    r"afdeling vreemdelingenpolitie, identificatie en mensenhandel",
    re.IGNORECASE,
)
"""Names are what they are: they count as one short word."""
_WORD = re.compile(r"[\w'-]+")


def sentences(text):
    """The words of each sentence of a text."""
    parts = re.split(r"[.?!:;…]", _NAMES.sub("naam", text))
    return [words for part in parts if (words := _WORD.findall(part))]


def score(text, language):
    """The reading ease of a text: 100 is very easy, 60 plain, under 50 hard."""
    hyphenation, most, by_length, by_syllables = _SCORES[language]
    found = sentences(text)
    words = [word.lower() for sentence in found for word in sentence]
    syllables = sum(len(hyphenation.positions(word)) + 1 for word in words)
    return most - by_length * len(words) / len(found) - by_syllables * syllables / len(words)
