"""The languages of the line: all that differs between them, in one table.

A new language is one entry here, a prompts file, and a file in ivr/translations where coordinators need it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_GOOGLE: Final = re.compile(
    r"Google\.([a-z]{2})-[A-Z]{2}-(?:Standard|Wavenet|Neural2|Chirp3-HD)-[A-Z][a-z]{0,20}"
)
_WEEK: Final = tuple(range(5))
_TWO_DIGITS: Final = 10
_ENGLISH_TWELVE: Final = {(0, 0): "right after midnight", (12, 0): "at 12 noon"}
"""Times with phrases of their own, because 12 at night leaves open which day is meant."""
_ENGLISH_PARTS: Final = (
    (18, "in the evening"),
    (12, "in the afternoon"),
    (6, "in the morning"),
    (0, "at night"),
)
"""First hour of each part of the day → its name, the latest first."""


@dataclass(frozen=True, slots=True)
class Language:
    """All that the line needs to know of one language, except its prompts."""

    digits: tuple[str, ...]
    """Names of the digits 0 to 9."""
    plus: str
    """Name of the sign `+` at the start of a telephone number."""
    keys: Mapping[str, str]
    """Names of the keys that are no digits, `#` and `*`, as they follow a verb of `press`."""
    press: tuple[str, ...]
    """Verbs before the name of a key, as a text has them that names a key itself."""
    pressed: tuple[str, ...]
    """Names of keys after such a verb, besides digits."""
    today: str
    tomorrow: str
    municipality: str
    """A municipality of which the name is known, in braces."""
    weekdays: tuple[str, ...]
    """Monday to Sunday, as they are spoken."""
    short_weekdays: tuple[tuple[str, ...], ...]
    """Monday to Sunday in small letters, as files abbreviate them; each set has seven."""
    day_groups: Mapping[str, tuple[int, ...]]
    """Words of files for several days in a row → these days; 0 is Monday."""
    through: tuple[str, ...]
    """Words of files between the first and the last day or hour."""
    also: tuple[str, ...]
    """Words of files between two days."""
    night: str
    """The word of files for hours over midnight."""
    yes: tuple[str, ...]
    no: tuple[str, ...]
    """Answers in files."""
    months: tuple[str, ...]
    """January to December, as they are spoken."""
    clock: Callable[[int, int], str]
    """Hour (0 to 23) and minute → the time of day as it is spoken, with its preposition."""
    voice: str
    """The voice of Twilio's that is used where config/line.yaml names none."""
    polly: tuple[str, ...]
    """Amazon's voices (https://www.twilio.com/docs/voice/twiml/say/text-speech)."""
    espeak: str
    """The voice of espeak-ng."""
    gtts_domain: str
    """The top-level domain of Google Translate, which decides the accent of gTTS."""


def _dutch_clock(hour: int, minute: int) -> str:
    return f"om {hour} uur{f' {minute}' if minute else ''}"


def _english_clock(hour: int, minute: int) -> str:
    if (hour, minute) in _ENGLISH_TWELVE:
        return _ENGLISH_TWELVE[hour, minute]
    minutes = f" oh {minute}" if 0 < minute < _TWO_DIGITS else f" {minute}" if minute else ""
    part = next(name for since, name in _ENGLISH_PARTS if hour >= since)
    return f"at {hour % 12 or 12}{minutes} {part}"


def _polly(kinds: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"Polly.{name}{kind}" for kind, names in kinds.items() for name in names.split())


LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        "nl": Language(
            digits=("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"),
            plus="plus",
            keys={"#": "het hekje", "*": "het sterretje"},
            press=("kies", "toets", "druk", "druk op"),
            pressed=("een", "één", "hekje", "het hekje", "sterretje", "het sterretje"),
            today="vandaag",
            tomorrow="morgen",
            municipality="de gemeente {}",
            weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
            short_weekdays=(("ma", "di", "wo", "do", "vr", "za", "zo"),),
            day_groups={
                **dict.fromkeys(("werkdagen", "werkdag", "weekdagen", "doordeweeks", "door de week"), _WEEK),
                **dict.fromkeys(("weekend", "weekeinde", "in het weekend"), (5, 6)),
                **dict.fromkeys(("dagelijks", "elke dag", "iedere dag", "alle dagen"), tuple(range(7))),
            },
            through=("t/m", "tm", "tot en met", "tot"),
            also=("en",),
            night="nacht",
            yes=("ja", "aan"),
            no=("nee", "uit"),
            months=(
                *("januari", "februari", "maart", "april", "mei", "juni"),
                *("juli", "augustus", "september", "oktober", "november", "december"),
            ),
            clock=_dutch_clock,
            voice="Polly.Laura-Neural",
            polly=(
                *("Polly.Laura-Neural", "Polly.Laura-Generative", "Polly.Lotte", "Polly.Ruben"),
                *("Polly.Lisa-Neural", "Polly.Lisa-Generative"),
            ),
            espeak="nl",
            gtts_domain="com",
        ),
        "en": Language(
            digits=("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            plus="plus",
            keys={"#": "hash", "*": "star"},
            press=("press", "key"),
            pressed=("hash", "star"),
            today="today",
            tomorrow="tomorrow",
            municipality="the municipality of {}",
            weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
            short_weekdays=(
                ("mo", "tu", "we", "th", "fr", "sa", "su"),
                ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
            ),
            day_groups={
                **dict.fromkeys(("weekdays", "workdays", "working days"), _WEEK),
                **dict.fromkeys(("weekend", "weekends"), (5, 6)),
                **dict.fromkeys(("daily", "every day"), tuple(range(7))),
            },
            through=("through", "to", "until", "till"),
            also=("and",),
            night="night",
            yes=("yes", "on", "true"),
            no=("no", "off", "false"),
            months=(
                *("January", "February", "March", "April", "May", "June"),
                *("July", "August", "September", "October", "November", "December"),
            ),
            clock=_english_clock,
            voice="Polly.Amy-Neural",
            polly=_polly(
                {
                    "": "Amy Emma Brian Nicole Russell Ivy Joanna Kendra Kimberly Salli Joey Justin Matthew",
                    "-Neural": "Amy Emma Brian Arthur Olivia Niamh Aria Ayanda Ivy Joanna Kendra Kimberly "
                    "Salli Joey Justin Kevin Matthew Ruth Stephen Danielle Gregory",
                    "-Generative": "Amy Brian Olivia Niamh Joanna Salli Matthew Ruth Stephen Danielle",
                }
            ),
            espeak="en-gb",
            gtts_domain="co.uk",
        ),
    }
)
"""ISO 639-1 code → language, in the order in which key 9 goes round them."""


def languages_from(first: str) -> tuple[str, ...]:
    """The codes of all languages in the order of the table, starting at `first`. Raises ValueError."""
    codes = tuple(LANGUAGES)
    start = codes.index(first)
    return codes[start:] + codes[:start]


def next_language(code: str) -> str:
    """The code of the language that key 9 leads to; after the last comes the first. Raises ValueError."""
    _, *others = languages_from(code)
    return others[0] if others else code


def is_voice(name: str, code: str) -> bool:
    """Whether Twilio has a voice of this name that speaks the language. Raises KeyError."""
    google = _GOOGLE.fullmatch(name)
    return name in LANGUAGES[code].polly or (google is not None and google[1] == code)
