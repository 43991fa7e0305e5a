"""Who would be rung for each choice at a moment, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ivr import translations
from ivr.dialogue import hunt_group, menu_graph
from ivr.model.line import Line
from ivr.model.municipality import Municipality
from ivr.model.numbers import written
from ivr.model.schedule import Duty, Why


@dataclass(frozen=True, slots=True)
class Rung:
    """One number of a choice."""

    item: str
    name: str
    number: str
    """As people write it."""
    on_duty: bool
    why: str
    """In words."""
    accept: bool


def who(line: Line, municipality: Municipality, moment: datetime, language: str) -> Iterator[Rung]:
    """All numbers that the menu can ring then, in the order of the menu and of each chain."""
    reached = menu_graph.reached(line.menu, closed=line.closed(moment))
    for name, item in line.menu.items.items():
        if item.dial is None or name not in reached:
            continue
        for link in hunt_group.members(line, municipality, item, language):
            duty = link.duty(moment)
            yield Rung(
                name,
                link.name,
                written(link.endpoint),
                duty.on,
                _why(duty, language),
                link.accept,
            )


def _why(duty: Duty, language: str) -> str:
    if duty.why is Why.ALWAYS:
        return translations.say("duty-always", language)
    if duty.until is None:
        return translations.say("duty-hours-open" if duty.on else "duty-never", language)
    until = duty.until.strftime(translations.say("day", language))
    return translations.say(f"duty-{duty.why.value}", language, until=until)
