"""What the line is made of: the shapes of the YAML files, checked as they are read.

All values arrive as text (see `ivr.config.source`). A shape refuses what it cannot read with a
`PydanticCustomError` whose type is the code of a finding.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

import holidays as calendars
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ivr import hours, numbers
from ivr.ear import LANGUAGES
from ivr.limits import RING_RANGE, RING_SECONDS, SILENCE_RANGE, TRIES_RANGE

CONTACTS: Final = "contacts"
"""What `dial` says for the municipality's own contacts; any other word is a destination."""
POLICE: Final = "police"
"""The destination that must be one key away."""
FAREWELL: Final = "farewell"
"""The item a call ends with; every menu has it."""
STRANGER: Final = "stranger"
"""The item for a caller whom `callers` leaves out."""
UNKNOWN_LINE: Final = "unknown-line"
"""The item for a dialled number that no municipality has."""
CLOSED: Final = "closed"
"""The item that takes the place of the start while the line is closed on purpose."""
LANGUAGE_KEY: Final = "9"
"""Built into every menu: the other language."""


def _refuse(code: str, **values: Any) -> PydanticCustomError:
    return PydanticCustomError(code, code, values)


def _plain(value: Any) -> str:
    """The text of a value that must be one piece of text."""
    if not isinstance(value, str):
        raise _refuse("shape-text")
    if not value.strip():
        raise _refuse("empty")
    return value.strip()


def _from_text(read: Callable[[str], Any]) -> PlainValidator:
    return PlainValidator(lambda value: read(_plain(value)))


def _read_day(text: str) -> date:
    try:
        # fromisoformat alone would take 20261102 and 2026-W45-1 as well.
        return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else "")
    except ValueError:
        raise _refuse("date-unreadable", text=text) from None


def _read_moment(text: str) -> datetime:
    try:
        # With a blank instead of the T it is what people write.
        return datetime.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text) else "")
    except ValueError:
        raise _refuse("moment-unreadable", text=text) from None


def _read_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, KeyError, OSError):
        raise _refuse("value-unknown", text=text, known=sorted(available_timezones())) from None


def _read_country(text: str) -> str:
    known = sorted(calendars.list_supported_countries())
    if text not in known:
        raise _refuse("value-unknown", text=text, known=known)
    return text


