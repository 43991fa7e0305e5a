"""The database: SQLite in the state folder, or PostgreSQL where several machines share one."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError

from ivr.store.tables import COUNTS, VERSION

FILE: Final = "balielijn.db"
_POSTGRESQL: Final = "postgresql+psycopg"
_WAIT: Final = 3
"""Seconds for a connection or a lock. Only threads wait that no caller waits for."""


def database_url(given: str | None, state: Path) -> str:
    """The address of the database: the one given (IVR_DATABASE_URL), else a file in the state folder."""
    return given or f"sqlite:///{(state / FILE).absolute()}"


def open_database(address: str) -> Engine:
    """Make an engine; it connects when first used. Raises sqlalchemy.exc.ArgumentError for no address."""
    url = make_url(address)
    if "@" in (url.host or ""):
        # A part of a password with an @ in it that was not coded: it would be asked for as a name.
        raise ArgumentError("no address")
    if url.get_backend_name() == "sqlite":
        # No connection is kept: a file that was taken away or replaced is opened anew.
        engine = create_engine(url, connect_args={"timeout": _WAIT}, poolclass=NullPool)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername=_POSTGRESQL)
    limits = f"-c statement_timeout={_WAIT}s -c lock_timeout={_WAIT}s"
    engine = create_engine(
        url,
        pool_size=2,
        max_overflow=1,
        pool_timeout=_WAIT,
        pool_pre_ping=True,
        connect_args={"connect_timeout": _WAIT, "options": limits},
    )
    from ivr.store.impatient import limit_waiting  # noqa: PLC0415 - where SQLite is used, nobody need carry it

    limit_waiting(engine, _WAIT + 1)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # What is erased is overwritten in the file too: a fulfilled erasure leaves no SID behind.
    connection.execute("PRAGMA secure_delete = ON")


def hide_times(engine: Engine) -> None:
    """Leave no time on a database's file, its journal or their folder at which somebody called."""
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database or "")
        for each in (path, path.with_name(f"{path.name}-journal"), path.parent):
            with suppress(OSError):
                os.utime(each)


def reach(engine: Engine) -> None:
    """Look for the tables. Raises what SQLAlchemy raises where the database is away or broken."""
    with engine.connect() as connection:
        inspect(connection).has_table(COUNTS.name)  # SQLite answers a mere SELECT without its file


def is_made(engine: Engine) -> bool:
    """Whether anything was ever stored; makes nothing. Raises what SQLAlchemy raises, or OSError."""
    if engine.dialect.name == "sqlite":
        try:
            Path(engine.url.database or "").stat()
        except FileNotFoundError:
            return False
    with engine.connect() as connection:
        return inspect(connection).has_table(COUNTS.name)


def migrate(engine: Engine) -> None:
    """Bring the tables to the version that this program was written for. Any number of processes may try."""
    with engine.connect() as connection:
        if _version(connection) == VERSION:
            return
    # Only here: where nothing is to be done, a worker need not carry it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        # One process at a time, and all of it or nothing.
        alone = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else "SELECT pg_advisory_xact_lock(2611)"
        connection.execute(text(alone))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    try:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DatabaseError:
        return None
    return found
