"""The types of config/municipalities/<slug>.yaml."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field

from ivr.model import limits, numbers, schedule
from ivr.model.fields import (
    Day,
    Days,
    Endpoint,
    Holidays,
    HttpsUrl,
    InEveryLanguage,
    MailAddress,
    Name,
    Number,
    Pattern,
    RingSeconds,
    Span,
    Spans,
    YesNo,
    one_or_more,
)
from ivr.model.shape import Shape


class Contact(Shape):
    """A person or desk of the municipality whom its clerks can consult."""

    name: InEveryLanguage
    number: Endpoint
    hours: Spans = ()
    holidays: Holidays | None = None
    accept: YesNo = True
    """Whether the contact must press 1 before being joined to the caller, so that no voicemail is joined."""
    ring: RingSeconds = limits.RING_SECONDS
    confirmed: Day | None = None
    """The day on which the number was last checked."""
    since: Day | None = Field(default=None, alias="from")
    """The first day on which the contact is rung."""
    until: Day | None = None
    """The last day on which the contact is rung."""
    away: Annotated[tuple[Days, ...], Field(max_length=limits.LISTED), one_or_more(Days)] = ()
    """Days on which the contact is not rung."""

    @property
    def rests_on_holidays(self) -> bool:
        """Whether public holidays are days off; by default if there are hours."""
        return self.holidays == "closed" or (self.holidays is None and bool(self.hours))


class Municipality(Shape):
    """The content of config/municipalities/<slug>.yaml, which a coordinator edits."""

    name: Name
    example: YesNo = False
    dialled: Annotated[
        tuple[Endpoint, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Endpoint)
    ]
    """The numbers and SIP addresses at which the line answers its clerks."""
    caller_id: Number | None = None
    callers: (
        Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Pattern)]
        | None
    ) = None
    contacts: Annotated[tuple[Contact, ...], Field(max_length=limits.CONTACTS)] = ()
    closed: Annotated[tuple[Day, ...], Field(max_length=limits.LISTED), one_or_more(Day)] = ()
    fallback: HttpsUrl | None = None
    """URL of the document that Twilio uses if the line does not answer (`ivr fallback`)."""
    ring_check: Span | None = None
    """When its contacts may be rung to check their numbers; the line's `ring_check` if left out."""
    mail: Annotated[
        tuple[MailAddress, ...], Field(max_length=limits.MAIL_ADDRESSES), one_or_more(MailAddress)
    ] = ()
    """Who is told by mail of what wants doing (`ivr remind`)."""
    approve: YesNo = False
    """Whether somebody else publishes in the console what one has written."""

    @property
    def shown(self) -> str | None:
        """The caller ID (E.164) of forwarded calls, or None; never the clerk's own number."""
        return self.caller_id or next((each for each in self.dialled if not numbers.is_sip(each)), None)

    def forwards(self, caller: str) -> bool:
        """Whether a caller (an endpoint as `numbers.tidy` returns it) may be put through."""
        return self.callers is None or any(numbers.matches(caller, pattern) for pattern in self.callers)

    def as_of(self, day: date) -> Self:
        """The municipality without the contacts whose first day is still to come or whose last has passed."""
        contacts = tuple(
            each
            for each in self.contacts
            if (each.since is None or each.since <= day) and (each.until is None or day <= each.until)
        )
        return self.model_copy(update={"contacts": contacts})

    def week(self, contact: Contact, country: str) -> schedule.Week:
        """What decides when a contact is on duty. `country`: ISO 3166 code, for its public holidays."""
        return schedule.Week(
            spans=contact.hours,
            closed=frozenset(self.closed if contact.hours else ()),
            country=country if contact.rests_on_holidays else None,
            since=contact.since,
            until=contact.until,
            away=contact.away,
        )
