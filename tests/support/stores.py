"""Stores in a folder of a test, and clocks that a test turns."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from ivr.config.live import Live
from ivr.store.background import Store
from ivr.store.erasures import Spool
from ivr.store.opening import FILE, database_url, migrate, open_database
from ivr.store.tables import ERASURES
from support.homes import NOON
from support.web import client_of, make_app


def database(folder):
    return open_database(database_url(None, folder))


def migrated(folder):
    """A database with its tables, copied from one in which the migrations ran."""
    (folder / FILE).write_bytes(_tables())
    return database(folder)


@cache
def _tables():
    with TemporaryDirectory() as folder:
        migrate(database(Path(folder)))
        return (Path(folder) / FILE).read_bytes()


def served(home, store, moment=NOON):
    live = Live(home, lambda: NOON, public=False)
    return client_of(make_app(live, moment=moment, recorder=store))


SID, LEG = "CA" + "1" * 32, "CA" + "2" * 32


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


def open_store(folder, clock, erase=lambda sid: None, url=None):
    engine = open_database(url) if url else database(folder)
    return Store(engine, Spool(folder / "spool", clock), clock, erase)


def in_table(folder):
    with database(folder).connect() as connection:
        return [row.sid for row in connection.execute(select(ERASURES))]
