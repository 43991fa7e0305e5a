"""The database: SQLite in the state folder, or PostgreSQL where several machines share one."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError

from ivr.store.tables import COUNTS, VERSION

FILE: Final = "balielijn.db"
"""Name of the SQLite file."""
_POSTGRESQL: Final = "postgresql+psycopg"
_WAIT: Final = 3
"""Seconds that a connection, a statement or a lock may take. Only background threads wait for it."""


def database_url(given: str | None, state: Path) -> str:
    """Return the database URL: `given` (IVR_DATABASE_URL), else that of a SQLite file in the state folder."""
    return given or f"sqlite:///{(state / FILE).absolute()}"


def open_database(database: str) -> Engine:
    """Make an engine, which connects at its first use. Raises sqlalchemy.exc.ArgumentError for a bad URL."""
    url = make_url(database)
    if "@" in (url.host or ""):
        # An @ in the password was not percent-encoded. A DNS query for this host would contain part of it.
        raise ArgumentError("no address")
    if url.get_backend_name() == "sqlite":
        # No pool: if the file is removed or replaced, the next connection opens the new one.
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
    from ivr.store.timeouts import limit_waiting  # noqa: PLC0415 - loads psycopg, which SQLite does not need

    limit_waiting(engine, _WAIT + 1)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Deleted rows are overwritten with zeros, so that no SID of a completed erasure stays in the file.
    connection.execute("PRAGMA secure_delete = ON")


def hide_times(engine: Engine) -> None:
    """Set the times of a SQLite file, its journal and its folder to now.

    Otherwise they would tell when the last call was recorded.
    """
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database or "")
        for each in (path, path.with_name(f"{path.name}-journal"), path.parent):
            with suppress(OSError):
                os.utime(each)


def reach(engine: Engine) -> None:
    """Connect, and look for a table. Raises what SQLAlchemy raises if it is unreachable or damaged."""
    with engine.connect() as connection:
        inspect(connection).has_table(COUNTS.name)  # SQLite answers SELECT 1 without reading its file


def is_made(engine: Engine) -> bool:
    """Whether the tables exist. Creates no SQLite file. Raises what SQLAlchemy raises, or OSError."""
    if engine.dialect.name == "sqlite":
        try:
            Path(engine.url.database or "").stat()
        except FileNotFoundError:
            return False
    with engine.connect() as connection:
        return inspect(connection).has_table(COUNTS.name)


def migrate(engine: Engine) -> None:
    """Run the migrations up to VERSION. Several processes may call this at the same time.

    Tables of a newer version are left as they are: a migration only adds, so this version can use them. That
    is the way back after an upgrade, and how machines that share a database are upgraded one by one.
    Raises what the database raises.
    """
    with engine.connect() as connection:
        if (_version(connection) or "") >= VERSION:
            return
    # Imported here, because Alembic is large and most processes have nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        # One process at a time, and all migrations in one transaction. 2611 is an arbitrary number.
        alone = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else "SELECT pg_advisory_xact_lock(2611)"
        connection.execute(text(alone))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    """Return the revision of the tables. None where there are none yet."""
    try:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DatabaseError:
        return None
    return found
