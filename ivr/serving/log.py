"""The logging configuration: JSON lines with the request id for production, plain lines for a terminal."""

import logging
import os
import time
from contextlib import suppress
from contextvars import ContextVar
from itertools import count
from queue import Full, Queue
from secrets import token_hex
from threading import Thread
from typing import Any, Final

STANDARD_ERROR: Final = 2
LINES: Final = 1000
"""Lines of the log that wait to be written, at most. Further ones are left out."""
FLUSH_SECONDS: Final = 1.0
"""For which a process that ends waits until they are written."""

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


class PatientHandler(logging.Handler):
    """Writes the log in a thread of its own.

    Where nobody reads what is written, as with a full pipe or a journal that stands still, only that thread
    waits. It writes to the descriptor, because a lock of `sys.stderr` would be held meanwhile.
    """

    def __init__(self, descriptor: int = STANDARD_ERROR) -> None:
        """`descriptor`: of the file that is written."""
        super().__init__()
        self._descriptor = descriptor
        self._lines: Queue[bytes | None] = Queue(LINES)
        self._left_out = 0
        Thread(target=self._write, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(self._line(record))
        except Full:
            self._left_out += 1

    def flush(self) -> None:
        """Wait until all is written, for FLUSH_SECONDS at most."""
        end = time.monotonic() + FLUSH_SECONDS
        while self._lines.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.005)

    def close(self) -> None:
        with suppress(Full):
            self._lines.put_nowait(None)
        super().close()

    def _line(self, record: logging.LogRecord) -> bytes:
        try:
            text = self.format(record)
        except Exception as error:  # noqa: BLE001 - whatever is logged wrongly, the request goes on
            text = f"a line of the log cannot be formatted: {type(error).__name__} in {record.name}"
        return f"{text}\n".encode(errors="backslashreplace")

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._write_whole(line)
                left_out, self._left_out = self._left_out, 0
                if left_out:
                    self._write_whole(self._line(_told(left_out)))
            except OSError:
                self._left_out += 1
            self._lines.task_done()

    def _write_whole(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._descriptor, line) :]


def _told(left_out: int) -> logging.LogRecord:
    """Return the record that so many were not written."""
    told = {"name": __name__, "levelno": logging.ERROR, "levelname": "ERROR", "request": "-"}
    return logging.makeLogRecord({**told, "msg": f"{left_out} lines of the log were left out"})


def flush() -> None:
    """Write what still waits, for a process that ends without the exit functions of Python."""
    for handler in logging.getLogger().handlers:
        handler.flush()


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
            "console": {"()": PatientHandler, "formatter": "line", "filters": ["request"]},
        },
        "root": {"level": "INFO", "handlers": ["console"]},
        "loggers": dict(_SILENT),
    }
