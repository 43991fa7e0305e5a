"""config/closed.yaml, while it is there: the line is closed on purpose."""

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from ivr.model.errors import refuse
from ivr.model.fields import Moment, Text
from ivr.model.shape import Shape


class Closure(Shape):
    """config/closed.yaml, while it is there: the line is closed on purpose."""

    reason: Text
    """For who run the line; never spoken."""
    since: Moment
    until: Moment | None = None
    """Left out: until somebody opens it."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise refuse("closure-empty", since=self.since, until=self.until)
        return self

    def within(self, zone: ZoneInfo) -> Self:
        """The same with aware moments: a file tells them by the clock on the wall."""
        until = self.until and self.until.replace(tzinfo=zone)
        return self.model_copy(update={"since": self.since.replace(tzinfo=zone), "until": until})

    def holds(self, moment: datetime) -> bool:
        """Whether the line is closed at a moment; it opens by itself."""
        return self.since <= moment and (self.until is None or moment < self.until)
