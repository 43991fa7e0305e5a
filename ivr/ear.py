"""Words for the ear: what would be misheard as digits or signs, written out in each language."""

from datetime import datetime
from typing import Final

from ivr.numbers import written
from ivr.phrase import PAUSE

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
_WEEK: Final = 7


def other(language: str) -> str:
    """The language that key 9 leads to."""
    return "en" if language == "nl" else "nl"


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
    minutes = f" {end.minute}" if end.minute else ""
    if language == "nl":
        return f"om {end.hour} uur{minutes}"
    hour = end.hour % 12 or 12
    return f"at {hour}{minutes} {'in the morning' if end.hour < 12 else 'in the afternoon'}"  # noqa: PLR2004 - noon
