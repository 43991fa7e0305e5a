"""One whole reading of the configuration: all that an answer depends on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ivr.model import numbers
from ivr.model.closure import Closure
from ivr.model.menu import Menu
from ivr.model.municipality import Municipality
from ivr.model.settings import Settings


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

    def slug_of(self, municipality: Municipality) -> str:
        """The name of a municipality's file, by which addresses call it."""
        return self._dialled[numbers.tidy(municipality.dialled[0])]