def _https(text: str, code: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _refuse(code, text=text) from None
    if parts.scheme != "https" or not parts.hostname or re.search(r"\s", text):
        raise _refuse(code, text=text)
    return parts


def _read_url(text: str) -> str:
    parts = _https(text, "url-unreadable")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise _refuse("url-unreadable", text=text)
    return f"https://{parts.netloc}"


def _read_link(text: str) -> str:
    _https(text, "link-unreadable")
    return text


def _read_number_in(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not least <= int(text) <= most:
            raise _refuse("out-of-range", text=text, least=least, most=most)
        return int(text)

    return read


def _whole(least: int, most: int) -> Any:
    return (
        _from_text(_read_number_in(least, most)),
        WithJsonSchema({"type": "integer", "minimum": least, "maximum": most}),
    )


def _one_or_more(kind: Any) -> BeforeValidator:
    """Where a list belongs, one text alone stands for a list of one."""

    def listed(value: Any) -> Any:
        return [value] if isinstance(value, str) and value.strip() else value

    return BeforeValidator(listed, json_schema_input_type=kind | list[kind])


def _in_every_language(value: Any) -> Any:
    return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value


def _each_language(value: dict[str, str]) -> dict[str, str]:
    if missing := [language for language in LANGUAGES if language not in value]:
        raise _refuse("language-missing", text=missing[0])
    return value


def _string(**more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more})


_WORD = r"[a-z][a-z0-9-]*"


def read_word(text: str) -> str:
    """Read an id: it becomes part of an address, so it keeps to small letters, digits and hyphens."""
    if not re.fullmatch(_WORD, text):
        raise _refuse("word-unreadable", text=text)
    return text


def _read_key(text: str) -> str:
    if text == LANGUAGE_KEY:
        raise _refuse("key-reserved", text=text)
    if text not in set("012345678*#"):
        raise _refuse("key-unknown", text=text)
    return text


def _read_language(text: str) -> str:
    if text not in LANGUAGES:
        raise _refuse("value-unknown", text=text, known=list(LANGUAGES))
    return text


Text = Annotated[str, _from_text(str), _string()]
Language = Annotated[str, _from_text(_read_language), _string(enum=list(LANGUAGES))]
Word = Annotated[str, _from_text(read_word), _string(pattern=f"^{_WORD}$")]
Key = Annotated[str, _from_text(_read_key), _string(enum=list("012345678*#"))]
Day = Annotated[date, _from_text(_read_day), _string(format="date")]
Moment = Annotated[datetime, _from_text(_read_moment), _string(examples=["2026-11-25T08:00"])]
Number = Annotated[str, _from_text(numbers.read_number), WithJsonSchema({"type": ["string", "integer"]})]
Address = Annotated[str, _from_text(numbers.read_address), WithJsonSchema({"type": ["string", "integer"]})]
Pattern = Annotated[str, _from_text(numbers.read_pattern), _string()]
Span = Annotated[hours.Span, _from_text(hours.read_span), _string(examples=["ma-vr 08:30-17:00"])]
Zone = Annotated[ZoneInfo, _from_text(_read_zone), _string(examples=["Europe/Amsterdam"])]
Country = Annotated[str, _from_text(_read_country), _string(examples=["NL"])]
Url = Annotated[str, _from_text(_read_url), _string(format="uri", pattern="^https://")]
Link = Annotated[str, _from_text(_read_link), _string(format="uri", pattern="^https://")]
Ring = Annotated[int, *_whole(*RING_RANGE)]
InBothLanguages = Annotated[
    dict[Language, Text],
    AfterValidator(_each_language),
    BeforeValidator(_in_every_language, json_schema_input_type=str | dict[Language, str]),
]


class Shape(BaseModel):
    """One part of a file; keys that it does not name are findings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True
    )


class Destination(Shape):
    """A service that every municipality's clerks can be put through to."""

    name: InBothLanguages
    numbers: Annotated[tuple[Address, ...], Field(min_length=1), _one_or_more(Address)]
    """Tried in this order."""
    anonymous: bool = False
    ring: Ring = RING_SECONDS


class Settings(Shape):
    """config/line.yaml: what all municipalities share."""

    language: Language = "nl"
    timezone: Zone = ZoneInfo("Europe/Amsterdam")
    holidays: Country = "NL"
    tries: Annotated[int, *_whole(*TRIES_RANGE)] = 3
    silence: Annotated[int, *_whole(*SILENCE_RANGE)] = 5
    voices: dict[Language, Text] = {"nl": "Polly.Laura-Neural", "en": "Polly.Amy-Neural"}
    public_url: Url | None = None
    ring_check: Span = Field(default_factory=lambda: hours.read_span("ma-vr 10:00-12:00"))
    """When contacts may be rung to check their numbers; ma-vr 10:00-12:00 if left out."""
    destinations: dict[Word, Destination] = Field(min_length=1)


class Contact(Shape):
    """Somebody of the municipality who can be consulted."""

    name: InBothLanguages
    number: Address
    hours: Annotated[tuple[Span, ...], _one_or_more(Span)] = ()
    holidays: Literal["closed", "open"] | None = None
    accept: bool = True
    """Whether who picks up must press 1, so that no voicemail takes the call."""
    ring: Ring = RING_SECONDS
    confirmed: Day | None = None

    @property
    def rests_on_holidays(self) -> bool:
        return self.holidays == "closed" or (self.holidays is None and bool(self.hours))


class Municipality(Shape):
    """config/municipalities/<word>.yaml: one municipality, kept by its coordinator."""

    name: Text
    example: bool = False
    dialled: Annotated[tuple[Address, ...], Field(min_length=1), _one_or_more(Address)]
    """Where its clerks call."""
    caller_id: Number | None = None
    callers: Annotated[tuple[Pattern, ...], Field(min_length=1), _one_or_more(Pattern)] | None = None
    contacts: tuple[Contact, ...] = ()
    closed: Annotated[tuple[Day, ...], _one_or_more(Day)] = ()
    fallback: Link | None = None
    """Where Twilio finds the document for when the line does not answer (`ivr fallback`)."""
    ring_check: Span | None = None
    """When its contacts may be rung to check their numbers; the line's hour if left out."""

    @property
    def shown(self) -> str | None:
        """The caller ID (E.164) that who is rung sees; never the clerk's own number."""
        return self.caller_id or next((a for a in self.dialled if not numbers.is_sip(a)), None)

    def forwards(self, caller: str) -> bool:
        """Whether this caller may be put through."""
        return self.callers is None or any(numbers.matches(caller, pattern) for pattern in self.callers)

    def week(self, contact: Contact, country: str) -> hours.Week:
        """All that decides when a contact of ours is on duty."""
        return hours.Week(
            spans=contact.hours,
            closed=frozenset(self.closed if contact.hours else ()),
            country=country if contact.rests_on_holidays else None,
        )


class Closure(Shape):
    """config/closed.yaml, while it is there: the line is closed on purpose."""

    reason: Text
    """For who run the line; never spoken."""
    since: Moment
    until: Moment | None = None
    """Left out: until somebody opens it."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise _refuse("closure-empty", since=self.since, until=self.until)
        return self

    def within(self, zone: ZoneInfo) -> Self:
        """The same with aware moments: a file tells them by the clock on the wall."""
        until = self.until and self.until.replace(tzinfo=zone)
        return self.model_copy(update={"since": self.since.replace(tzinfo=zone), "until": until})

    def holds(self, moment: datetime) -> bool:
        """Whether the line is closed at a moment; it opens by itself."""
        return self.since <= moment and (self.until is None or moment < self.until)


class Choice(Shape):
    """What a key of a menu says and does."""

    say: Word
    go: Word | None = None
    """Left out where `always` has this key."""


class Item(Shape):
    """One place in the menu: it asks for a key, dials, goes on, or ends the call."""

    say: Annotated[tuple[Word, ...], Field(min_length=1), _one_or_more(Word)]
    keys: dict[Key, Choice] | None = Field(default=None, min_length=1)
    go: Word | None = None
    dial: Word | None = None
    unreached: Word | None = None

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        ways = [name for name in ("keys", "go", "dial") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise _refuse("two-ways", ways=" + ".join(ways))
        if (self.dial is None) != (self.unreached is None):
            raise _refuse("unreached-with-dial", missing="unreached" if self.dial else "dial")
        return self


class Menu(BaseModel):
    """config/menu.yaml: what a caller can do; every key but `start` and `always` is an item."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Item]

    start: Word
    always: dict[Key, Word]
    """Keys that work in every menu."""

    @property
    def items(self) -> Mapping[str, Item]:
        return self.__pydantic_extra__

    def ways(self, item: Item) -> Mapping[str, str]:
        """Where each key leads to while a caller is in this item."""
        own = {key: choice.go for key, choice in (item.keys or {}).items() if choice.go}
        return {**self.always, **own}


@dataclass(frozen=True)
class Line:
    """One whole reading of the configuration, free of errors: all that an answer depends on."""

    settings: Settings
    menu: Menu
    prompts: Mapping[str, Mapping[str, str]]
    """Language → prompt → text."""
    municipalities: Mapping[str, Municipality]
    """By the name of their file."""
    closure: Closure | None = None
    """With aware moments."""
    erases: bool = False
    """Whether the records of an anonymous call are erased at Twilio: what callers are told depends on it."""
    made: dict[tuple[str, ...], Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What was made of this reading once, and serves every caller (see `Speaker.menu`)."""

    def closed(self, moment: datetime) -> bool:
        """Whether the line is closed on purpose at a moment (aware)."""
        return self.closure is not None and self.closure.holds(moment)

    @cached_property
    def _dialled(self) -> Mapping[str, str]:
        return {address: word for word, each in self.municipalities.items() for address in each.dialled}

    def municipality_dialled(self, address: str) -> Municipality | None:
        """The municipality that has this address, if any."""
        return self.municipalities.get(self._dialled.get(numbers.tidy(address), ""))

    def is_anonymous(self, item: str) -> bool:
        """Whether an item rings a destination that no count and no record may tie to a municipality."""
        return item in self._anonymous

    @cached_property
    def _anonymous(self) -> frozenset[str]:
        destinations = self.settings.destinations
        return frozenset(
            name
            for name, item in self.menu.items.items()
            if item.dial in destinations and destinations[item.dial].anonymous
        )

    def word_of(self, municipality: Municipality) -> str:
        """The name of a municipality's file, by which addresses call it."""
        return self._dialled[municipality.dialled[0]]
