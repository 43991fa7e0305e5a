"""config/municipalities/<word>.yaml: one municipality, kept by its coordinator."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.model import limits, numbers, schedule
from ivr.model.fields import (
    Day,
    Endpoint,
    HttpsUrl,
    InEveryLanguage,
    Name,
    Number,
    Pattern,
    RingSeconds,
    Span,
    one_or_more,
)
from ivr.model.shape import Shape


class Contact(Shape):
    """Somebody of the municipality who can be consulted."""

    name: InEveryLanguage
    number: Endpoint
    hours: Annotated[tuple[Span, ...], Field(max_length=limits.SPANS), one_or_more(Span)] = ()
    holidays: Literal["closed", "open"] | None = None
    accept: bool = True
    """Whether who picks up must press 1, so that no voicemail takes the call."""
    ring: RingSeconds = limits.RING_SECONDS
    confirmed: Day | None = None

    @property
    def rests_on_holidays(self) -> bool:
        return self.holidays == "closed" or (self.holidays is None and bool(self.hours))


class Municipality(Shape):
    """config/municipalities/<word>.yaml: one municipality, kept by its coordinator."""

    name: Name
    example: bool = False
    dialled: Annotated[
        tuple[Endpoint, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Endpoint)
    ]
    """Where its clerks call."""
    caller_id: Number | None = None
    callers: (
        Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Pattern)]
        | None
    ) = None
    contacts: Annotated[tuple[Contact, ...], Field(max_length=limits.CONTACTS)] = ()
    closed: Annotated[tuple[Day, ...], Field(max_length=limits.LISTED), one_or_more(Day)] = ()
    fallback: HttpsUrl | None = None
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

    def week(self, contact: Contact, country: str) -> schedule.Week:
        """All that decides when a contact of ours is on duty."""
        return schedule.Week(
            spans=contact.hours,
            closed=frozenset(self.closed if contact.hours else ()),
            country=country if contact.rests_on_holidays else None,
        )
