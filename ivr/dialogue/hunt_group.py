"""The hunt group of an item: whom it rings, one after the other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from ivr.model import schedule
from ivr.model.line import Line
from ivr.model.menu import CONTACTS, Item
from ivr.model.municipality import Municipality

ALWAYS: Final = schedule.Week((), frozenset(), None)
"""A week without hours and without a country of holidays: always on duty."""


@dataclass(frozen=True, slots=True)
class Member:
    """One endpoint of a hunt group."""

    name: str
    endpoint: str
    """E.164 or SIP URI."""
    seconds: int
    """How long it rings."""
    accept: bool
    """Whether the person who answers must press 1."""
    week: schedule.Week
    zone: ZoneInfo

    def duty(self, moment: datetime) -> schedule.Duty:
        """Whether the member is on duty at a moment (aware), and until when."""
        return schedule.opening(self.week, moment, self.zone)


def members(line: Line, municipality: Municipality, item: Item, language: str) -> list[Member]:
    """List the hunt group of an item that dials, in the order of ringing.

    Members who are not on duty are included, so that an index in a URL keeps its meaning.
    Raises KeyError for an unknown destination.
    """
    zone = line.settings.timezone
    if item.dial == CONTACTS:
        return [
            Member(
                contact.name[language],
                contact.number,
                contact.ring,
                contact.accept,
                municipality.week(contact, line.settings.holidays),
                zone,
            )
            for contact in municipality.contacts
        ]
    destination = line.settings.destinations[item.dial or ""]
    return [
        Member(destination.name[language], number, destination.ring, accept=False, week=ALWAYS, zone=zone)
        for number in destination.numbers
    ]
