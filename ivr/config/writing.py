"""Writing a file of the configuration: whole or not at all, whatever interrupts it."""

import os
import shutil
from pathlib import Path
from tempfile import mkstemp


def write_whole(path: Path, content: bytes, like: Path) -> None:
    """Put content in the place of a file, readable and writable for whom `like` is. Raises OSError."""
    # No name that a reading takes for a municipality's.
    handle, name = mkstemp(prefix=f".{path.name}.", suffix=".unfinished", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(like, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
