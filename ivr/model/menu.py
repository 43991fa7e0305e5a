"""config/menu.yaml: what a caller can do."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.model import limits
from ivr.model.errors import refuse
from ivr.model.fields import Key, Slug, one_or_more
from ivr.model.shape import Shape

CONTACTS: Final = "contacts"
"""What `dial` says for the municipality's own contacts; any other word is a destination."""
FAREWELL: Final = "farewell"
"""The item a call ends with; every menu has it."""
STRANGER: Final = "stranger"
"""The item for a caller whom `callers` leaves out."""
UNKNOWN_LINE: Final = "unknown-line"
"""The item for a dialled number that no municipality has."""
CLOSED: Final = "closed"
"""The item that takes the place of the start while the line is closed on purpose."""


class Choice(Shape):
    """What a key of a menu says and does."""

    say: Slug
    go: Slug | None = None
    """Left out where `always` has this key."""


class Item(Shape):
    """One place in the menu: it asks for a key, dials, goes on, or ends the call."""

    say: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Slug)]
    keys: dict[Key, Choice] | None = Field(default=None, min_length=1)
    go: Slug | None = None
    dial: Slug | None = None
    unreached: Slug | None = None

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

    start: Slug
    always: dict[Key, Slug]
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
