"""The tables of the console, on SQLite and on PostgreSQL: what the database itself refuses, and what ends."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError
from support.stores import Clock, database

from ivr.console.stores import make_stores
from ivr.store.accounts import MailTaken
from ivr.store.act_limits import FEW_FROM_AN_ADDRESS, ONCE_A_MINUTE
from ivr.store.acts import KEPT, PAGE, Action, Filter, Result
from ivr.store.handshakes import GOOD
from ivr.store.opening import migrate, open_database
from ivr.store.passkeys import Passkey
from ivr.store.tables import ACTS

YEAR = 365 * 24 * 3600


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def engine(request, tmp_path):
    if request.param == "sqlite":
        engine = database(tmp_path)
    else:
        engine = open_database(request.getfixturevalue("postgres").url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def clock():
    clock = Clock()
    clock.now = time.time()  # triggers go by the database's clock
    return clock


@pytest.fixture
def stores(engine, clock):
    return make_stores(engine, clock, b"key")


def add_act(stores, what="x"):
    stores.acts.add("Anna", Action.SIGN_IN, what, Result.DONE, origin="192.0.2.1")


@pytest.mark.parametrize(
    "change",
    [
        update(ACTS).values(who="Mallory"),
        delete(ACTS),
        text("DELETE FROM acts WHERE id = 1"),
    ],
    ids=["update", "delete", "delete-one"],
)
def test_the_database_refuses_to_change_an_act_or_to_delete_a_young_one(engine, stores, change):
    add_act(stores)
    with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
        connection.execute(change)
    assert [act.who for act in stores.acts.find(Filter())] == ["Anna"]


def test_an_act_goes_after_a_year_when_the_next_one_comes(engine, stores, clock):
    clock.now -= KEPT + 60
    add_act(stores, "old")
    clock.now += KEPT + 60 - YEAR + 3600
    add_act(stores, "almost a year")
    clock.now += YEAR - 3600
    add_act(stores, "new")
    assert [act.object for act in stores.acts.find(Filter())] == ["new", "almost a year"]


def test_an_act_that_changed_more_than_there_is_room_for_says_how_much_more(stores):
    settings = [f"contacts[{place}].number" for place in range(40)]
    stores.acts.add("Anna", Action.PUBLISH, "dorp", Result.DONE, origin="192.0.2.1", changed=settings)
    (act,) = stores.acts.find(Filter())
    *shown, more = act.changed.split(", ")
    assert shown == settings[: len(shown)]
    assert more == f"+{len(settings) - len(shown)}"


def refuse(stores, path="/a", who="Anna", *, origin="192.0.2.1", account=1, limits=ONCE_A_MINUTE):
    """Add an act that is refused. Returns how many there are now."""
    stores.acts.add(
        who, Action.OPEN_PAGE, path, Result.REFUSED, origin=origin, account=account, limits=limits
    )
    return len(stores.acts.find(Filter()))


def test_what_is_refused_again_is_added_again_after_a_minute(stores, clock):
    assert [refuse(stores), refuse(stores)] == [1, 1]
    clock.now += 59
    assert refuse(stores) == 1
    clock.now += 1
    assert refuse(stores) == 2


def test_what_is_refused_to_somebody_else_or_elsewhere_is_added(stores):
    others = [{"path": "/b"}, {"who": "Bea", "account": 2}, {"origin": "192.0.2.2"}]
    others += [{"who": "", "account": None}, {"who": "", "account": None, "origin": "192.0.2.2"}]
    assert refuse(stores) == 1
    for number, other in enumerate(others, start=2):
        assert [refuse(stores, **other), refuse(stores, **other)] == [number, number]


@pytest.mark.parametrize("account", [1, None])
def test_what_is_refused_of_many_paths_is_added_sixty_times_a_minute(stores, clock, account):
    for number in range(70):
        refuse(stores, f"/{number}", origin=f"192.0.2.{number}", account=account)
    assert stores.acts.find(Filter(before=61))[0].object == "/59"
    assert stores.acts.find(Filter())[0].object == "/59"
    assert refuse(stores, account=2) == PAGE + 1
    assert stores.acts.find(Filter())[0].account == 2
    clock.now += 60
    refuse(stores, "/later", account=account)
    assert stores.acts.find(Filter())[0].object == "/later"


def test_of_attempts_that_wait_five_are_added_from_an_address_whichever_account_they_are_for(stores):
    def attempt(account, origin="192.0.2.1"):
        return refuse(stores, "", "", account=account, origin=origin, limits=FEW_FROM_AN_ADDRESS)

    assert [attempt(account) for account in (1, 2, None, None, 1, 3, None, 1)] == [1, 2, 3, 4, 5, 5, 5, 5]
    assert attempt(3, "192.0.2.2") == 6


def test_of_three_connections_that_add_the_same_at_once_one_adds_it(stores):
    begin = Barrier(3)

    def add(path):
        begin.wait(10)
        return refuse(stores, path)

    for number in range(1, 11):
        with ThreadPoolExecutor(3) as threads:
            assert set(threads.map(add, [f"/{number}"] * 3)) == {number}


def test_a_long_name_does_not_keep_an_act_from_being_written(stores):
    stores.acts.add("n" * 500, Action.SIGN_IN, "o" * 500, Result.DONE, origin="i" * 500)
    (act,) = stores.acts.find(Filter())
    assert (len(act.who), len(act.object), len(act.origin)) == (100, 200, 45)


def test_a_mail_address_has_one_account_with_a_password_however_it_is_written(stores):
    stores.accounts.add("Anna", "Anna@x.nl ", 0, municipalities=["dorp", "dorp"])
    with pytest.raises(MailTaken):
        stores.accounts.add("Annie", "anna@X.nl", 0)
    stores.accounts.add("Anna", "anna@x.nl", 0, subject="issuer 1")
    stores.accounts.add("Anna", "anna@x.nl", 0, subject="issuer 2")
    with pytest.raises(MailTaken):
        stores.accounts.add("Anna", "other@x.nl", 0, subject="issuer 2")
    assert stores.accounts.by_mail("ANNA@x.nl").subject is None
    assert len(stores.accounts.by_name_or_mail("anna")) == 3


def test_an_account_goes_with_everything_that_is_its(stores):
    account = stores.accounts.add("Anna", "anna@x.nl", 0, municipalities=["dorp"])
    link = stores.links.make(account)
    assert stores.accounts.remove(account)
    assert not stores.accounts.remove(account)
    assert stores.links.account(link) is None


def test_a_state_is_used_once_until_it_is_forgotten_because_it_is_too_old_anyway(stores, clock):
    assert stores.handshakes.use("state")
    assert not stores.handshakes.use("state")
    clock.now += GOOD + 1
    assert stores.handshakes.use("state")


def test_a_passkey_belongs_to_one_account(stores):
    anna, bea = (stores.accounts.add(name, f"{name}@x.nl", 0) for name in ("anna", "bea"))
    key = Passkey("id", anna, b"key", 0, "sleutel", 0)
    assert stores.passkeys.add(key)
    assert not stores.passkeys.add(replace(key, account=bea))
    assert stores.passkeys.of(anna) == [key]
    assert not stores.passkeys.remove(bea, "id")
    assert stores.passkeys.remove(anna, "id")


def test_each_person_has_one_draft_of_a_file_and_the_demo_too(stores, clock):
    first = stores.drafts.save("a.yaml", "1", base="b", author="Anna", account=1, reason="r")
    second = stores.drafts.save("a.yaml", "2", base="b", author="Anna", account=1)
    stores.drafts.save("a.yaml", "3", base="b", author="Demo", account=None)
    stores.drafts.save("a.yaml", "4", base="b", author="Demo", account=None, waiting=True)
    stores.drafts.save("b.yaml", "5", base="b", author="Anna", account=1)
    assert stores.drafts.by_id(first) is None
    assert [draft.content for draft in stores.drafts.of("a.yaml")] == ["4", "2"]
    assert [draft.content for draft in stores.drafts.all()] == ["5", "4", "2"]
    assert stores.drafts.remove(second)
    assert not stores.drafts.remove(second)


def test_a_practice_link_has_a_number_of_its_own_until_it_ends(stores):
    practice = stores.practice
    assert practice.number("dorp") is None
    assert [practice.renew("dorp"), practice.renew("dorp"), practice.renew("stad")] == [1, 2, 1]
    assert (practice.number("dorp"), practice.number("stad")) == (2, 1)
    practice.end("dorp")
    assert practice.number("dorp") is None
    assert practice.renew("dorp") == 3
    assert practice.number("stad") == 1
