"""The versions of a home: what its files once were, who changed them, when and why.

Every good reading becomes a version by itself (`keeper.py`). A program that writes files uses
`Versions.change` or `Versions.record`: what people changed in the folder meanwhile is first kept as a version
of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ivr.config.commits import Kind, Version
from ivr.config.home import Home
from ivr.config.repository import Busy, Repository, Unusable, told
from ivr.disk import reading
from ivr.disk.writing import write_whole
from ivr.model.files import SETTINGS, VERSIONS, municipality
from ivr.model.limits import FILE_BYTES

__all__ = [
    "Busy",
    "Change",
    "Kind",
    "MunicipalityChange",
    "Outdated",
    "Unrecorded",
    "Unusable",
    "Version",
    "Versions",
]

PATIENCE: Final = 10.0
"""Seconds that a command waits for another process to finish its version."""

Texts = Mapping[str, bytes | None]
"""File → its content; None where there is no such file."""


class Unrecorded(Unusable):
    """The files were written, but are no version. A line keeps them as changed by hand."""


class Outdated(Exception):
    """A file changed since it was shown. The text is its name."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a version, before and since. None where there is no such file."""

    file: str
    before: str | None
    since: str | None


@dataclass(frozen=True, slots=True)
class MunicipalityChange:
    """A version in which a municipality's file differs from the version before."""

    version: Version
    slug: str


class Versions:
    """The versions of one home. All methods raise Unusable where the versions cannot be read or written."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._repository = Repository(home.root / VERSIONS)

    def listed(self, slug: str | None = None, *, most: int | None = None) -> list[Version]:
        """Return the versions, the newest first, `most` at most. `slug`: those of one municipality alone."""
        file = slug and municipality(slug)
        return self._repository.versions(lambda each: not file or file in each.files, most)

    def find(self, ident: str) -> Version | None:
        """Return the version whose id begins with `ident`; None where there is none, or more than one."""
        found = self._repository.versions(lambda each: each.id.startswith(ident.lower()), 2)
        return found[0] if len(found) == 1 else None

    def down_to(self, last: Callable[[Version], bool]) -> list[Version]:
        """Return the versions, the newest first, down to one for which `last` is true, or else all."""
        return self._repository.versions(lambda _: True, None, last)

    def texts(self, version: Version) -> Mapping[str, bytes]:
        """Return all files of a version, with their content."""
        return self._repository.texts(version.id)

    def text(self, version: Version, file: str) -> bytes | None:
        """Return a file as it was in a version; None where there was no such file."""
        return self._repository.text(version.id, file)

    def changes(self, version: Version, slug: str | None = None) -> list[Change]:
        """Return the files that a version changed. `slug`: the file of one municipality alone."""
        file = slug and municipality(slug)
        changed = self._repository.changes(version)
        return [
            Change(each, _shown(before), _shown(since))
            for each, before, since in changed
            if not file or each == file
        ]

    def municipality_changes(self, since: datetime) -> list[MunicipalityChange]:
        """Return the changes of municipalities after a moment, the newest first.

        The first version is no change.
        """
        versions = self._repository.versions(lambda each: each.moment > since and not each.first, None)
        return [MunicipalityChange(version, slug) for version in versions for slug in version.slugs]

    def behind(self) -> bool:
        """Return whether the files are not (yet) those of the newest version."""
        with told():
            return self._repository.differs(self._files)

    def keep(self, moment: datetime, verify: Callable[[], bool]) -> None:
        """Keep the files as they are, as a version made by hand; nothing where they are the newest version.

        Waits for no other process. `verify`: called when all files have been read; where it returns False,
        nothing is kept.
        """
        if not self.behind():
            return
        with told(), self._repository.alone(0):
            self._repository.add(self._files, Version(Kind.HAND, "", moment), verify)
            self._repository.pack()

    def record(
        self, texts: Texts, draft: Version, *, expected: Texts | None = None, patience: float = PATIENCE
    ) -> Version | None:
        """Write files and keep them as a version; return it, or None where nothing changed.

        `draft`: kind, author, moment, reason and restored. `expected`: files with the content that they must
        still have. Raises Outdated, Unusable, Unrecorded, and OSError where a file cannot be written.
        """
        with self.change(draft, patience) as kept:
            for file, text in (expected or {}).items():
                if self.current(file) != text:
                    raise Outdated(file)
            for file, text in texts.items():
                self._write(file, text)
        return kept[0] if kept else None

    @contextmanager
    def change(self, draft: Version, patience: float = PATIENCE) -> Iterator[list[Version]]:
        """Keep what people changed by hand, let the caller write files, and keep them as a version.

        Yields a list that holds the version afterwards, if there is one. No other process keeps a version
        meanwhile. `draft`: kind, author, moment, reason and restored.
        """
        kept: list[Version] = []
        with self._alone(patience):
            self._repository.pack()
            self._repository.add(self._files, Version(Kind.HAND, "", draft.moment), lambda: True)
            yield kept
            try:
                version = self._repository.add(self._files, draft, lambda: True)
            except Unusable as error:
                raise Unrecorded(str(error)) from error
            if version:
                kept.append(version)

    def current(self, file: str) -> bytes | None:
        """Return a file as it is now; None where there is none. Raises OSError."""
        try:
            return reading.read(self._home.root / file, FILE_BYTES)
        except FileNotFoundError:
            return None

    @contextmanager
    def _alone(self, patience: float) -> Iterator[None]:
        """Hold the lock. What the caller raises meanwhile stays as it is."""
        lock = self._repository.alone(patience)
        with told():
            lock.__enter__()
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def _files(self) -> Iterator[tuple[str, bytes | None]]:
        """Yield the files of the home; None as the content of one that cannot be read."""
        for file in self._home.files():
            try:
                content = self.current(file)
            except OSError:
                yield file, None
            else:
                if content is not None:
                    yield file, content

    def _write(self, file: str, text: bytes | None) -> None:
        path = self._home.root / file
        if text is None:
            path.unlink(missing_ok=True)
        else:
            like = path if path.exists() else self._home.root / SETTINGS
            write_whole(path, text, like=like)


def _shown(content: bytes | None) -> str | None:
    return None if content is None else content.decode(errors="replace")
