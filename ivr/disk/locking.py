"""A lock that one process holds at a time, on all machines that share its file."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.05


@contextmanager
def locked(path: Path, patience: float = 0) -> Iterator[None]:
    """Hold the lock on a file, which is created if needed. The kernel releases it when the process ends.

    `patience`: seconds to wait for who holds it. Raises BlockingIOError after them, and other OSErrors.
    """
    until = time.monotonic() + patience
    # O_NONBLOCK, because a FIFO may be in the file's place.
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    try:
        while not _taken(file):
            if time.monotonic() >= until:
                raise BlockingIOError(None, "locked by another process")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
