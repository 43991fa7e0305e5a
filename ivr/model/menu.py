"""The types of config/menu.yaml."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.model import limits
from ivr.model.errors import refuse
from ivr.model.fields import Key, Slug, one_or_more
from ivr.model.shape import Shape

CONTACTS: Final = "contacts"
"""The value of `dial` for the municipality's own contacts; any other value is a destination."""
FAREWELL: Final = "farewell"
"""The item that a call ends with; every menu must have it."""
STRANGER: Final = "stranger"
"""The item in place of a forwarding, for a caller who matches no pattern of `callers`."""
UNKNOWN_LINE: Final = "unknown-line"
"""The item for a dialled number that belongs to no municipality."""
CLOSED: Final = "closed"
"""The item that replaces the start while the line is closed on purpose."""


class Choice(Shape):
    """One choice of a menu: the prompt that describes it, and the item that its key leads to."""

    say: Slug
    go: Slug | None = None
    """Left out: where `always` leads with this key."""
    after: Annotated[tuple[Slug, ...], Field(max_length=limits.LISTED), one_or_more(Slug)] = ()
    """What is said behind this choice on entering the item; not when the choices are repeated."""


class Item(Shape):
    """One item of the menu. It has `keys`, `dial` or `go`; with none of them it ends the call."""

    say: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=limits.LISTED), one_or_more(Slug)]
    keys: dict[Key, Choice] | None = Field(default=None, min_length=1)
    go: Slug | None = None
    dial: Slug | None = None
    unreached: Slug | None = None
    """The item after `dial` if nobody was reached."""
    back: Annotated[tuple[Slug, ...], Field(max_length=limits.LISTED), one_or_more(Slug)] = ()
    """What a caller hears first who goes back from the announcement of `dial`."""

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        ways = [name for name in ("keys", "go", "dial") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise refuse("two-ways", ways=" + ".join(ways))
        if (self.dial is None) != (self.unreached is None):
            raise refuse("unreached-with-dial", missing="unreached" if self.dial else "dial")
        if self.back and self.dial is None:
            raise refuse("back-without-dial")
        return self


class Menu(BaseModel):
    """The content of config/menu.yaml: every key except `start` and `always` is an item."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Item]

    start: Slug
    always: dict[Key, Slug]
    """Key → item, for the keys that work in every menu."""

    @model_validator(mode="after")
    def _at_most_named(self) -> Self:
        if len(self.items) > limits.NAMED:
            raise refuse("list-long", actual_length=len(self.items), max_length=limits.NAMED)
        return self

    @property
    def items(self) -> Mapping[str, Item]:
        return self.__pydantic_extra__

    def ways(self, item: Item) -> Mapping[str, str]:
        """Key → item, for all keys that lead somewhere from this item. Key 9 is not among them."""
        own = {key: choice.go for key, choice in (item.keys or {}).items() if choice.go}
        return {**self.always, **own}
