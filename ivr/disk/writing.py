"""Writing a file of the configuration: whole or not at all, whatever interrupts it."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp


def write_whole(
    path: Path, content: bytes, like: Path | None = None, verify: Callable[[Path], None] = lambda _: None
) -> None:
    """Put content in the place of a file. Raises OSError.

    `like` has the owner and the permissions that it gets; without, nobody else may read it.
    `verify` looks at the written file before it takes its place; what it raises leaves the old one there.
    """
    path = path.resolve()  # where a link stands, what it leads to is written
    # No name that a reading takes for a municipality's.
    handle, name = mkstemp(prefix=f".{path.name}.", suffix=".unfinished", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        verify(unfinished)
        if like is not None:
            shutil.copymode(like, unfinished)
            with suppress(PermissionError):  # only root can give a file away
                os.chown(unfinished, like.stat().st_uid, like.stat().st_gid)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
