"""Serving the line with gunicorn."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from ivr.config.live import Clock, Live
from ivr.limits import HEADER_BYTES, HEADERS, WATCH_SECONDS
from ivr.store.keeping import Store
from ivr.web.app import create_app
from ivr.web.signature import Doors
from ivr.web.watch import Watch

_THREADS = 4
"""A worker's, for slow connections: an answer takes a millisecond. More get into each other's way."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What each worker is made of; the makers are called in the worker itself."""

    live: Live
    store: Callable[[], Store]
    watch: Callable[[], Watch]
    doors: Doors
    clock: Clock
    limits_url: str
    proxies: int


def _gather(watch: Watch) -> None:
    while True:
        time.sleep(WATCH_SECONDS)
        watch.gather()


class _Quiet(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's log without its line for each request, which it writes where logging is configured.

    A time and an address tell when somebody was put through to whom.
    """

    def access(self, *_: object) -> None:
        pass


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with our settings instead of a file of its own."""

    def __init__(self, outside: Outside, **options: Any) -> None:
        self._outside = outside
        self._store: Store | None = None
        self._options = {
            "worker_class": "gthread",
            "threads": _THREADS,
            # A request may meet a kept connection just as gunicorn closes it, and is lost then.
            "keepalive": 0,
            "control_socket_disable": True,
            "logger_class": _Quiet,
            "proc_name": "balielijn",
            "limit_request_fields": HEADERS,
            "limit_request_field_size": HEADER_BYTES,
            "worker_exit": self._end,
            **options,
        }
        super().__init__()

    def run(self) -> None:
        # What is there now stays. Looking through it would give each worker a copy of its own.
        gc.collect()
        gc.freeze()
        super().run()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """In each worker: the reading that it is born with, so that all share its memory, kept up to date."""
        outside = self._outside
        live, self._store = outside.live, outside.store()
        live.look(born=True)
        Thread(target=live.watch, args=(Event(),), name="files", daemon=True).start()
        self._store.start()
        watch = outside.watch()
        Thread(target=_gather, args=(watch,), name="watch", daemon=True).start()
        # What is there now stays, and need not be looked through whenever memory is tidied up.
        gc.collect()
        gc.freeze()
        return create_app(
            live,
            outside.doors,
            outside.clock,
            keeping=self._store,
            watch=watch,
            limits_url=outside.limits_url,
            proxies=outside.proxies,
        )

    def _end(self, _server: object, _worker: object) -> None:
        if self._store is not None:
            self._store.stop()
