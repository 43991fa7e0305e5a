"""Who looks at a page, and what that person may see."""

from dataclasses import dataclass
from typing import Final, cast

from flask import g


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in."""

    name: str
    manager: bool = False
    """A manager sees and changes everything; a coordinator the municipalities below alone."""
    municipalities: frozenset[str] = frozenset()
    """Slugs."""
    account: int | None = None
    """The account's id in the store; None for the demo's."""

    def may_see(self, slug: str) -> bool:
        """Whether a municipality is this person's to see and to change."""
        return self.manager or slug in self.municipalities


DEMO: Final = Viewer("Demo", manager=True)


def viewer() -> Viewer | None:
    """Return who has sent the current request, or None if nobody is signed in."""
    return cast("Viewer | None", g.get("viewer"))


def signed_in() -> Viewer:
    """Return who has sent the current request, on a page that is shown to nobody else (see `rights`)."""
    found = viewer()
    if found is None:
        raise AssertionError("a page for who is signed in was shown to nobody")
    return found
