"""What a change of a municipality's file would do: its findings, its lines, and who is then rung."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ivr.config import shapes, source
from ivr.config.reading import Reading
from ivr.console.context import outside
from ivr.console.editing.approval import is_absence_of_today, needs_two
from ivr.console.editing.costly import new_costly, refused
from ivr.console.editing.fields import as_people_write
from ivr.console.editing.file_difference import FileDifference, file_difference
from ivr.console.editing.state import digest
from ivr.console.findings import ShownFinding, shown
from ivr.console.trying import tried
from ivr.console.viewer import signed_in
from ivr.console.words import language, zone
from ivr.model.files import SETTINGS, municipality
from ivr.model.gaps import Gap, gaps
from ivr.model.municipality import Municipality
from ivr.model.settings import Settings
from ivr.report.rota import Change, Difference, compared, differences


@dataclass(frozen=True, slots=True)
class LookedDays:
    """The days that a change brings, and the gaps that begin in them."""

    days: str
    """The first and the last, as people write them."""
    gaps: Sequence[Gap]


@dataclass(frozen=True, slots=True)
class Review:
    """Of one change."""

    text: str
    """Of the file, if it is published."""
    digest: str
    """Of that text: what somebody has looked at."""
    findings: Sequence[ShownFinding]
    difference: FileDifference
    """Of the file; without lines where nothing changes."""
    rota: Sequence[Change] | None
    """Who is rung, before and after; None while the file cannot be read."""
    differences: Sequence[Difference]
    """What of it differs."""
    looked: LookedDays | None
    """Whether somebody is rung on the days that this change brings; None if it brings none."""
    waits: bool
    """Whether somebody else must publish it."""
    held_up: bool
    """Whether it was checked, but the line does not use it yet: a file of somebody else has an error."""
    unproven: bool
    """Whether that error kept it from being checked."""

    @property
    def barrier(self) -> str | None:
        """What keeps it from being published, as a word of the console; None where nothing does."""
        if any(each.is_error for each in self.findings):
            return "edit.not-blocked"
        return "edit.unproven" if self.unproven else None


def review(slug: str, now: str, then: str, *, restored: bool = False) -> Review:
    """Return what it would do if a file with the text `now` had the text `then`. Raises OSError.

    `restored`: the text was on the line before: its numbers may cost extra, and it waits for no check.
    """
    file = municipality(slug)
    trial = tried(file, then.encode())
    own = [each for each in trial.after.findings if each.file == file]
    before, after = municipality_of(now), municipality_of(then)
    settings, zone_ = settings_of(trial.before), zone(trial.before)
    today = outside().clock().astimezone(zone_).date()
    may_cost = restored or signed_in().manager
    costly = [] if may_cost or after is None else new_costly(slug, before, after)
    barred = {(each.code, each.path) for each in costly}
    rest = [each for each in [*own, *trial.errors_elsewhere] if (each.code, each.path) not in barred]
    every = [refused(shown(each, {slug: slug})) for each in costly]
    every += [shown(each, {slug: slug}) for each in rest]
    rota = compared(before, after, settings, outside().clock(), language()) if after else None
    return Review(
        then,
        digest(then),
        sorted(every, key=lambda each: not each.is_error),
        file_difference(now, then),
        rota,
        differences(rota or []),
        _looked_days(before, after, settings, today) if after else None,
        waits(now, then, today),
        trial.held_up and not trial.unproven,
        trial.unproven and not restored,
    )


def waits(now: str, then: str, today: date) -> bool:
    """Whether a change waits for somebody else."""
    return needs_two(now) and not is_absence_of_today(municipality_of(now), municipality_of(then), today)


def findings_of(slug: str, found: Reading) -> list[ShownFinding]:
    """Return the findings of a municipality's file."""
    return [shown(each, {slug: slug}) for each in found.findings if each.file == municipality(slug)]


def municipality_of(text: str) -> Municipality | None:
    """Return the municipality in the text of a file; None if it has an error."""
    return shapes.read(source.parse(text.removeprefix("\ufeff"), ""), Municipality)[0]


def settings_of(found: Reading) -> Settings:
    """Return the settings of the line; the usual ones while their file has an error."""
    if found.line is not None:
        return found.line.settings
    own = shapes.read(source.read(outside().home.root / SETTINGS, SETTINGS), Settings)[0]
    return own or Settings.model_construct(destinations={}, timezone=zone(found), holidays="NL")


def _looked_days(
    before: Municipality | None, after: Municipality, settings: Settings, today: date
) -> LookedDays | None:
    """Return what comes of the days that a change brings; None if it brings no days."""
    known = set(_days(before)) if before else set()
    days = [each for each in _days(after) if each not in known]
    if not days:
        return None
    weeks = tuple(after.week(each, settings.holidays) for each in after.contacts)
    first = max(today, min(days))
    last = max(first, *days)
    found = [each for each in gaps(weeks, first, settings.timezone) if each.start.date() <= last]
    return LookedDays(as_people_write(str(first) if first == last else f"{first} - {last}"), found)


def _days(found: Municipality) -> list[date]:
    """Return the days at which contacts come, go, are away or are back."""
    periods = [period for contact in found.contacts for period in contact.away]
    edges = [day for contact in found.contacts for day in (contact.since, contact.until) if day]
    return [*edges, *(day for each in periods for day in (each.first, each.last))]


def by_field(findings: Sequence[ShownFinding]) -> Mapping[str, Sequence[ShownFinding]]:
    """Return field → its findings."""
    return {
        field: [each for each in findings if each.field == field]
        for field in {each.field for each in findings}
    }
