"""Log lines with the id of the request that each is about: as JSON, or plain for who tries the line."""

import logging
from typing import Any, Final

from ivr.web.front import REQUEST


class WithRequest(logging.Filter):
    """Gives each line the id of the request being answered: an id of ours, nothing of a call."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = REQUEST.get()
        return True


_JSON: Final = {
    "()": "pythonjsonlogger.json.JsonFormatter",
    "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request)s",
    "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
    "datefmt": "%Y-%m-%dT%H:%M:%S%z",
}
_PLAIN: Final = {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}


_SILENT: Final = {"flask-limiter": {"level": "CRITICAL"}}
"""It writes a line for whoever knocks too often, who would fill the log."""


def logging_as(*, json: bool) -> dict[str, Any]:
    """How to log, for logging.config and for gunicorn: as JSON, or plainly for a person at a terminal."""
    passed_on = {"level": "INFO", "handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": WithRequest}},
        "formatters": {"line": _JSON if json else _PLAIN},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]},
        },
        "root": {"level": "INFO", "handlers": ["console"]},
        # Alembic tells of every part of itself that it sets up.
        "loggers": {"gunicorn.error": passed_on, "alembic": {"level": "WARNING"}, **_SILENT},
    }
