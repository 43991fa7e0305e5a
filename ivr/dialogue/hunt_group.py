"""Who an item rings: a destination's numbers or a municipality's contacts, in order."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.model import schedule
from ivr.model.line import Line
from ivr.model.menu import CONTACTS, Item
from ivr.model.municipality import Municipality

ALWAYS = schedule.Week((), frozenset(), None)


@dataclass(frozen=True, slots=True)
class Member:
    """One number of a chain."""

    name: str
    address: str
    seconds: int
    """How long it rings."""
    accept: bool
    """Whether who picks up must press 1."""
    week: schedule.Week
    zone: ZoneInfo

    def duty(self, moment: datetime) -> schedule.Duty:
        return schedule.opening(self.week, moment, self.zone)


def members(line: Line, municipality: Municipality, item: Item, language: str) -> list[Member]:
    """The chain of an item that dials, on duty or not, so that a place in it means the same all day."""
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
