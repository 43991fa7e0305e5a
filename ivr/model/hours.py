"""Hours of the week, as people write them: `ma-vr 08:30-17:00`, `werkdagen van 9 tot 17 uur`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from ivr.model.errors import refuse
from ivr.model.languages import LANGUAGES
from ivr.model.limits import VALUE_CHARACTERS
from ivr.model.meant import meant
from ivr.model.spelling import plain

DAYS: Final = LANGUAGES["nl"].short_weekdays[0]
DAY_MINUTES: Final = 24 * 60
_DAY_NUMBERS: Final = {
    name.lower(): (number,)
    for language in LANGUAGES.values()
    for names in (language.weekdays, *language.short_weekdays)
    for number, name in enumerate(names)
} | {name: days for language in LANGUAGES.values() for name, days in language.day_groups.items()}


def _words(*kinds: tuple[str, ...]) -> str:
    """Return the expression for any word of these, the longest first."""
    words = sorted({word for kind in kinds for word in kind}, key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, words))


_THROUGH: Final = _words(*(language.through for language in LANGUAGES.values()))
_AND: Final = _words(*(language.also for language in LANGUAGES.values()))
_NIGHTS: Final = _words(*((language.night,) for language in LANGUAGES.values()))
_GROUPS: Final = _words(*(tuple(language.day_groups) for language in LANGUAGES.values()))
_CLOCK: Final = r"(?:[0-9]{1,2}[:.uh][0-9]{2}|[0-9]{4}|[0-9]{1,2})"
_UNIT: Final = r"(?: ?(?:uur|u|h|hrs))?"
_TIMES: Final = re.compile(
    rf"(?:(?:van|from) )?(?P<start>{_CLOCK}){_UNIT} ?(?:-|{_THROUGH}) ?(?P<end>{_CLOCK}){_UNIT}"
)
_NIGHT: Final = re.compile(rf" ?\((?:{_NIGHTS})\)")
_RANGE: Final = re.compile(rf" ?(?:-|\b(?:{_THROUGH})(?!\w)) ?")
_BETWEEN: Final = re.compile(rf"[ ,;/&+]+(?:(?:{_AND}) )?")


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of the week, such as `ma-vr 08:30-17:00`. An end before the start is on the next day."""

    days: frozenset[int]
    """0 is Monday."""
    start: int
    """Minutes after midnight."""
    end: int
    """Minutes after midnight, at most 1440."""


@lru_cache(maxsize=4096)
def read_span(text: str) -> Span:
    """Read `ma-vr 08:30-17:00`, with names of days in any language of the line.

    Hours over midnight must say so: `ma-vr 17:00-08:30 (nacht)`. Raises the error of `refuse` for anything
    else, and for spans of no length.
    """
    days, times, night = _parts(text)
    if times is None:
        raise refuse("hours-without-times" if _are_days(days) else "hours-unreadable", text=text)
    start, end = (_minutes(times[side], text) for side in ("start", "end"))
    if start in {end, DAY_MINUTES}:
        raise refuse("hours-empty", text=text)
    if not days:
        raise refuse("hours-without-days", text=text)
    found = frozenset(_days(days, text))
    end = end or DAY_MINUTES
    if end < start and not night:
        raise refuse("hours-night", text=text, end=_clock(end))
    if end > start and night and start and end != DAY_MINUTES:
        raise refuse("hours-not-night", text=text)
    return Span(found, start, end)


def separated(texts: list[Any]) -> list[Any]:
    """Give each part of a list its days and its times: `ma`, `wo 09:00-12:00` and `13:00-17:00` share them.

    YAML divides `[ma, wo 09:00-12:00, 13:00-17:00]` at its commas. The number of parts stays the same.
    """
    whole = list(texts)
    for place in reversed(range(len(whole) - 1)):
        days, following = _parts(whole[place]), _parts(whole[place + 1])
        if days[1] is None and _are_days(days[0]) and following[1] is not None and following[0]:
            whole[place] = f"{days[0]} {following[1][0]}{' (nacht)' if following[2] else ''}"
    for place in range(1, len(whole)):
        days, times = _parts(whole[place - 1]), _parts(whole[place])
        if times[1] is not None and not times[0] and days[1] is not None and days[0]:
            whole[place] = f"{days[0]} {whole[place]}"
    return whole


def _parts(text: Any) -> tuple[str, re.Match[str] | None, bool]:
    """Return the days, the times where there are some, and whether they are said to be over midnight."""
    if not isinstance(text, str) or len(text) > VALUE_CHARACTERS:
        return "", None, False
    tidy = re.sub(r"\s+", " ", plain(text).lower()).strip()
    day_time = _NIGHT.sub("", tidy)
    for found in _TIMES.finditer(day_time):
        if found.end() == len(day_time):
            return day_time[: found.start()].strip(" :,"), found, day_time != tidy
    return day_time, None, day_time != tidy


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(clock: str, text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,2}?)[:.uh]?([0-9]{2})?", clock)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (0, DAY_MINUTES)
    total = hour * 60 + minute
    if minute >= 60 or total > DAY_MINUTES:  # noqa: PLR2004 - minutes of an hour
        raise refuse("hours-unreadable", text=text)
    return total


def _are_days(text: str) -> bool:
    try:
        return bool(frozenset(_days(text)))
    except ValueError:
        return False


def _days(text: str, whole: str = "") -> Iterator[int]:
    """Yield the numbers of the days; the last name of a range, and the days between, included.

    `whole`: the text that an error quotes where it is no list of days at all.
    """
    if any(map(str.isdigit, text)):
        raise refuse("hours-unreadable", text=whole or text)
    # "door de week" is one name, though it has blanks.
    text = re.sub(
        rf"\b(?:{_GROUPS})\b",
        lambda found: found[0].replace(" ", "_"),
        _RANGE.sub("-", text.replace(".", "")),
    )
    for part in _BETWEEN.split(text.strip()):
        first, _, last = part.partition("-")
        starts, ends = _day(first), _day(last or first)
        if not last:
            yield from starts
            continue
        yield from ((starts[0] + step) % 7 for step in range((ends[-1] - starts[0]) % 7 + 1))


def _day(name: str) -> tuple[int, ...]:
    # Whole names alone: the first letters of "werkdagen" are those of Wednesday.
    name = name.replace("_", " ")
    if name not in _DAY_NUMBERS:
        raise refuse("day-unknown", text=name, known=", ".join(DAYS), meant=meant(name, _DAY_NUMBERS))
    return _DAY_NUMBERS[name]
