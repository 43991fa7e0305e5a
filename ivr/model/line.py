"""The whole configuration as one value."""

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
    """The whole configuration, without errors. A reply depends on this, the call and the time alone."""

    settings: Settings
    menu: Menu
    prompts: Mapping[str, Mapping[str, str]]
    """Language code → prompt id → text."""
    municipalities: Mapping[str, Municipality]
    """Slug → municipality; the slug is the name of its file."""
    closure: Closure | None = None
    """None while the line is open; its moments are aware."""
    erases: bool = False
    """Whether the records of calls to anonymous destinations are erased at Twilio; a prompt depends on it."""

    def closed(self, moment: datetime) -> bool:
        """Whether the line is closed on purpose at a moment (aware)."""
        return self.closure is not None and self.closure.holds(moment)

    @cached_property
    def _dialled(self) -> Mapping[str, str]:
        """Dialled endpoint, as `numbers.tidy` returns it → slug."""
        return {
            numbers.tidy(endpoint): slug
            for slug, municipality in self.municipalities.items()
            for endpoint in municipality.dialled
        }

    def municipality_dialled(self, endpoint: str) -> Municipality | None:
        """The municipality whose line has this endpoint (E.164 or SIP URI), or None."""
        return self.municipalities.get(self._dialled.get(numbers.tidy(endpoint), ""))

    def is_anonymous(self, item: str) -> bool:
        """Whether an item rings an anonymous destination; such calls are not counted by municipality."""
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
        """The slug of a municipality: the name of its file, used in URLs. Raises KeyError."""
        return self._dialled[numbers.tidy(municipality.dialled[0])]
