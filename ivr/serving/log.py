"""The logging configuration: JSON lines with the request id for production, plain lines for a terminal."""

import logging
from contextvars import ContextVar
from itertools import count
from secrets import token_hex
from typing import Any, Final

_REQUEST_ID: Final[ContextVar[str]] = ContextVar("request", default="-")


class RequestIds:
    """The ids of requests, for the log: a random name of the process, and a number."""

    def __init__(self) -> None:
        self._process_name = token_hex(6)
        self._numbers = count()

    def next(self) -> None:
        """Give the current request its id."""
        _REQUEST_ID.set(f"{self._process_name}-{next(self._numbers)}")


class WithRequest(logging.Filter):
    """Adds the id of the current request to each log record. The id is not derived from the call."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = _REQUEST_ID.get()
        return True


_JSON: Final = {
    "()": "pythonjsonlogger.json.JsonFormatter",
    "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request)s",
    "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
    "datefmt": "%Y-%m-%dT%H:%M:%S%z",
}
_PLAIN: Final = {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}


_SILENT: Final = {
    "flask-limiter": {"level": "CRITICAL"},
    # It logs every malformed request and every start of a worker.
    "uvicorn.error": {"level": "ERROR"},
    # It logs each step of its own setup.
    "alembic": {"level": "WARNING"},
}
"""Levels of loggers that clients could otherwise use to fill the log."""


def logging_as(*, json: bool) -> dict[str, Any]:
    """Return a configuration for logging.config.dictConfig."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": WithRequest}},
        "formatters": {"line": _JSON if json else _PLAIN},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]},
        },
        "root": {"level": "INFO", "handlers": ["console"]},
        "loggers": dict(_SILENT),
    }
