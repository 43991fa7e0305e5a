"""Words for the ear: what would be misheard as digits or signs, written out in each language."""

import re
from datetime import datetime
from typing import Final

from ivr.model.numbers import written
from ivr.model.phrase import PAUSE

LANGUAGES: Final = ("nl", "en")

_DIGITS: Final = {
    "nl": ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_PLUS: Final = {"nl": "plus", "en": "plus"}
_KEYS: Final = {"nl": {"#": "hekje", "*": "sterretje"}, "en": {"#": "hash", "*": "star"}}
_WEEKDAYS: Final = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Final = {
    "nl": (
        *("januari", "februari", "maart", "april", "mei", "juni"),
        *("juli", "augustus", "september", "oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
POLLY: Final = {
    "nl": tuple(
        f"Polly.{name}"
        for name in ("Laura-Neural", "Laura-Generative", "Lotte", "Ruben", "Lisa-Neural", "Lisa-Generative")
    ),
    "en": tuple(
        f"Polly.{name}{kind}"
        for kind, names in {
            "": "Amy Emma Brian Nicole Russell Ivy Joanna Kendra Kimberly Salli Joey Justin Matthew",
            "-Neural": "Amy Emma Brian Arthur Olivia Niamh Aria Ayanda Ivy Joanna Kendra Kimberly Salli Joey "
            "Justin Kevin Matthew Ruth Stephen Danielle Gregory",
            "-Generative": "Amy Brian Olivia Niamh Joanna Salli Matthew Ruth Stephen Danielle",
        }.items()
        for name in names.split()
    ),
}
"""Amazon's voices of each language (https://www.twilio.com/docs/voice/twiml/say/text-speech)."""
_GOOGLE: Final = re.compile(
    r"Google\.([a-z]{2})-[A-Z]{2}-(?:Standard|Wavenet|Neural2|Chirp3-HD)-[A-Z][a-z]{0,20}"
)
_WEEK: Final = 7
_ENGLISH_TWELVE: Final = {(0, 0): "right after midnight", (12, 0): "at 12 noon"}
"""Which day midnight belongs to, nobody hears otherwise."""
_ENGLISH_PARTS: Final = (
    (18, "in the evening"),
    (12, "in the afternoon"),
    (6, "in the morning"),
    (0, "at night"),
)
_TWO_DIGITS: Final = 10


def other(language: str) -> str:
    """The language that key 9 leads to."""
    return "en" if language == "nl" else "nl"


def is_voice(name: str, language: str) -> bool:
    """Whether Twilio has a voice of this name that speaks the language."""
    google = _GOOGLE.fullmatch(name)
    return name in POLLY[language] or (google is not None and google[1] == language)


def digits(address: str, language: str) -> str:
    """Say a telephone number digit by digit, with a pause where it is written with a space."""
    groups = written(address).split()
    words = [
        [_DIGITS[language][int(sign)] if sign.isdigit() else _PLUS[language] for sign in group]
        for group in groups
    ]
    return f" {PAUSE} ".join(", ".join(group) for group in words)


def key(name: str, language: str) -> str:
    """Say a key of the telephone: `1`, or the name of `#` and `*`."""
    return _KEYS[language].get(name, name)


def until(end: datetime, now: datetime, language: str) -> str:
    """Say a moment to come (both in local time): `morgen om 8 uur 30`, `Monday at 8 30 in the morning`."""
    return f"{_day(end, now, language)} {_clock(end, language)}"


def _day(end: datetime, now: datetime, language: str) -> str:
    ahead = (end.date() - now.date()).days
    if ahead <= 1:
        return {"nl": ("vandaag", "morgen"), "en": ("today", "tomorrow")}[language][max(ahead, 0)]
    weekday = _WEEKDAYS[language][end.weekday()]
    if ahead < _WEEK:
        return weekday
    return f"{weekday} {end.day} {_MONTHS[language][end.month - 1]}"


def _clock(end: datetime, language: str) -> str:
    if language == "nl":
        return f"om {end.hour} uur{f' {end.minute}' if end.minute else ''}"
    if (end.hour, end.minute) in _ENGLISH_TWELVE:
        return _ENGLISH_TWELVE[end.hour, end.minute]
    minutes = f" oh {end.minute}" if 0 < end.minute < _TWO_DIGITS else f" {end.minute}" if end.minute else ""
    part = next(name for since, name in _ENGLISH_PARTS if end.hour >= since)
    return f"at {end.hour % 12 or 12}{minutes} {part}"
