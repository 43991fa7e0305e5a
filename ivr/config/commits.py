"""A version, and how it is written as a git commit.

The author's name is that of the commit, and the kind is in the place of a mail address. The message is the
reason, an empty line, and a line for each file that differs from the version before. The files stand there
because comparing the trees of 10,000 versions takes a hundred times as long as reading their messages.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from dulwich.objects import Commit, ObjectID

from ivr.model.files import slug_of

_REASON_CHARACTERS: Final = 200
_AUTHOR_CHARACTERS: Final = 100
_FILE: Final = "File: "
_RESTORED: Final = "Restored: "


class Kind(StrEnum):
    """How a version came about."""

    HAND = "hand"
    """Somebody edited the files; the line found the change."""
    CONSOLE = "console"
    RING_CHECK = "ring-check"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Version:
    """The files of a home at a moment."""

    kind: Kind
    author: str
    """Who made it; empty where that is not known."""
    moment: datetime
    """When it was made, in UTC and whole seconds."""
    reason: str = ""
    restored: str = ""
    """Of Kind.UNDO: the id of the version whose file was put back."""
    id: str = ""
    files: tuple[str, ...] = ()
    """Those that differ from the version before, in order of name; of the first version all."""
    first: bool = False
    """There is no version before."""

    @property
    def slugs(self) -> tuple[str, ...]:
        """The municipalities whose file differs from the version before."""
        return tuple(slug for file in self.files if (slug := slug_of(file)))


def commit_of(version: Version, tree: ObjectID, parent: ObjectID | None) -> Commit:
    """Return the commit of a version. Author and reason are cut to one line that git takes."""
    commit = Commit()
    commit.tree = tree
    commit.parents = [parent] if parent else []
    name = "".join(each for each in version.author if each not in "<>")
    who = f"{_line(name, _AUTHOR_CHARACTERS) or version.kind} <{version.kind}>".encode(errors="replace")
    commit.author = commit.committer = who
    commit.author_time = commit.commit_time = int(version.moment.timestamp())
    commit.author_timezone = commit.commit_timezone = 0
    reason = _line(version.reason, _REASON_CHARACTERS) or version.kind.value
    lines = [reason, "", *(f"{_FILE}{file}" for file in version.files)]
    if version.restored:
        lines.append(f"{_RESTORED}{version.restored}")
    commit.message = "\n".join([*lines, ""]).encode(errors="surrogateescape")
    return commit


def version_of(commit: Commit) -> Version:
    """Return the version of a commit. One that somebody made with git counts as made by hand."""
    name, _, kind = commit.author.decode(errors="replace").rpartition(" ")
    reason, *lines = commit.message.decode(errors="surrogateescape").split("\n")
    found = next((each for each in Kind if kind == f"<{each}>"), Kind.HAND)
    return Version(
        found,
        "" if name == found else name,
        datetime.fromtimestamp(commit.author_time, UTC),
        "" if reason == found else reason,
        next((line.removeprefix(_RESTORED) for line in lines if line.startswith(_RESTORED)), ""),
        commit.id.decode(),
        tuple(line.removeprefix(_FILE) for line in lines if line.startswith(_FILE)),
        first=not commit.parents,
    )


def _line(text: str, most: int) -> str:
    """Return a text on one line, `most` characters at most."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:most]
