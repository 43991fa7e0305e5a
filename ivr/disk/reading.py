"""Reading files that people put into a home. No file can block a reader or fill its memory."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO, Final

_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""O_NONBLOCK, because opening a FIFO otherwise waits for a writer."""
_CHUNK: Final = 64 * 1024
"""Bytes per read call. Python allocates the requested size, even if the file is smaller."""


class Irregular(OSError):
    """Neither a regular file nor a folder, for example a FIFO or a device."""


class TooLarge(OSError):
    """A file larger than the limit."""


class Crowded(OSError):
    """A folder with more entries than the limit."""


@contextmanager
def opened(path: Path | str, most: int) -> Iterator[BinaryIO]:
    """Open a regular file of `most` bytes at most. Raises Irregular, TooLarge and other OSErrors."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        # fstat on the descriptor: another file may have taken the path since.
        found = os.fstat(file.fileno())
        if S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not S_ISREG(found.st_mode):
            raise Irregular(errno.EINVAL, "not a regular file")
        if found.st_size > most:
            raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG))
        yield file


def read(path: Path | str, most: int) -> bytes:
    """Read a regular file of `most` bytes at most. Raises Irregular, TooLarge and other OSErrors."""
    parts: list[bytes] = []
    left = most
    with opened(path, most) as file:
        while part := file.read(min(left + 1, _CHUNK)):
            parts.append(part)
            left -= len(part)
            if left < 0:  # it grew since fstat, or its file system reports no size, as /proc does
                raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG))
    return b"".join(parts)


def listed(folder: Path, most: int) -> list[str]:
    """Return the sorted names in a folder of `most` entries at most; none if it is no folder.

    Raises Crowded and other OSErrors.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, most + 1)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    if len(names) > most:
        raise Crowded(errno.EFBIG, f"more than {most} entries")
    return sorted(names)
