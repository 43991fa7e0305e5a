"""A timeout on the client side for every answer of PostgreSQL."""

from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

T = TypeVar("T")


def limit_waiting(engine: Engine, seconds: float) -> None:
    """Make the engine's connections close if the server does not answer within `seconds`.

    `statement_timeout` does not cover this: the server enforces it, unless its process or machine hangs.
    Nor does `tcp_user_timeout`: the kernel acknowledges packets that a hanging process never reads.
    """

    class TimeLimited(psycopg.Connection[Any]):
        def wait(self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None) -> T:
            try:
                return super().wait(gen, interval, timeout or seconds)
            except psycopg.Error:
                if (
                    self.pgconn.transaction_status == TransactionStatus.ACTIVE
                ):  # a statement was sent, and no answer came
                    self.pgconn.finish()
                raise

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Any, options: Any) -> Any:
        return TimeLimited.connect(*arguments, **options)
