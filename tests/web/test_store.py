"""The store: what is counted gets there whatever the database does, and nobody waits for it."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from inspect import getsource
from threading import Event

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, inspect, select, text
from sqlalchemy.exc import OperationalError
from support.homes import make_home
from support.stores import database, served
from support.web import FORM, post

import ivr.store
from ivr.dialogue.usage import Anonymous, Count, Outcome
from ivr.exchange import grammar
from ivr.store import background
from ivr.store.background import Store
from ivr.store.counts import Counted, by_month, months
from ivr.store.erasures import Spool
from ivr.store.opening import FILE, migrate, open_database
from ivr.store.ring_check_answers import KEPT, RingCheckAnswers
from ivr.store.tables import METADATA, RINGS, VERSION

DAY = date(2026, 11, 24)
POLICE = Count("dorp", "police", Outcome.TALKED)


def open_store(folder, engine=None, **more):
    return Store(engine or database(folder), Spool(folder / "spool", lambda: 1000.0), lambda: 1000.0, **more)


def test_what_is_counted_is_stored_and_adds_up_over_processes(tmp_path):
    for _ in range(2):
        store = open_store(tmp_path)
        store.count((POLICE, Count("dorp", "main", Outcome.USED)), DAY)
        store.count((POLICE,), DAY)
        store.flush()
    november = date(2026, 11, 1)
    assert list(by_month(database(tmp_path))) == [
        Counted(november, "dorp", "main", Outcome.USED, 2),
        Counted(november, "dorp", "police", Outcome.TALKED, 4),
    ]


def test_the_anonymous_counts_hold_a_month_and_an_outcome_and_no_more(tmp_path):
    store = open_store(tmp_path)
    store.count((Anonymous(Outcome.TALKED),), DAY)
    store.flush()
    columns = {column["name"] for column in inspect(database(tmp_path)).get_columns("anonymous_counts")}
    assert columns == {"month", "outcome", "times"}
    rows = sqlite3.connect(tmp_path / FILE).execute("SELECT * FROM anonymous_counts").fetchall()
    assert rows == [("2026-11-01", "talked", 1)]
    assert list(by_month(database(tmp_path))) == [Counted(date(2026, 11, 1), None, None, Outcome.TALKED, 1)]


def told_to(engine):
    """Return the list that each statement to a database is added to from now on."""
    told = []
    event.listen(engine, "before_cursor_execute", lambda *each: told.append(each[2]))
    return told


def test_however_many_municipalities_are_counted_the_database_is_told_in_one_statement(tmp_path):
    engine = database(tmp_path)
    store = open_store(tmp_path, engine)
    store.flush()
    told = told_to(engine)
    for number in range(100):
        store.count((Count(f"stad{number}", "main", Outcome.USED),), DAY)
    store.flush()
    assert len([each for each in told if "INSERT INTO counts" in each]) == 1
    assert len(list(by_month(engine))) == 100


def test_a_call_is_counted_on_the_day_of_the_line_not_of_greenwich(tmp_path):
    store = open_store(tmp_path)
    post(served(make_home(tmp_path / "home"), store, datetime(2026, 11, 30, 23, 30, tzinfo=UTC)))
    store.flush()
    assert [row.month for row in by_month(database(tmp_path))] == [date(2026, 12, 1)]


def test_a_report_of_one_month_has_no_other(tmp_path):
    store = open_store(tmp_path)
    for day in (DAY, date(2026, 12, 1)):
        store.count((POLICE, Anonymous(Outcome.USED)), day)
    store.flush()
    assert {row.month for row in by_month(database(tmp_path), date(2026, 12, 1))} == {date(2026, 12, 1)}


def test_the_months_with_counts_are_found_without_reading_every_day(tmp_path):
    store, engine = open_store(tmp_path), database(tmp_path)
    for year in (2025, 2026):
        for number in range(1, 13):
            store.count((POLICE,), date(year, number, 28))
    store.count((Anonymous(Outcome.USED),), date(2027, 3, 5))
    store.flush()
    told = told_to(engine)
    found = months(engine)
    assert (len(found), found[0], found[-1]) == (25, date(2025, 1, 1), date(2027, 3, 1))
    assert len(told) == 25 + 2
    with engine.connect() as connection:
        plan = "EXPLAIN QUERY PLAN SELECT min(day) FROM counts WHERE day >= '2026-01-01'"
        assert "USING" in str(connection.execute(text(plan)).all())


def test_the_database_adds_up_so_that_a_year_of_days_is_as_many_rows_as_its_months(tmp_path):
    store, engine = open_store(tmp_path), database(tmp_path)
    for day in range(365):
        store.count((POLICE, Count("dorp", "main", Outcome.USED)), date(2026, 1, 1) + timedelta(days=day))
    store.flush()
    told = told_to(engine)
    rows = list(by_month(engine))
    assert len(rows) == 24
    assert sum(each.times for each in rows) == 730
    assert ["GROUP BY" in each for each in told if "FROM counts" in each] == [True]
    assert {each.municipality for each in by_month(engine, municipalities=["dorp"])} == {"dorp"}
    assert {each.month.month for each in by_month(engine, since=date(2026, 11, 1))} == {11, 12}


def test_what_the_database_refuses_halfway_is_stored_once_and_whole_later(tmp_path):
    engine = database(tmp_path)
    store = open_store(tmp_path, engine)
    store.flush()
    store.count((POLICE, Anonymous(Outcome.TALKED)), DAY)
    left = ["refuse once"]

    @event.listens_for(engine, "before_cursor_execute")
    def refuse(connection, cursor, statement, *_):
        if "INSERT INTO anonymous_counts" in statement and left:
            left.clear()
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(OperationalError, match="full"):
        store.flush()
    assert list(by_month(engine)) == []
    assert len(store._pending) == 2
    store.flush()
    assert [row.times for row in by_month(engine)] == [1, 1]
    assert len(store._pending) == 0


def test_a_database_that_somebody_else_has_locked_keeps_nothing_but_the_counts_waiting(tmp_path):
    home = make_home(tmp_path / "home")
    engine = create_engine(f"sqlite:///{tmp_path / FILE}", connect_args={"timeout": 0})
    store = open_store(tmp_path, engine)
    store.flush()
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert grammar.read(post(served(home, store)).data, "text/xml")
    with pytest.raises(OperationalError, match="locked"):
        store.flush()
    other.execute("ROLLBACK")
    store.flush()
    assert [(row.item, row.times) for row in by_month(engine)] == [("main", 1)]


def test_a_database_that_never_answers_keeps_no_caller_waiting(tmp_path):
    engine, answers = database(tmp_path), Event()
    store = open_store(tmp_path, engine)
    store.flush()
    event.listen(engine, "before_cursor_execute", lambda *_: answers.wait(30))
    client = served(make_home(tmp_path / "home"), store)
    with ThreadPoolExecutor(1) as pool:
        post(client)
        stuck = pool.submit(store.flush)
        for number in range(1, 6):
            assert post(client, form=FORM | {"CallSid": f"CA{number:032}"}).status_code == 200
        assert not stuck.done()
        answers.set()
        stuck.result()
    store.flush()
    assert sum(row.times for row in by_month(database(tmp_path))) == 6


def test_a_store_that_was_never_there_loses_no_call_and_is_told_in_health(tmp_path, caplog):
    store = open_store(tmp_path, open_database("postgresql://nobody@127.0.0.1:1/nothing"))
    client = served(make_home(tmp_path / "home"), store)
    assert post(client).status_code == 200
    for _ in range(3):
        store._try(store.flush)
    health = client.get("/health")
    assert (health.status_code, health.json["status"], health.json["store"]) == (200, "degraded", "away")
    assert caplog.text.count("the database cannot be used") == 1
    assert "nobody" not in caplog.text


def test_what_is_counted_while_the_store_is_gone_is_added_up(tmp_path):
    store = open_store(tmp_path, open_database("postgresql://nobody@127.0.0.1:1/nothing"))
    for _ in range(1000):
        store.count((POLICE,), DAY)
    store._try(store.flush)
    assert (len(store._pending._added), len(store._pending)) == (0, 1000)


def test_counting_that_fails_is_told_and_no_caller_hears_of_it(tmp_path, caplog):
    class Broken(Store):
        def count(self, counts, day):
            raise MemoryError(FORM["From"])

    store = Broken(database(tmp_path), Spool(tmp_path, lambda: 0.0), lambda: 0.0)
    gather, _ = grammar.read(post(served(make_home(tmp_path / "home"), store)).data, "text/xml")
    assert gather.action == "/voice/nl/main/key"
    assert "MemoryError" in caplog.text
    assert FORM["From"] not in caplog.text


def test_a_database_that_hangs_keeps_who_pressed_1_waiting_for_two_seconds_at_most(tmp_path, monkeypatch):
    answers = Event()
    monkeypatch.setattr(RingCheckAnswers, "add", lambda *_: answers.wait(5))
    assert background.NOTE_SECONDS <= 2
    monkeypatch.setattr(background, "NOTE_SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        open_store(tmp_path).note_acceptance("token")
    answers.set()


def rings(folder, now=1000.0):
    engine = database(folder)
    migrate(engine)
    return RingCheckAnswers(engine, lambda: now)


def test_an_answer_to_one_ring_check_is_none_to_another(tmp_path):
    rings(tmp_path).add("a")
    assert [rings(tmp_path).take(token) for token in "ba"] == [False, True]


def test_an_answer_that_nobody_fetched_is_thrown_away_after_a_day(tmp_path):
    rings(tmp_path).add("a")
    rings(tmp_path, 1000.0 + KEPT + 1).add("b")
    with database(tmp_path).connect() as connection:
        assert connection.execute(select(RINGS.c.token)).scalars().all() == ["b"]


def test_the_migrations_lead_to_the_tables_that_the_program_uses(tmp_path):
    engine = database(tmp_path)
    migrate(engine)
    config = Config()
    config.set_main_option("script_location", f"{ivr.store.__path__[0]}/migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == VERSION
    made = {
        table: [(column["name"], str(column["type"])) for column in inspect(engine).get_columns(table)]
        for table in inspect(engine).get_table_names()
        if table != "alembic_version"
    }
    assert made == {
        table.name: [(column.name, re.sub(r"^DATE.*", "DATE", str(column.type))) for column in table.columns]
        for table in METADATA.sorted_tables
    }


def test_tables_that_a_newer_version_made_are_used_and_left_as_they_are(tmp_path):
    engine = database(tmp_path)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("ALTER TABLE rings ADD COLUMN later VARCHAR(9)"))
    rings(tmp_path).add("a")
    assert rings(tmp_path).take("a")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_migration_only_adds_so_that_the_version_before_can_use_the_tables():
    """Those up to 0005 were made before there was a version to go back to."""
    config = Config()
    config.set_main_option("script_location", f"{ivr.store.__path__[0]}/migrations")
    for script in ScriptDirectory.from_config(config).walk_revisions():
        upgrade = getsource(script.module.upgrade)
        assert script.revision <= "0005" or not re.search(r"\.(drop|rename|alter)_", upgrade)


@pytest.mark.slow
def test_any_number_of_processes_may_bring_the_tables_up_to_date_at_once(tmp_path):
    program = (
        "import sys; from pathlib import Path; from ivr.store.opening import *;"
        "migrate(open_database(database_url(None, Path(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with ThreadPoolExecutor(6) as pool:
        several = [pool.submit(subprocess.run, command, check=False, timeout=60) for _ in range(6)]
    assert [each.result().returncode for each in several] == [0] * 6
    assert "counts" in inspect(database(tmp_path)).get_table_names()


def test_a_migration_that_dies_halfway_leaves_nothing_behind(tmp_path):
    engine = database(tmp_path)

    @event.listens_for(engine, "before_cursor_execute")
    def die(connection, cursor, statement, *_):
        if "CREATE TABLE wishes" in statement:
            raise MemoryError

    with pytest.raises(MemoryError):
        migrate(engine)
    assert inspect(database(tmp_path)).get_table_names() == []
    migrate(database(tmp_path))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_of_postgresql_is_taken_as_people_write_it(scheme):
    assert open_database(f"{scheme}://line@127.0.0.1/line").url.drivername == "postgresql+psycopg"


def written(folder):
    return {path.suffix: path.read_text("utf-8") for path in (folder / "spool").iterdir()}


def test_what_cannot_be_stored_at_a_stop_is_written_down_and_stored_at_the_next_start(tmp_path):
    away = open_store(tmp_path, open_database("postgresql://nobody@127.0.0.1:1/nothing"))
    away.start()
    away.count((POLICE, POLICE, Anonymous(Outcome.TALKED)), DAY)
    away.stop()
    assert {suffix: json.loads(text) for suffix, text in written(tmp_path).items()} == {
        ".counts": [
            {"month": "2026-11-01", "outcome": "talked", "times": 1},
            {"day": "2026-11-24", "municipality": "dorp", "item": "police", "outcome": "talked", "times": 2},
        ]
    }
    for _ in range(2):
        open_store(tmp_path).flush()
    assert [(row.item, row.times) for row in by_month(database(tmp_path))] == [("police", 2), (None, 1)]
    assert written(tmp_path) == {}


def test_what_was_written_down_at_a_stop_is_stored_once_by_whichever_process_is_first(tmp_path):
    away = open_store(tmp_path, open_database("postgresql://nobody@127.0.0.1:1/nothing"))
    away.start()
    away.count([POLICE] * 100, DAY)
    away.stop()
    several = [open_store(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda store: store._try(store.flush), several))
    for store in several:
        store.flush()
    assert [row.times for row in by_month(database(tmp_path))] == [100]


ROW = {"day": "2026-11-24", "municipality": "dorp", "item": "police", "outcome": "talked", "times": 2}


def row(field, value):
    """A file of counts that is right but for one field. `value`: as JSON."""
    return json.dumps([{**ROW, field: "?"}]).replace('"?"', value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[1]", '[{"month": "x"}]', '[{"day": "2026-11-24"}]', "[" * 9999, row("day", "20261124")),
        *(row("times", value) for value in ("Infinity", "NaN", "1e999", "1e30", "2.5", "true", "0", "-1")),
        *(row("times", value) for value in ('"2"', "null", "9" * 20, "9" * 9999)),
        *(row("item", value) for value in ('"\\u0000"', '"\\ud800"', f'"{"a" * 101}"', "1")),
    ],
    ids=lambda text: text[:100],
)
def test_counts_that_make_no_sense_keep_nothing_else_waiting(tmp_path, caplog, text):
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool/1.counts").write_text(text)
    (tmp_path / "spool/2.counts").write_text(row("times", "2"))
    store = open_store(tmp_path)
    store.count((POLICE,), DAY)
    store.flush()
    assert [row.times for row in by_month(database(tmp_path))] == [3]
    assert caplog.text.count("a file of counts in the spool was invalid") == 1


@pytest.mark.slow
def test_a_database_that_hangs_keeps_no_stop_waiting_and_nothing_is_counted_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(background, "STOP_SECONDS", 0.2)
    engine, asked, answers = database(tmp_path), Event(), Event()
    store = open_store(tmp_path, engine)
    store.flush()

    @event.listens_for(engine, "after_cursor_execute")
    def hang(connection, cursor, statement, *_):
        if "INSERT INTO counts" in statement:
            asked.set()
            answers.wait(60)

    store.count((POLICE,), DAY)
    store.start()
    assert asked.wait(60)
    store.stop()
    store._writer.shutdown()
    assert list(written(tmp_path)) == [".counts"]
    answers.set()
    store._threads["store"].join()
    open_store(tmp_path).flush()
    assert [row.times for row in by_month(database(tmp_path))] == [1]


def test_a_broken_file_that_is_taken_away_or_replaced_is_no_trouble_any_more(tmp_path, caplog):
    store = open_store(tmp_path)
    store._try(store.flush)
    good = (tmp_path / FILE).read_bytes()
    for mend in ((tmp_path / FILE).unlink, lambda: replaced(good)):
        (tmp_path / FILE).write_bytes(b"nothing that SQLite knows " * 1000)
        store.count((POLICE,), DAY)
        store._try(store.flush)
        assert not store.status().reachable

        def replaced(content):
            (tmp_path / "new").write_bytes(content)
            (tmp_path / "new").rename(tmp_path / FILE)

        mend()
        store._try(store.flush)
        assert store.status().reachable
        assert [row.times for row in by_month(database(tmp_path))] == [1]


def test_a_full_disk_is_told_once_also_where_it_can_still_be_read(tmp_path, caplog):
    caplog.set_level("INFO")
    engine = database(tmp_path)
    store = open_store(tmp_path, engine, erase=lambda sid: None)
    store.flush()
    full = [True]

    @event.listens_for(engine, "before_cursor_execute")
    def refuse(connection, cursor, statement, *_):
        if "INSERT" in statement and full:
            raise sqlite3.OperationalError("database or disk is full")

    store.count((POLICE,), DAY)
    for _ in range(3):
        store._try(store.flush)
        store._try(store.erase_due)
        assert not store.status().reachable
    full.clear()
    store._try(store.erase_due)
    store._try(store.flush)
    assert [record.message for record in caplog.records if "the database" in record.message] == [
        "the database cannot be used: OperationalError",
        "the database can be used again",
    ]
    assert store.status().reachable


@pytest.mark.parametrize("name", [FILE, f"{FILE}-journal", ""])
def test_no_files_time_tells_when_the_last_call_was(tmp_path, name):
    state = tmp_path / "state"
    state.mkdir()
    store = open_store(state)
    store.count((POLICE,), DAY)
    store.flush()
    (state / f"{FILE}-journal").touch()  # as after a crash, for as long as nobody writes
    os.utime(state / name, (1_000_000, 1_000_000))
    store._try(store.flush)
    assert (state / name).stat().st_mtime > 1_000_000
