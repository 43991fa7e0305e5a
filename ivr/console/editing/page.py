"""Shows the form of a municipality."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from flask import abort, render_template

from ivr import translations
from ivr.config.editing import Entries, entries_of
from ivr.config.versions import Version
from ivr.console.context import outside, reading
from ivr.console.editing.fields import contact_fields, municipality_fields
from ivr.console.editing.file_difference import file_difference
from ivr.console.editing.publishing import Since, current, since
from ivr.console.editing.review import Review, by_field, findings_of
from ivr.console.editing.state import State, digest
from ivr.console.editing.waiting import drafts_of, is_mine
from ivr.console.municipalities import municipality_names
from ivr.console.words import language, local, zone
from ivr.model.languages import LANGUAGES


@dataclass(frozen=True)
class Page:
    """A form that is being filled in."""

    slug: str
    now: str
    """The file as it is."""
    state: State
    entries: Entries
    """What is typed."""
    draft: int | None = None
    """The draft that the form goes on with."""
    reason: str = ""

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else changed the file since this change was begun."""
        return digest(self.now) != self.state.digest

    @property
    def base(self) -> str:
        """The file as it was when this change was begun; as it is now where that is not known."""
        return self.state.base if self.is_outdated and self.state.base is not None else self.now

    @property
    def packed(self) -> str:
        """The state, for the form."""
        return self.state.packed(outside().secret, self.slug)

    @cached_property
    def since(self) -> Since:
        """What others did meanwhile."""
        return since(self.slug, self.state.digest)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell above the form."""

    words: str
    kind: str
    """Of the alert: error, warning or ok."""


def read_or_abort(slug: str) -> str | None:
    """Return the text of a municipality's file; None where it is no text. Without a file: 404."""
    try:
        content = current(slug)
    except OSError:
        return None
    except ValueError:  # no name of a file
        content = None
    if content is None:
        abort(404)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def today() -> date:
    """Return the day in the line's time zone."""
    return outside().clock().astimezone(zone(reading())).date()


def edit_page(page: Page, review: Review | None = None, notice: Notice | None = None) -> str:
    """Return the page with a form, and with what the change would do where that was looked at."""
    old = entries_of(page.state.text)
    if old is None:
        raise AssertionError("a form stands on a text with values")
    found = review.findings if review else []
    if review is None and page.state.text == page.now:
        found = findings_of(page.slug, reading())
    return render_template(
        "municipality.html",
        page=page,
        name=municipality_names(reading()).get(page.slug, page.slug),
        review=review,
        notice=notice,
        findings=found,
        at=by_field(found),
        contacts=contact_fields(page.entries, old, language(), today()),
        fields=municipality_fields(page.entries),
        drafts=[(each, is_mine(each)) for each in drafts_of(page.slug) if each.id != page.draft],
        theirs=file_difference(page.state.base, page.now) if page.is_outdated and page.state.base else None,
        who=who_made,
        moment=moment,
        local=local,
    )


def unreadable_page(slug: str) -> str:
    """Return the page of a file that is no form, because of what is wrong in it."""
    return render_template(
        "municipality_unread.html",
        slug=slug,
        name=municipality_names(reading()).get(slug, slug),
        findings=findings_of(slug, reading()),
    )


def who_made(version: Version) -> str:
    """Return who made a version, or how it came about where nobody is known."""
    return version.author or translations.say(f"version-{version.kind}", language())


def moment(when: datetime) -> str:
    """Return a moment with its day of the week, as people write it: `di 24-11 08:30`."""
    day = LANGUAGES[language()].short_weekdays[0][when.weekday()]
    return f"{day} {when.day}-{when.month} {when:%H:%M}"
