"""Connections to PostgreSQL that wait for no answer longer than told."""

from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

T = TypeVar("T")


def limit_waiting(engine: Engine, seconds: float) -> None:
    """Give up a connection whose server has not answered for so long.

    `statement_timeout` is the server's own, and it does not act where the server's process or machine hangs;
    `tcp_user_timeout` does not act where the machine still acknowledges what the process never reads.
    """

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None) -> T:
            try:
                return super().wait(gen, interval, timeout or seconds)
            except psycopg.Error:
                if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # no answer came
                    self.pgconn.finish()
                raise

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Any, options: Any) -> Any:
        return Impatient.connect(*arguments, **options)
