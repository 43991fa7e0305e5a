"""The logging configuration: JSON lines with the request id for production, plain lines for a terminal."""

import logging
from typing import Any, Final

from ivr.web.app import REQUEST_ID


class WithRequest(logging.Filter):
    """Adds the id of the current request to each log record. The id is not derived from the call."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = REQUEST_ID.get()
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
