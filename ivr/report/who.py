"""Who is rung for each item of the menu at a moment, who is not, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ivr import translations
from ivr.dialogue import hunt_group, menu_graph
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.numbers import written
from ivr.model.schedule import Duty, Why


@dataclass(frozen=True, slots=True)
class Rung:
    """One member of the hunt group of an item."""

    item: str
    name: str
    number: str
    """A number or SIP address, as people write it."""
    on_duty: bool
    why: str
    """Why the member is on duty or not, as a sentence."""
    accept: bool
    """Whether the member must press a key to accept the call."""


def who(line: Line, municipality: Municipality, moment: datetime, language: str) -> Iterator[Rung]:
    """Yield the members of all hunt groups that a caller can reach at a moment, on duty or not.

    They come in the order of the menu and of the hunt groups. `moment`: with a time zone.
    """
    reached = menu_graph.reached(line.menu, closed=line.closed(moment))
    for name, item in line.menu.items.items():
        if item.dial is None or name not in reached:
            continue
        for member in hunt_group.members(line, municipality, item, language):
            duty = member.duty(moment)
            yield Rung(
                name,
                member.name,
                written(member.endpoint),
                duty.on,
                _why(duty, language),
                member.accept,
            )


def _why(duty: Duty, language: str) -> str:
    form = translations.say("day", language)
    until = None if duty.until is None else duty.until.strftime(form)
    if duty.day is not None:
        return _absent(duty.why, duty.day, until, language)
    if until is not None:
        name = "hours" if duty.on else duty.why.value
        return translations.say(f"duty-{name}", language, until=until)
    if duty.why is Why.ALWAYS:
        return translations.say("duty-always", language)
    return translations.say("duty-hours-open" if duty.on else "duty-never", language)


def _absent(why: Why, day: date, until: str | None, language: str) -> str:
    """Why a contact is absent, and when it is rung again if that is known."""
    shown = day.strftime(translations.say("date", language))
    absent = translations.say(f"duty-{why.value}", language, day=shown)
    return f"{absent}, {translations.say('duty-again', language, until=until)}" if until else absent
