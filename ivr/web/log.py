"""Log lines with the id of the request that each is about: as JSON, or plain for who tries the line."""

import logging
from typing import Any, Final

from ivr.web.app import REQUEST_ID


class WithRequest(logging.Filter):
    """Gives each line the id of the request being answered: an id of ours, nothing of a call."""

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
    # It tells of each request that is none, and of each worker that starts.
    "uvicorn.error": {"level": "ERROR"},
    # Alembic tells of every part of itself that it sets up.
    "alembic": {"level": "WARNING"},
}
"""Who asks too often, or oddly, must not fill the log."""


def logging_as(*, json: bool) -> dict[str, Any]:
    """How to log, for logging.config: as JSON, or plainly for a person at a terminal."""
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
