"""After an anonymous call both records are erased at Twilio, whatever happens meanwhile."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from threading import Event

import pytest
from sqlalchemy import event
from support.homes import NOON, PUBLIC, TOKEN, make_home
from support.stores import LEG, SID, Clock, database, in_table, open_store, served
from support.twilio_stand_in import stand_in
from support.web import FORM, make_app, post

from ivr.account.client import client
from ivr.account.erase import erase
from ivr.config.live import Live
from ivr.dialogue.usage import Anonymous, Outcome
from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.wire import InProcess, ReachedLine
from ivr.model.limits import ERASURE_SECONDS
from ivr.store import background, erasures
from ivr.store.background import Store
from ivr.store.counts import by_month
from ivr.store.erasures import FIRST, LEASE, LONGEST, Spool
from ivr.store.opening import FILE

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def twilio():
    with stand_in() as account:
        yield account


def written(folder):
    """The erasures in the spool, all of it that is in the files."""
    return sorted(path.read_text() for path in (folder / "spool").glob("*"))


def spooled(folder, clock, sid=SID):
    """An erasure that has been brought to the table."""
    store = open_store(folder, clock)
    store.request_erasure(sid)
    for path in (folder / "spool").glob("*.erasure"):
        os.utime(path, (clock.now, clock.now))
    store.flush()


def test_an_erasure_is_on_the_disk_when_the_document_that_dials_is_answered_and_holds_only_the_sid(
    tmp_path, clock, monkeypatch
):
    # On a busy machine a disk may take longer than a caller waits.
    monkeypatch.setattr(background, "ERASURE_SECONDS", 60)
    spool = tmp_path / "spool"
    seen = []

    class Wire(InProcess):
        def send(self, method, url, form, headers):
            answer = super().send(method, url, form, headers)
            if b"<Dial" in answer.body:
                seen.append((form["CallSid"], written(tmp_path)))
            return answer

    live = Live(make_home(tmp_path / "home"), lambda: NOON, public=False)
    app = make_app(
        live,
        recorder=open_store(tmp_path, clock, url=NOWHERE),
    )
    exchange = Exchange(ReachedLine(Wire(app), TOKEN, PUBLIC), ScriptedFarEnd({}, {}), {})
    exchange.call("+31200000199", "+31200000001", ScriptedCaller("3"))
    assert not spool.exists()  # the police are no anonymous destination
    exchange.call("+31200000199", "+31200000001", ScriptedCaller("4"))
    (_, nothing), (sid, there) = seen
    assert (nothing, there) == ([], [sid])
    both = written(tmp_path)
    assert len(both) == 3  # the call again as it ends, and its leg
    assert set(both) - {sid} != set()
    assert all(erasures.is_sid(each) for each in both)


def test_nobody_but_us_may_look_into_the_spool(tmp_path, clock):
    store = open_store(tmp_path, clock)
    store.request_erasure(SID)
    store._writer.shutdown()
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["", "CA1", "+31200000199", "CA" + "x" * 32, SID + "\n+31200000199"])
def test_what_is_no_sid_is_not_written_down(tmp_path, clock, text):
    store = open_store(tmp_path, clock)
    store.request_erasure(text)
    assert (written(tmp_path), len(store.status().erasure_ages)) == ([], 0)


def test_without_an_account_nothing_is_erased(tmp_path, clock):
    store = open_store(tmp_path, clock, erase=None)
    store.request_erasure(SID)
    assert (written(tmp_path), len(store.status().erasure_ages)) == ([], 0)


def test_an_erasure_waits_in_the_spool_while_the_database_is_away_and_moves_when_it_is_back(tmp_path, clock):
    away = open_store(tmp_path, clock, url=NOWHERE)
    away.request_erasure(SID)
    away._writer.shutdown()
    away._try(away.flush)
    assert (written(tmp_path), len(away.status().erasure_ages)) == ([SID], 1)
    open_store(tmp_path, clock).flush()
    assert (written(tmp_path), in_table(tmp_path)) == ([], [SID])


def test_an_erasure_whose_writing_was_cut_off_after_its_last_sign_is_found_later(tmp_path, clock):
    (tmp_path / "spool").mkdir()
    for name, text in (("a.part", SID), ("b.part", SID[:20])):
        path = tmp_path / "spool" / name
        path.write_text(text)
        os.utime(path, (clock.now - 30, clock.now - 30))
    open_store(tmp_path, clock).flush()
    assert len(written(tmp_path)) == 2  # somebody may still be at it
    clock.now += 60
    open_store(tmp_path, clock).flush()
    assert (written(tmp_path), in_table(tmp_path)) == ([], [SID])


def test_where_nothing_can_be_written_an_erasure_waits_in_memory_and_then_goes_to_the_table(
    tmp_path, clock, caplog
):
    (tmp_path / "spool").write_text("a file where the folder should be")
    store = open_store(tmp_path, clock)
    store.request_erasure(SID)
    assert len(store.status().erasure_ages) == 1
    assert not caplog.text  # a line with a time would tell when somebody called
    (tmp_path / "spool").unlink()
    store.flush()
    assert (in_table(tmp_path), len(store.status().erasure_ages)) == ([SID], 1)


def test_a_disk_that_never_answers_keeps_a_caller_waiting_for_fifty_milliseconds_at_most(tmp_path, clock):
    answers = Event()

    class Stuck(Spool):
        def put(self, sid):
            answers.wait(30)
            return super().put(sid)

    store = Store(database(tmp_path), Stuck(tmp_path / "spool", clock), clock, lambda sid: None)
    store.request_erasure(SID)
    assert not answers.is_set()  # it came back all the same
    assert ERASURE_SECONDS <= 0.05
    assert len(store.status().erasure_ages) == 1
    answers.set()
    store._writer.shutdown()
    assert written(tmp_path) == [SID]


def test_no_caller_waits_longer_for_a_disk_than_fifty_milliseconds(tmp_path, clock, monkeypatch):
    waited = []
    monkeypatch.setattr(background, "wait", lambda _, seconds: waited.append(seconds))
    open_store(tmp_path, clock).request_erasure(SID)
    assert [seconds <= 0.05 for seconds in waited] == [True]


def test_an_erasure_is_written_down_also_where_counting_fails(tmp_path, clock):
    class Uncounting(Store):
        def count(self, counts, day):
            raise MemoryError

    store = Uncounting(database(tmp_path), Spool(tmp_path / "spool", clock), clock, lambda sid: None)
    client = served(make_home(tmp_path / "home"), store)
    assert b"<Dial" in post(client, "/voice/nl/main/key", {**FORM, "Digits": "4"}).data
    store._writer.shutdown()
    assert written(tmp_path) == [FORM["CallSid"]]


def test_an_erasure_and_its_folder_are_synced_to_the_disk(tmp_path, clock, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    store = open_store(tmp_path, clock)
    store.request_erasure(SID)
    store._writer.shutdown()
    (file,) = (tmp_path / "spool").iterdir()
    assert {file.stat().st_ino, (tmp_path / "spool").stat().st_ino} <= set(synced)


def test_an_erasure_that_the_table_refuses_stays_in_the_spool(tmp_path, clock):
    engine = database(tmp_path)
    spool = Spool(tmp_path / "spool", clock)
    spool.put(SID)

    @event.listens_for(engine, "before_cursor_execute")
    def refuse(connection, cursor, statement, *_):
        if "INSERT INTO erasures" in statement:
            raise MemoryError

    with pytest.raises(MemoryError):
        Store(engine, spool, clock, lambda sid: None).flush()
    assert written(tmp_path) == [SID]


def test_an_erasure_that_an_earlier_version_left_in_the_spool_is_carried_out_too(tmp_path, clock):
    Spool(tmp_path / "spool", clock).put(SID, "wish")
    open_store(tmp_path, clock).flush()
    assert (written(tmp_path), in_table(tmp_path)) == ([], [SID])


def test_a_disk_that_is_slow_to_sync_has_the_erasure_all_the_same(tmp_path, clock, caplog):
    answers = Event()

    class Slow(Spool):
        def sync(self, paths):
            answers.wait(30)

    store = Store(database(tmp_path), Slow(tmp_path / "spool", clock), clock, lambda sid: None)
    store.request_erasure(SID, LEG)
    end = time.monotonic() + 20
    while sorted(written(tmp_path)) != [SID, LEG]:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert not answers.is_set()
    assert not caplog.text
    answers.set()


def test_the_call_and_every_leg_of_it_are_gone_at_twilio_and_the_erasure_is_gone_here(
    tmp_path, clock, twilio
):
    call = twilio.add_call("+31200000001", "+31200000199")
    legs = [twilio.add_call("+318007000", "+31200000001", parent_call_sid=call) for _ in range(3)]
    other = twilio.add_call("+31200000001", "+31200000198")
    spooled(tmp_path, clock, call)
    store = open_store(tmp_path, clock, partial(erase, client(twilio.env)))
    clock.now += FIRST
    store.erase_due()
    assert set(twilio.records["Calls"]) == {other}
    assert in_table(tmp_path) == []
    assert len(legs) == 3
    assert call.encode() not in (tmp_path / FILE).read_bytes()  # overwritten, not only forgotten
    store.flush()
    assert store.status().erasure_ages == ()


@pytest.mark.slow
def test_a_call_that_twilio_keeps_refusing_is_tried_again_with_growing_pauses(tmp_path, clock, twilio):
    call = twilio.add_call("+31200000001", "+31200000199")
    twilio.young[call] = 12
    spooled(tmp_path, clock, call)
    store = open_store(tmp_path, clock, partial(erase, client(twilio.env)))
    tried = []
    for _ in range(100_000):
        clock.now += 30
        before = twilio.count("DELETE")
        store.erase_due()
        if twilio.count("DELETE") > before:
            tried.append(clock.now)
        if not in_table(tmp_path):
            break
    pauses = [later - sooner for sooner, later in pairwise(tried)]
    assert len(tried) == 13
    assert pauses == sorted(pauses)
    assert pauses[:4] == [60, 120, 240, 480]
    assert pauses[-1] == LONGEST
    assert call not in twilio.records["Calls"]


@pytest.mark.slow
@pytest.mark.parametrize("trouble", [(429, {"Retry-After": "0"}), (500, {}), (503, {}), (401, {})])
def test_whatever_twilio_answers_the_erasure_stays_until_it_is_fulfilled(
    tmp_path, clock, twilio, trouble, caplog
):
    call = twilio.add_call("+31200000001", "+31200000199")
    spooled(tmp_path, clock, call)
    store = open_store(tmp_path, clock, partial(erase, client(twilio.env)))
    twilio.broken["Calls"] = trouble
    clock.now += FIRST
    store.erase_due()
    assert in_table(tmp_path) == [call]
    twilio.broken.clear()
    clock.now += LONGEST
    store.erase_due()
    assert in_table(tmp_path) == []
    assert call not in caplog.text


def test_an_erasure_is_not_tried_before_a_call_can_be_over(tmp_path, clock, twilio):
    spooled(tmp_path, clock, twilio.add_call("+31200000001", "+31200000199"))
    clock.now += FIRST - 1
    open_store(tmp_path, clock, partial(erase, client(twilio.env))).erase_due()
    assert twilio.asked == []


def test_a_call_that_twilio_refuses_keeps_no_other_from_being_erased(tmp_path, clock, twilio):
    refused, other = (twilio.add_call("+31200000001", "+31200000199") for _ in range(2))
    twilio.young[refused] = 1
    for call in (refused, other):
        spooled(tmp_path, clock, call)
        clock.now += 1
    clock.now += FIRST
    open_store(tmp_path, clock, partial(erase, client(twilio.env))).erase_due()
    assert set(twilio.records["Calls"]) == {refused}


def test_a_call_whose_leg_lasts_is_kept_until_both_can_go(tmp_path, clock, twilio):
    call = twilio.add_call("+31200000001", "+31200000199")
    leg = twilio.add_call("+318007000", "+31200000001", parent_call_sid=call, status="in-progress")
    spooled(tmp_path, clock, call)
    store = open_store(tmp_path, clock, partial(erase, client(twilio.env)))
    clock.now += FIRST
    store.erase_due()
    assert set(twilio.records["Calls"]) == {call, leg}
    twilio.records["Calls"][leg]["status"] = "completed"
    clock.now += FIRST
    store.erase_due()
    assert twilio.records["Calls"] == {}


@pytest.mark.slow
def test_while_twilio_is_gone_the_erasure_stays(tmp_path, clock, twilio):
    call = twilio.add_call("+31200000001", "+31200000199")
    spooled(tmp_path, clock, call)
    store = open_store(tmp_path, clock, partial(erase, client(twilio.env)))
    twilio.stop()
    clock.now += FIRST
    store.erase_due()
    twilio.start()
    assert in_table(tmp_path) == [call]


def test_a_call_that_is_gone_already_is_an_erasure_fulfilled(tmp_path, clock, twilio):
    spooled(tmp_path, clock, SID)
    clock.now += FIRST
    open_store(tmp_path, clock, partial(erase, client(twilio.env))).erase_due()
    assert in_table(tmp_path) == []


@pytest.mark.slow
def test_many_processes_erase_each_call_once(tmp_path, clock):
    sids = [f"CA{number:032x}" for number in range(40)]
    for sid in sids:
        spooled(tmp_path, clock, sid)
    clock.now += FIRST
    erased = []
    stores = [open_store(tmp_path, clock, erased.append) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(4):
            list(pool.map(lambda store: store._try(store.erase_due), stores))
    assert sorted(erased) == sids
    assert in_table(tmp_path) == []


def test_an_erasure_is_its_takers_alone_however_slow_those_before_it_were(tmp_path, clock):
    for sid in (SID, LEG):
        spooled(tmp_path, clock, sid)
        clock.now += 1
    clock.now += FIRST
    erased = []
    other = open_store(tmp_path, clock, erased.append)

    def slow(sid):
        erased.append(sid)
        if sid == SID:
            clock.now += LEASE + 100
        else:
            other.erase_due()

    open_store(tmp_path, clock, slow).erase_due()
    assert erased == [SID, LEG]


def test_an_erasure_that_died_with_its_process_is_taken_up_by_another(tmp_path, clock):
    spooled(tmp_path, clock)
    clock.now += FIRST
    assert [sid for sid, _ in erasures.claim_due(database(tmp_path), clock)] == [
        SID
    ]  # and no more is heard of it
    erased = []
    store = open_store(tmp_path, clock, erased.append)
    store.erase_due()
    assert erased == []
    clock.now += LEASE
    store.erase_due()
    assert erased == [SID]


def test_how_many_wait_and_for_how_long_is_known_wherever_they_wait(tmp_path, clock):
    spooled(tmp_path, clock)
    clock.now += 90
    store = open_store(tmp_path, clock)
    store.flush()
    store.request_erasure(LEG)
    for path in (tmp_path / "spool").iterdir():
        os.utime(path, (clock.now, clock.now))
    assert len(store.status().erasure_ages) == 2
    assert max(store.status().erasure_ages) == 90


@pytest.mark.slow
def test_an_orderly_stop_stores_the_last_counts_also_while_erasing_hangs(tmp_path, clock, monkeypatch):
    for name, seconds in (("STORE_SECONDS", 60), ("ERASE_SECONDS", 0.01), ("STOP_SECONDS", 1)):
        monkeypatch.setattr(background, name, seconds)
    spooled(tmp_path, clock)
    clock.now += FIRST
    asked, answers = Event(), Event()

    def hang(sid):
        asked.set()
        answers.wait(30)

    store = open_store(tmp_path, clock, hang)
    store.start()
    assert asked.wait(60)
    store.count([Anonymous(Outcome.USED)], NOON.date())
    store.stop()
    assert [row.times for row in by_month(database(tmp_path))] == [1]
    answers.set()
    store._threads["erase"].join()


def test_each_erasure_of_the_table_is_told(tmp_path, clock):
    for sid in (SID, LEG):
        spooled(tmp_path, clock, sid)
    store = open_store(tmp_path, clock)
    store.flush()
    assert len(store.status().erasure_ages) == 2


def test_how_the_keeping_goes_is_told_also_while_a_disk_hangs(tmp_path, clock):
    asked, answers = Event(), Event()

    class Stuck(Spool):
        def waiting(self):
            asked.set()
            answers.wait(30)
            return super().waiting()

    store = Store(database(tmp_path), Stuck(tmp_path / "spool", clock), clock, lambda sid: None)
    with ThreadPoolExecutor(2) as pool:
        pool.submit(store.flush)
        assert asked.wait(60)
        try:
            assert pool.submit(store.status).result(5).erasure_ages == ()
        finally:
            answers.set()


def test_a_file_in_the_spool_that_makes_no_sense_keeps_no_erasure_waiting(tmp_path, clock):
    store = open_store(tmp_path, clock)
    store.request_erasure(SID)
    (tmp_path / "spool/0000.erasure").write_bytes(b"\xff\xfe")
    store.flush()
    assert (written(tmp_path), in_table(tmp_path)) == ([], [SID])


def test_the_folders_own_time_does_not_tell_when_somebody_was_put_through(tmp_path, clock):
    store = open_store(tmp_path, clock)
    store.request_erasure(SID)
    store.flush()
    before = (tmp_path / "spool").stat().st_mtime_ns
    store.flush()
    assert (tmp_path / "spool").stat().st_mtime_ns > before


def test_an_erasure_that_cannot_be_read_just_now_stays_until_it_can(tmp_path, clock, monkeypatch):
    store = open_store(tmp_path, clock)
    store.request_erasure(SID)

    def refused(*_):
        raise PermissionError

    with monkeypatch.context() as shut:
        shut.setattr("pathlib.Path.read_text", refused)
        store.flush()
    assert written(tmp_path) == [SID]
    store.flush()
    assert (written(tmp_path), in_table(tmp_path)) == ([], [SID])


DAYS = 30 * 24 * 3600


def test_a_clock_that_was_ahead_keeps_no_erasure_of_the_table_waiting_once_it_is_right(tmp_path, clock):
    right = clock.now
    clock.now += DAYS
    for sid in (SID, LEG):
        spooled(tmp_path, clock, sid)
    clock.now += FIRST
    next(erasures.claim_due(database(tmp_path), clock))  # its lease is ahead too
    clock.now = right
    erased = []
    store = open_store(tmp_path, clock, erased.append)
    store.flush()
    assert max(store.status().erasure_ages) < LONGEST
    clock.now += LONGEST
    store.erase_due()
    assert sorted(erased) == [SID, LEG]


@pytest.mark.parametrize("name", ["a.erasure", "a.part"])
def test_a_clock_that_was_ahead_keeps_no_erasure_of_the_spool_waiting_once_it_is_right(tmp_path, clock, name):
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / name).write_text(SID)
    os.utime(tmp_path / "spool" / name, (clock.now + DAYS, clock.now + DAYS))
    erased = []
    store = open_store(tmp_path, clock, erased.append)
    store.flush()
    clock.now += FIRST
    assert min(store.status().erasure_ages) == FIRST
    store.erase_due()
    assert erased == [SID]


def test_an_erasure_in_memory_waits_no_longer_for_a_clock_that_was_ahead(tmp_path, clock):
    (tmp_path / "spool").write_text("a file where the folder should be")
    erased = []
    store = open_store(tmp_path, clock, erased.append)
    clock.now += DAYS
    store.request_erasure(SID)
    clock.now -= DAYS
    (tmp_path / "spool").unlink()
    store.flush()
    clock.now += FIRST
    store.erase_due()
    assert erased == [SID]


def test_where_no_clock_was_ahead_an_erasure_is_left_alone(tmp_path, clock):
    spooled(tmp_path, clock)
    store, told = open_store(tmp_path, clock), []
    event.listen(store._engine, "before_cursor_execute", lambda *given: told.append(given[2]))
    store.flush()
    assert not [statement for statement in told if statement.startswith("UPDATE")]
