"""Reading what others put into a folder: whatever stands there, no reader waits or takes too much."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO, Final

_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""Without O_NONBLOCK, opening a FIFO waits until somebody writes to it."""
_CHUNK: Final = 64 * 1024
"""Read at once: room is taken for all that is asked for, whatever there is."""


class Irregular(OSError):
    """Neither a file nor a folder: a FIFO, a device."""


class TooLarge(OSError):
    """A file with more bytes than it may have."""


class Crowded(OSError):
    """A folder with more entries than it may have."""


@contextmanager
def opened(path: Path | str, most: int) -> Iterator[BinaryIO]:
    """Open a regular file of at most so many bytes. Raises Irregular, TooLarge and other OSErrors."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        # Of the descriptor: the path may lead elsewhere by now.
        found = os.fstat(file.fileno())
        if S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not S_ISREG(found.st_mode):
            raise Irregular(errno.EINVAL, "not a regular file")
        if found.st_size > most:
            raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG))
        yield file


def read(path: Path | str, most: int) -> bytes:
    """Read a regular file of at most so many bytes. Raises Irregular, TooLarge and other OSErrors."""
    parts: list[bytes] = []
    left = most
    with opened(path, most) as file:
        while part := file.read(min(left + 1, _CHUNK)):
            parts.append(part)
            left -= len(part)
            if left < 0:  # it grew, or its size was not told
                raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG))
    return b"".join(parts)


def listed(folder: Path, most: int) -> list[str]:
    """The names in a folder, in order; none where it is no folder. Raises Crowded and other OSErrors."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, most + 1)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    if len(names) > most:
        raise Crowded(errno.EFBIG, f"more than {most} entries")
    return sorted(names)
