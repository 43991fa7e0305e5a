"""Days and moments in a file, and what a day means that is written otherwise.

A text that is not valid raises the PydanticCustomError of `refuse`.
"""

import re
from datetime import date, datetime
from typing import Final, TypeVar

from ivr.model.errors import refuse
from ivr.model.languages import LANGUAGES
from ivr.model.limits import YEARS
from ivr.model.schedule import Period

_D = TypeVar("_D", bound=date)

_MONTHS: Final = {
    name.lower()[:size]: str(number)
    for language in LANGUAGES.values()
    for number, name in enumerate(language.months, 1)
    for size in (3, len(name))
} | {"mrt": "3"}
_WEEKDAYS: Final = {
    name.lower()
    for language in LANGUAGES.values()
    for names in (language.weekdays, *language.short_weekdays)
    for name in names
}

_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAYS: Final = re.compile(rf"(?P<first>{_DATE})(?: *(?:-|t/m|tot en met) *(?P<last>{_DATE}))?")


def read_day(text: str) -> date:
    """Read a day such as `2026-12-24`."""
    try:
        # fromisoformat alone also accepts 20261102 and 2026-W45-1.
        day = date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else "")
    except ValueError:
        raise refuse("date-unreadable", text=text, meant=_day_meant(text)) from None
    return _within_years(day, text)


def _day_meant(text: str) -> str | None:
    """Return the day that is written in another order or with the name of its month, or None."""
    words = re.findall(r"[0-9]+|[a-z]{3,}", text.lower())
    parts = [_MONTHS.get(word, word) for word in words if word not in _WEEKDAYS]
    if len(parts) != 3 or not all(map(str.isdigit, parts)):  # noqa: PLR2004 - day, month and year
        return None
    year, month, day = parts if len(parts[0]) == 4 else reversed(parts)  # noqa: PLR2004 - digits of a year
    try:
        found = date(int(f"20{year}" if len(year) == 2 else year), int(month), int(day))  # noqa: PLR2004
    except ValueError:
        return None
    return str(found) if YEARS[0] <= found.year <= YEARS[1] else None


def read_moment(text: str) -> datetime:
    """Read a local time such as `2026-11-25T08:00`, without a time zone."""
    try:
        # People write a blank in place of the T.
        moment = datetime.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text) else "")
    except ValueError:
        raise refuse("moment-unreadable", text=text) from None
    return _within_years(moment, text)


def _within_years(day: _D, text: str) -> _D:
    first, last = YEARS
    if not first <= day.year <= last:
        raise refuse("date-far", text=text, first=first, last=last)
    return day


def read_days(text: str) -> Period:
    """Read a day, or a first and a last day such as `2026-12-21 - 2027-01-03`."""
    found = _DAYS.fullmatch(text)
    if not found:
        raise refuse("days-unreadable", text=text)
    first = read_day(found["first"])
    last = read_day(found["last"]) if found["last"] else first
    if last < first:
        raise refuse("days-reversed", text=text)
    return Period(first, last)
