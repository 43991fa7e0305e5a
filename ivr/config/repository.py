"""The git repository that holds the versions of a home.

It is bare, and in a folder of its own in the home, so that a repository which people keep in the home
themselves is neither read nor written. Its only branch is `versions`. One commit is one version.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from stat import S_IFREG
from typing import Final

from dulwich.file import FileLocked
from dulwich.index import commit_tree
from dulwich.object_store import iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from ivr.config.commits import Version, commit_of, version_of
from ivr.disk.locking import locked
from ivr.disk.writing import write_whole

Files = Callable[[], Iterable[tuple[str, bytes | None]]]
"""Returns files with their content; None stands for the content that the newest version has."""

_BRANCH: Final = b"versions"
_REF: Final = Ref(b"refs/heads/" + _BRANCH)
_MODE: Final = S_IFREG | 0o644
_LOOSE: Final = 500
"""Objects in files of their own, about five a version. More are packed into one file."""
_FOLDERS: Final = 256
"""Of such objects, which git spreads evenly over them."""


class Unusable(Exception):
    """The versions cannot be read or written. The text says why."""


class Busy(Unusable):
    """Another process holds the lock."""


@contextmanager
def told() -> Iterator[None]:
    """Turn exceptions into Unusable: a damaged repository raises many kinds."""
    try:
        yield
    except Unusable:
        raise
    except BlockingIOError as error:
        raise Busy(str(error.strerror)) from error
    except OSError as error:
        raise Unusable(error.strerror or type(error).__name__) from error
    except Exception as error:
        raise Unusable(type(error).__name__) from error


class Repository:
    """The repository in a folder. Where there is none, it has no versions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._git = folder / "repository"

    @contextmanager
    def alone(self, patience: float) -> Iterator[None]:
        """Hold the lock of all writers. `patience`: seconds to wait for another one. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with locked(self._folder / "alone", patience):
            yield

    @told()
    def versions(
        self,
        wanted: Callable[[Version], bool],
        most: int | None,
        last: Callable[[Version], bool] = lambda _: False,
    ) -> list[Version]:
        """Return the wanted versions, the newest first, `most` at most. `last`: no older one is looked at."""
        found: list[Version] = []
        with self._opened() as repo:
            commit = _head(repo)
            while repo and commit and (most is None or len(found) < most):
                version = version_of(commit)
                if wanted(version):
                    found.append(version)
                if last(version):
                    break
                commit = _commit(repo, commit.parents[0]) if commit.parents else None
        return found

    @told()
    def text(self, ident: str, file: str) -> bytes | None:
        """Return a file of a version; None where the version does not have it."""
        with self._opened() as repo:
            return _text(repo, _commit(repo, ObjectID(ident.encode())), file) if repo else None

    @told()
    def texts(self, ident: str) -> dict[str, bytes]:
        """Return all files of a version, with their content."""
        with self._opened() as repo:
            if repo is None:
                return {}
            blobs = _blobs(repo, _commit(repo, ObjectID(ident.encode())))
            return {file: repo.object_store[blob].as_raw_string() for file, blob in blobs.items()}

    @told()
    def changes(self, version: Version) -> list[tuple[str, bytes | None, bytes | None]]:
        """Return the files of a version, each with its content before and since."""
        with self._opened() as repo:
            if repo is None:
                return []
            commit = _commit(repo, ObjectID(version.id.encode()))
            before = _commit(repo, commit.parents[0]) if commit.parents else None
            return [
                (file, _text(repo, before, file) if before else None, _text(repo, commit, file))
                for file in version.files
            ]

    @told()
    def differs(self, files: Files) -> bool:
        """Return whether files differ from those of the newest version."""
        with self._opened() as repo:
            known = _blobs(repo, _head(repo))
        return known != {
            file: known.get(file) if content is None else Blob.from_string(content).id
            for file, content in files()
        }

    @told()
    def add(self, files: Files, draft: Version, verify: Callable[[], bool]) -> Version | None:
        """Add a version with these files and return it. Call it while holding the lock.

        `draft`: the version, but for id and files. `verify`: called before the version becomes the newest.
        None where it returns False, or where the files are those of the newest version.
        """
        try:
            return self._add(files, draft, verify)
        except FileLocked:
            # Only a process that was killed can have left the file: every other one waits for our lock.
            for left in self._git.rglob("*.lock"):
                left.unlink(missing_ok=True)
        return self._add(files, draft, verify)

    @told()
    def pack(self) -> None:
        """Put the objects into one file if many are in files of their own. Call it while holding the lock."""
        sample = self._git / "objects" / "17"
        if sample.is_dir() and sum(1 for _ in sample.iterdir()) > _LOOSE / _FOLDERS:
            with closing(Repo(str(self._git))) as repo:
                repo.object_store.pack_loose_objects()

    def _add(self, files: Files, draft: Version, verify: Callable[[], bool]) -> Version | None:
        if not self._git.exists():
            self._make()
        with closing(Repo(str(self._git))) as repo:
            head = _head(repo)
            known = _blobs(repo, head)
            parent = head.id if head else None
            blobs: dict[str, ObjectID] = {}
            for file, content in files():
                if content is not None:
                    blob = Blob.from_string(content)
                    if known.get(file) != blob.id:
                        repo.object_store.add_object(blob)
                    blobs[file] = blob.id
                elif file in known:
                    blobs[file] = known[file]
            changed = {file for file, _ in known.items() ^ blobs.items()}
            if not changed or not verify():
                return None
            tree = commit_tree(
                repo.object_store, [(_path(file), blob, _MODE) for file, blob in blobs.items()]
            )
            commit = commit_of(replace(draft, files=tuple(sorted(changed))), tree, parent)
            repo.object_store.add_object(commit)
            if not repo.refs.set_if_equals(_REF, parent, commit.id):
                raise RuntimeError
            return version_of(commit)

    def _make(self) -> None:
        """Make the repository. It gets its name when it is complete. Call it while holding the lock."""
        # A repository of people's own does not see this folder.
        write_whole(self._folder / ".gitignore", b"*\n")
        unfinished = self._folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        with closing(Repo.init_bare(str(unfinished), mkdir=True, default_branch=_BRANCH)) as repo:
            config = repo.get_config()
            config.set((b"core",), b"fsyncObjectFiles", value=True)  # a version survives a power failure
            config.write_to_path()
        unfinished.rename(self._git)

    @contextmanager
    def _opened(self) -> Iterator[Repo | None]:
        """Open the repository to read it; None where there is none."""
        if not self._git.exists():
            yield None
            return
        with closing(Repo(str(self._git))) as repo:
            yield repo


def _head(repo: Repo | None) -> Commit | None:
    """Return the newest commit; None where there is none."""
    ident = repo and repo.refs.follow(_REF)[1]
    return _commit(repo, ident) if repo and ident else None


def _commit(repo: Repo, ident: ObjectID) -> Commit:
    commit = repo.object_store[ident]
    if not isinstance(commit, Commit):
        raise TypeError
    return commit


def _blobs(repo: Repo | None, commit: Commit | None) -> Mapping[str, ObjectID]:
    """Return file → id of its content, of a version; nothing where there is none."""
    if repo is None or commit is None:
        return {}
    entries = iter_tree_contents(repo.object_store, commit.tree)
    return {
        entry.path.decode(errors="surrogateescape"): entry.sha
        for entry in entries
        if entry.path and entry.sha
    }


def _text(repo: Repo, commit: Commit, file: str) -> bytes | None:
    """Return a file of a commit; None where it does not have it. Raises KeyError where an object lacks."""
    node = repo.object_store[commit.tree]
    for name in _path(file).split(b"/"):
        if not isinstance(node, Tree) or name not in node:
            return None
        node = repo.object_store[node[name][1]]
    return node.as_raw_string()


def _path(file: str) -> bytes:
    return file.encode(errors="surrogateescape")
