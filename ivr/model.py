"""What the line is made of: the shapes of the YAML files, checked as they are read.

All values arrive as text (see `ivr.config.source`) and are read by `ivr.values`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr import hours, limits, numbers
from ivr.values import (
    Address,
    Country,
    Day,
    InBothLanguages,
    Key,
    Language,
    Link,
    Moment,
    Name,
    Number,
    Pattern,
    Ring,
    Span,
    Text,
    Url,
    Word,
    Zone,
    one_or_more,
    refuse,
    whole,
)

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


class Shape(BaseModel):
    """One part of a file; keys that it does not name are findings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True
    )


class Destination(Shape):
    """A service that every municipality's clerks can be put through to."""

    name: InBothLanguages
    numbers: Annotated[
        tuple[Address, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Address)
    ]
    """Tried in this order."""
    anonymous: bool = False
    ring: Ring = limits.RING_SECONDS


class Settings(Shape):
    """config/line.yaml: what all municipalities share."""

    language: Language = "nl"
    timezone: Zone = ZoneInfo("Europe/Amsterdam")
    holidays: Country = "NL"
    tries: Annotated[int, *whole(*limits.TRIES_RANGE)] = 3
    silence: Annotated[int, *whole(*limits.SILENCE_RANGE)] = 5
    talk: Annotated[int, *whole(*limits.TALK_RANGE)] = limits.TALK_MINUTES
    """Minutes after which a forwarded talk is ended."""
    voices: dict[Language, Text] = {"nl": "Polly.Laura-Neural", "en": "Polly.Amy-Neural"}
    public_url: Url | None = None
    ring_check: Span = Field(default_factory=lambda: hours.read_span("ma-vr 10:00-12:00"))
    """When contacts may be rung to check their numbers; ma-vr 10:00-12:00 if left out."""
    destinations: dict[Word, Destination] = Field(min_length=1, max_length=limits.LISTED)


class Contact(Shape):
    """Somebody of the municipality who can be consulted."""

    name: InBothLanguages
    number: Address
    hours: Annotated[tuple[Span, ...], Field(max_length=limits.SPANS), one_or_more(Span)] = ()
    holidays: Literal["closed", "open"] | None = None
    accept: bool = True
    """Whether who picks up must press 1, so that no voicemail takes the call."""
    ring: Ring = limits.RING_SECONDS
    confirmed: Day | None = None

    @property
    def rests_on_holidays(self) -> bool:
        return self.holidays == "closed" or (self.holidays is None and bool(self.hours))


class Municipality(Shape):
    """config/municipalities/<word>.yaml: one municipality, kept by its coordinator."""

    name: Name
    example: bool = False
    dialled: Annotated[
        tuple[Address, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Address)
    ]
    """Where its clerks call."""
    caller_id: Number | None = None
    callers: (
        Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Pattern)]
        | None
    ) = None
    contacts: Annotated[tuple[Contact, ...], Field(max_length=limits.CONTACTS)] = ()
    closed: Annotated[tuple[Day, ...], Field(max_length=limits.LISTED), one_or_more(Day)] = ()
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
            raise refuse("closure-empty", since=self.since, until=self.until)
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

    say: Annotated[tuple[Word, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Word)]
    keys: dict[Key, Choice] | None = Field(default=None, min_length=1)
    go: Word | None = None
    dial: Word | None = None
    unreached: Word | None = None

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        ways = [name for name in ("keys", "go", "dial") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise refuse("two-ways", ways=" + ".join(ways))
        if (self.dial is None) != (self.unreached is None):
            raise refuse("unreached-with-dial", missing="unreached" if self.dial else "dial")
        return self


class Menu(BaseModel):
    """config/menu.yaml: what a caller can do; every key but `start` and `always` is an item."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Item]

    start: Word
    always: dict[Key, Word]
    """Keys that work in every menu."""

    @model_validator(mode="after")
    def _few(self) -> Self:
        if len(self.items) > limits.NAMED:
            raise refuse("list-long", actual_length=len(self.items), max_length=limits.NAMED)
        return self

    @property
    def items(self) -> Mapping[str, Item]:
        return self.__pydantic_extra__

    def ways(self, item: Item) -> Mapping[str, str]:
        """Where each key leads to while a caller is in this item."""
        own = {key: choice.go for key, choice in (item.keys or {}).items() if choice.go}
        return {**self.always, **own}


@dataclass(frozen=True, eq=False)
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

    def closed(self, moment: datetime) -> bool:
        """Whether the line is closed on purpose at a moment (aware)."""
        return self.closure is not None and self.closure.holds(moment)

    @cached_property
    def _dialled(self) -> Mapping[str, str]:
        return {
            numbers.tidy(address): word
            for word, each in self.municipalities.items()
            for address in each.dialled
        }

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
        return self._dialled[numbers.tidy(municipality.dialled[0])]
