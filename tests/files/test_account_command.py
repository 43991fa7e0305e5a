"""`ivr account`: accounts of the console, made by who runs it."""

import re

import pytest
from sqlalchemy import select
from support.homes import typed
from support.stores import database

from ivr.store import tokens
from ivr.store.accounts import Accounts
from ivr.store.links import Links
from ivr.store.tables import ACTS


@pytest.fixture
def account(home, tmp_path, monkeypatch):
    monkeypatch.setenv("IVR_CONSOLE_URL", "https://console.example")
    monkeypatch.setenv("IVR_STATE", str(tmp_path / "state"))
    return lambda *command: typed("--home", home.root, "account", *command)


@pytest.fixture
def engine(tmp_path):
    (tmp_path / "state").mkdir()
    return database(tmp_path / "state")


def test_a_new_account_gets_a_link(account, engine):
    done = account("add", "Anna", "anna@x.nl", "--municipality", "dorp", "--municipality", "nacht")
    assert done.exit_code == 0
    (token,) = re.findall(r"^https://console\.example/welkom/([\w-]+)$", done.output, re.MULTILINE)
    (anna,) = Accounts(engine).all()
    assert (anna.manager, anna.municipalities) == (False, {"dorp", "nacht"})
    assert Links(engine, lambda: 0).account(tokens.hashed(token)) == anna.id


def test_what_is_done_is_in_the_log_of_acts_without_the_link(account, engine):
    link = account("add", "Anna", "anna@x.nl", "--manager").output.split("/welkom/")[1][:20]
    account("reset", "anna")
    account("remove", "anna@x.nl")
    with engine.connect() as connection:
        acts = connection.execute(select(ACTS)).all()
    assert [(act.who, act.action, act.object) for act in acts] == [
        ("terminal", "account-add", "Anna"),
        ("terminal", "account-reset", "Anna"),
        ("terminal", "account-remove", "Anna"),
    ]
    assert link not in str([tuple(act) for act in acts])


def test_accounts_are_listed_with_their_rights(account):
    account("add", "Bea", "bea@x.nl", "--manager")
    account("add", "Anna", "anna@x.nl", "--municipality", "dorp")
    assert account("list").output.splitlines() == [
        "Anna · anna@x.nl · dorp · nooit ingelogd",
        "Bea · bea@x.nl · beheerder · nooit ingelogd",
    ]


def test_a_reset_ends_the_password_and_prints_another_link(account, engine):
    account("add", "Anna", "anna@x.nl", "--manager")
    Accounts(engine).set_password(1, "hash")
    assert "/welkom/" in account("reset", "Anna").output
    assert Accounts(engine).by_id(1).password is None


def test_a_removed_account_is_gone(account, engine):
    account("add", "Anna", "anna@x.nl", "--manager")
    assert account("remove", "Anna").exit_code == 0
    assert Accounts(engine).all() == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["add", "Anna", "anna@x.nl"], "Geef --manager"),
        (["add", "Anna", "anna@x.nl", "--municipality", "elders"], "Er is geen gemeente elders."),
        (["add", "Bob", "bea@x.nl", "--manager"], "Er is al een account met bea@x.nl."),
        (["remove", "Anna"], "Er is geen account Anna."),
        (["reset", "Bea"], "Er zijn meer accounts Bea."),
        (["reset", "carla@x.nl"], "logt in via de organisatie"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(account, engine, command, said):
    account("add", "Bea", "bea@x.nl", "--manager")
    account("add", "Bea", "bea@y.nl", "--manager")
    Accounts(engine).add("Carla", "carla@x.nl", 0, subject="issuer 1")
    before = Accounts(engine).all()
    done = account(*command)
    assert done.exit_code != 0
    assert said in done.output
    assert Accounts(engine).all() == before


def test_a_database_that_is_away_is_told(account, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IVR_STATE", str(tmp_path / "file/state"))
    done = account("list")
    assert done.exit_code == 1
    assert "De database is niet te bereiken" in done.output


def test_an_account_needs_a_mail_address(account):
    refused = account("add", "Anna", "anna", "--manager")
    assert refused.exit_code == 2
    assert "anna is geen mailadres" in " ".join(refused.output.split())
