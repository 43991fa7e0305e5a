"""Stores in a folder of a test, and clocks that a test turns."""

from sqlalchemy import select

from ivr.config.live import Live
from ivr.store.background import Store
from ivr.store.erasures import Spool
from ivr.store.opening import database_url, open_database
from ivr.store.tables import ERASURES
from support.homes import NOON
from support.web import client_of, make_app


def database(folder):
    return open_database(database_url(None, folder))


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
