"""Puts a municipality's file in its place, and tells what others did to it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ivr.config.versions import Kind, Unusable, Version, Versions
from ivr.console import publishing
from ivr.console.context import outside
from ivr.console.editing.changed_settings import changed_settings
from ivr.console.editing.state import digest
from ivr.console.publishing import Outcome
from ivr.model.files import municipality
from ivr.store.acts import Action

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Write:
    """What to put in the place of a municipality's file."""

    slug: str
    expected: bytes | None
    """What the file must still be."""
    text: bytes
    action: Action
    kind: Kind = Kind.CONSOLE
    reason: str = ""
    restored: str = ""


def publish(write: Write) -> Outcome:
    """Write the file and keep it as a version; add the act to the log."""
    file = municipality(write.slug)
    return publishing.write(
        publishing.FileChange(
            file=file,
            text=write.text,
            action=write.action,
            object=write.slug,
            changed=changed_settings(write.expected, write.text),
            expected={file: write.expected},
            kind=write.kind,
            reason=write.reason,
            restored=write.restored,
        )
    )


def current(slug: str) -> bytes | None:
    """Return a municipality's file as it is now; None where there is none. Raises OSError."""
    return Versions(outside().home).current(municipality(slug))


@dataclass(frozen=True, slots=True)
class Since:
    """What others did to a file since it had a certain content."""

    base: str | None
    """The file as it was then; None where that is not known."""
    versions: list[Version]
    """Those since, the newest first; empty where nobody kept one yet, or none is known."""


def since(slug: str, base: str) -> Since:
    """Return what others did to a file since its digest was `base`."""
    versions, file = Versions(outside().home), municipality(slug)
    later: list[Version] = []
    with _told():
        for each in versions.listed(slug):
            text = versions.text(each, file)
            if text is not None and digest(text) == base:
                return Since(text.decode(errors="replace"), later)
            later.append(each)
    return Since(None, [])


@contextmanager
def _told() -> Iterator[None]:
    """Go on without what damaged versions do not tell."""
    try:
        yield
    except Unusable as error:
        log.error("the versions cannot be read: %s", error)  # noqa: TRY400 - the text says why
