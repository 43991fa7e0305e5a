"""Serving the line with gunicorn."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from ivr.config.live import Clock, Live
from ivr.ring_check import Confirmations
from ivr.web.app import create_app
from ivr.web.signature import Doors

_THREADS = 8
"""A worker's; an answer takes about a millisecond, so this is for slow connections."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with our settings instead of a file of its own."""

    def __init__(
        self,
        make: Callable[[], Live],
        doors: Doors,
        clock: Clock,
        confirmations: Confirmations,
        **options: Any,
    ) -> None:
        self._make, self._doors, self._clock, self._confirmations = make, doors, clock, confirmations
        self._options = {
            "worker_class": "gthread",
            "threads": _THREADS,
            "control_socket_disable": True,
            "proc_name": "balielijn",
            **options,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """In each worker: its own reading, which it keeps up to date itself."""
        live = self._make()
        Thread(target=live.watch, args=(Event(),), name="files", daemon=True).start()
        return create_app(live, self._doors, self._clock, confirmations=self._confirmations)
