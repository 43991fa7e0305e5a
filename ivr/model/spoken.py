"""Numbers, keys and moments, written as they are spoken in each language."""

import re
from datetime import datetime
from typing import Final

from ivr.model.languages import LANGUAGES
from ivr.model.numbers import written
from ivr.model.phrase import PAUSE

_WEEK: Final = 7


def digits(endpoint: str, language: str) -> str:
    """Spell a telephone number (E.164) digit by digit, with a pause at each space of its written form."""
    names = LANGUAGES[language]
    groups = [
        ", ".join(names.digits[int(sign)] if sign.isdigit() else names.plus for sign in group)
        for group in written(endpoint).split()
    ]
    return f" {PAUSE} ".join(groups)


def key(name: str, language: str) -> str:
    """Name a key of the telephone: a digit stays as it is, `#` and `*` get their names."""
    return LANGUAGES[language].keys.get(name, name)


def municipality(name: str, language: str) -> str:
    """Name a municipality: `gemeente Dorp` is `the municipality of Dorp`. Any other name stays as it is."""
    place = re.sub("^gemeente +", "", name, flags=re.IGNORECASE)
    return name if place == name else LANGUAGES[language].municipality.format(place)


def until(end: datetime, now: datetime, language: str) -> str:
    """Name a future moment, both in local time: `morgen om 8 uur 30`, `Monday at 8 30 in the morning`.

    Today and tomorrow have words, the next six days their weekday; a later day is named with its date.
    """
    return f"{_day(end, now, language)} {LANGUAGES[language].clock(end.hour, end.minute)}"


def _day(end: datetime, now: datetime, language: str) -> str:
    names = LANGUAGES[language]
    ahead = (end.date() - now.date()).days
    if ahead <= 1:
        return names.tomorrow if ahead == 1 else names.today
    weekday = names.weekdays[end.weekday()]
    return weekday if ahead < _WEEK else f"{weekday} {end.day} {names.months[end.month - 1]}"
