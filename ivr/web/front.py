"""What every request meets first: it gets an id for the log, and is watched."""

from collections.abc import Iterable
from contextvars import ContextVar
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any

from ivr.web.voice import Application
from ivr.web.watch import Watch

REQUEST: ContextVar[str] = ContextVar("request", default="-")
"""The id of the request being answered: made here, and nothing of a call. Sent out, it would count calls."""


class Front:
    """A WSGI application around another."""

    def __init__(self, inner: Application, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch
        # A counter under a random name: a thread that asks for more randomness lets the others go first.
        self._name = token_hex(6)
        self._numbers = count()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        began = perf_counter()
        REQUEST.set(f"{self._name}-{next(self._numbers)}")

        def answered(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            self._watch.answered(status, perf_counter() - began)
            return start_response(status, headers, error)

        return self._inner(environ, answered)
