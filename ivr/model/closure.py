"""The type of config/closed.yaml."""

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from ivr.model.errors import refuse
from ivr.model.fields import Moment, Text
from ivr.model.shape import Shape


class Closure(Shape):
    """The content of config/closed.yaml. The file exists only while the line is closed on purpose."""

    reason: Text
    """For coordinators; it is never spoken."""
    since: Moment
    until: Moment | None = None
    """Left out: until the file is deleted."""

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise refuse("closure-empty", since=self.since, until=self.until)
        return self

    def within(self, zone: ZoneInfo) -> Self:
        """Return a copy whose moments are aware: those of a file are local times without a zone."""
        until = self.until and self.until.replace(tzinfo=zone)
        return self.model_copy(update={"since": self.since.replace(tzinfo=zone), "until": until})

    def holds(self, moment: datetime) -> bool:
        """Whether the line is closed at a moment. All three moments are aware or all are naive."""
        return self.since <= moment and (self.until is None or moment < self.until)
