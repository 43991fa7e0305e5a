"""Atomic writes: a file has its old content or its new content, never a part of either."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

UNFINISHED: Final = ".part"
"""Suffix of a file that is being written, or that a process left when it was killed while it wrote."""


def write_whole(  # noqa: PLR0913 - each option has a default
    path: Path,
    content: bytes,
    like: Path | None = None,
    verify: Callable[[Path], None] = lambda _: None,
    *,
    mode: int = 0o600,
    durable: bool = True,
) -> None:
    """Replace the content of a file, or create the file. Raises OSError; the old file then stays.

    The content is written to a file beside `path`, which is renamed to `path` at the end.

    `like`: a file whose permissions and owner the new file gets.
    `mode`: the permissions where `like` is not given, less the umask; by default the owner alone may read it.
    `verify`: called with the finished file before the rename. An exception from it prevents the rename.
    `durable`: call fsync before the rename, so that the content survives a power failure.
    """
    path = path.resolve()  # a symbolic link stays, and its target is replaced
    # The leading dot and the suffix keep it out of the listings of the configuration and of clips.
    unfinished = path.with_name(f".{path.name}.{token_hex(4)}{UNFINISHED}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        verify(unfinished)
        if like is not None:
            shutil.copymode(like, unfinished)
            with suppress(PermissionError):  # only root can change a file's owner
                os.chown(unfinished, like.stat().st_uid, like.stat().st_gid)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
