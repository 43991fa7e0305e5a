"""Asks the line's /health whether it uses a version of the files already."""

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

import requests

PATIENCE: Final = 3.0
"""Seconds for which the line is asked. It uses a change within 2 s."""
_PAUSE: Final = 0.1
_TIMEOUT: Final = (0.5, 1.0)
"""Seconds to connect, and for the answer."""


class LineAnswer(Enum):
    USES = auto()
    """The line uses the version."""
    OLDER = auto()
    """The line answers, and still uses another one."""
    AWAY = auto()
    """The line does not answer."""


def ask_line(
    url: str,
    version: str,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> LineAnswer:
    """Ask the line at a URL until it uses a version (see `Reading.version`), for PATIENCE at most."""
    end = monotonic() + PATIENCE
    with requests.Session() as session:
        session.trust_env = False  # the line is not behind a proxy of the environment
        while True:
            used = _used(session, url)
            if used is None:
                return LineAnswer.AWAY
            if used == version:
                return LineAnswer.USES
            if monotonic() + _PAUSE > end:
                return LineAnswer.OLDER
            sleep(_PAUSE)


def _used(session: requests.Session, url: str) -> str | None:
    """Return the version that the line uses; None where it does not answer as a line does."""
    try:
        answer = session.get(f"{url}/health", timeout=_TIMEOUT, allow_redirects=False)
        return str(answer.json()["version"])
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return None
