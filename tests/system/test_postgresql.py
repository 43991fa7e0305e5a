"""On PostgreSQL the store keeps the same promises as on SQLite, also when several machines share it."""

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from support.machines import PATIENCE

from ivr.dialogue.usage import Anonymous, Count, Outcome
from ivr.model.limits import STOP_SECONDS
from ivr.store import erasures
from ivr.store.background import Store
from ivr.store.counts import Counted, by_month
from ivr.store.erasures import FIRST, LEASE, Spool
from ivr.store.opening import migrate, open_database
from ivr.store.reminders import Reminders
from ivr.store.ring_check_answers import RingCheckAnswers
from ivr.store.tables import ERASURES
from ivr.store.unanswered import Unanswered, mark

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("postgresql")]

DAY = date(2026, 11, 24)
NOW = 1_800_000_000.0


@pytest.fixture
def opened(postgres):
    """Opens the database, as each machine does for itself."""
    engines = []

    def open_():
        engines.append(open_database(postgres.url))
        return engines[-1]

    yield open_
    # A thread that waited for a server that hung goes on after the test, with a connection that stays open.
    for thread in [each for each in threading.enumerate() if each.name in {"store", "erase"}]:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    for engine in engines:
        engine.dispose()


def machines(opened, folder, number, erase=lambda sid: None, now=NOW):
    """So many machines, each with its own spool, and one database."""
    return [
        Store(opened(), Spool(folder / str(each), lambda: now), lambda: now, erase) for each in range(number)
    ]


def test_machines_bring_the_tables_up_to_date_and_add_up_their_counts(postgres, opened, tmp_path):
    program = "import sys; from ivr.store.opening import *; migrate(open_database(sys.argv[1]))"
    command = [sys.executable, "-c", program, postgres.url]
    with ThreadPoolExecutor(4) as pool:
        several = [pool.submit(subprocess.run, command, check=False, timeout=60) for _ in range(4)]
    assert [each.result().returncode for each in several] == [0] * 4
    both = machines(opened, tmp_path, 2)
    for store in both:
        store.count((Count("dorp", "main", Outcome.USED), Anonymous(Outcome.TALKED)), DAY)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda store: store.flush(), both))
    first = DAY.replace(day=1)
    assert list(by_month(opened())) == [
        Counted(first, "dorp", "main", Outcome.USED, 2),
        Counted(first, None, None, Outcome.TALKED, 2),
    ]


def test_machines_erase_each_call_once_and_take_up_what_another_left(opened, tmp_path):
    engine = opened()
    migrate(engine)
    sids = [f"CA{number:032x}" for number in range(60)]
    for sid in sids:
        erasures.add(engine, sid, NOW)
    left = [sid for sid, _ in erasures.claim_due(engine, lambda: NOW + FIRST)]  # by a machine that is lost
    erased = []
    for now in (NOW + FIRST, NOW + FIRST + LEASE):
        for _ in range(4):
            with ThreadPoolExecutor(4) as pool:
                several = machines(opened, tmp_path, 4, erased.append, now)
                list(pool.map(lambda store: store.erase_due(), several))
    assert len(left) == 20
    assert sorted(erased) == sids
    with engine.connect() as connection:
        assert connection.execute(select(ERASURES)).all() == []


def test_an_answer_to_a_ring_check_is_taken_once_wherever_it_was_noted(opened):
    engine = opened()
    migrate(engine)
    line, command = (RingCheckAnswers(opened(), time.time) for _ in range(2))
    for _ in range(2):
        line.add("token")
    assert [command.take("token"), command.take("token"), command.take("other")] == [True, False, False]


def test_what_was_mailed_and_who_did_not_answer_is_remembered_for_all_machines(opened):
    migrate(opened())
    one, other = Reminders(opened()), Reminders(opened())
    matter = ("0123456789abcdef", "dorp", "gap", "contacts", "open")
    one.mailed([matter], DAY)
    other.mailed([matter], DAY + timedelta(days=7))
    other.saw([matter], DAY + timedelta(days=8))
    assert one.all() == {matter: (DAY + timedelta(days=7), DAY + timedelta(days=8))}
    one.tidy(DAY + timedelta(days=100))
    assert other.all() == {}
    Unanswered(opened()).note("dorp", "+31200000102", DAY, confirmed=False)
    assert Unanswered(opened()).all() == {("dorp", mark("dorp", "+31200000102")): DAY}


def test_no_statement_and_no_lock_is_waited_for_longer_than_three_seconds(opened):
    with opened().connect() as connection:
        limits = [connection.scalar(text(f"SHOW {each}_timeout")) for each in ("statement", "lock")]
    assert limits == ["3s", "3s"]


def test_a_server_that_hangs_in_the_middle_keeps_a_connection_waiting_for_four_seconds(postgres, opened):
    with opened().connect() as connection:
        connection.execute(text("SELECT 1"))
        postgres.hang()
        began = time.monotonic()
        with pytest.raises(OperationalError) as told:
            connection.execute(text("SELECT 1"))
        waited = time.monotonic() - began
        postgres.hang(signal.SIGCONT)
    assert told.value.connection_invalidated
    assert 3 < waited < 15


def test_a_stop_while_the_server_hangs_is_done_in_five_seconds_and_loses_no_count(postgres, opened, tmp_path):
    (store,) = machines(opened, tmp_path, 1)
    store.flush()
    store.start()
    postgres.hang()
    store.count([Count("dorp", "main", Outcome.USED)] * 290, DAY)
    began = time.monotonic()
    store.stop()
    assert time.monotonic() - began < STOP_SECONDS + 1
    postgres.hang(signal.SIGCONT)
    (store,) = machines(opened, tmp_path, 1)
    store.flush()
    assert [each.times for each in by_month(opened())] == [290]
