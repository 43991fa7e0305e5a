"""The secrets of authenticator apps stand encrypted in the database, with a key that is not in it."""

from threading import Event

import pyotp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from support.console import PASSWORD, like, make_console
from support.homes import NOON

from ivr.cli.console import make_tables
from ivr.store.sealing import Seal
from ivr.store.sessions import Stage
from ivr.store.tables import ACCOUNTS

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def console(shared_home, tmp_path):
    return make_console(shared_home, tmp_path, seal=Seal([OLD]))


def stored(console):
    with console.outside.engine.connect() as connection:
        return [row.totp or row.sealed for row in connection.execute(ACCOUNTS.select())]


def signs_in(console, account, secret=SECRET):
    """Whether the owner of an account gets in with password and code."""
    browser = console.browser()
    mail = console.stores.accounts.by_id(account).mail
    browser.submit("/inloggen", {"mail": mail, "password": PASSWORD})
    answer = browser.submit("/inloggen/code", {"code": pyotp.TOTP(secret).at(NOON)})
    return answer.status_code == 303


def everything(console):
    """All that is in the database, as text."""
    with console.outside.engine.connect() as connection:
        tables = ("accounts", "sessions", "acts", "links")
        return "".join(str(connection.execute(text(f"SELECT * FROM {each}")).all()) for each in tables)  # noqa: S608 - our own names


def test_a_new_app_is_sealed_from_its_first_moment_and_signs_in(console):
    account = console.account("Dirk", manager=True, password=None)
    link = console.stores.links.make(account)
    browser = console.browser()
    browser.submit(f"/welkom/{link}", {"password": PASSWORD, "again": PASSWORD})
    page = browser.get("/welkom").text
    session = next(each for each in (page.split('class="utrecht-code secret">')[1:]))
    secret = session.partition("<")[0].replace(" ", "")
    assert len(secret) == 32
    assert secret not in everything(console)
    browser.submit("/welkom", {"code": pyotp.TOTP(secret).at(NOON)})
    assert stored(console)[0].startswith("gAAAA")
    assert secret not in everything(console)
    assert console.outside.seal.open(stored(console)[0]) == secret


def test_an_app_of_ones_own_account_is_sealed_too(console):
    account = console.account("Dirk", manager=True)
    browser = console.browser()
    token = console.stores.sessions.begin(account, Stage.FULL)
    browser.set_session(token)
    page = browser.get("/account").text
    kept = console.stores.sessions.find(token).data["secret"]
    secret = console.outside.seal.open(kept)
    assert secret in page.replace(" ", "")
    assert secret not in everything(console)
    form = {"app-password": PASSWORD, "code": pyotp.TOTP(secret).at(NOON)}
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert browser.post("/account/app", {**form, "csrf_token": token}).status_code == 303
    assert console.outside.seal.open(stored(console)[0]) == secret


def test_secrets_of_before_are_sealed_at_the_start_and_still_sign_in(console):
    account = console.account("Dirk", manager=True)
    with console.outside.engine.begin() as connection:
        connection.execute(ACCOUNTS.update().values(totp=SECRET, sealed=None))
    make_tables(console.outside.engine, console.outside.seal, Event())
    assert stored(console)[0].startswith("gAAAA")
    assert SECRET not in everything(console)
    assert signs_in(console, account)


def test_a_new_key_above_the_old_one_seals_everything_anew(console):
    account = console.account("Dirk", secret=Seal([OLD]).close(SECRET), manager=True)
    make_tables(console.outside.engine, Seal([NEW, OLD]), Event())
    renewed = like(console, seal=Seal([NEW]))
    assert signs_in(renewed, account)


def test_without_the_key_no_code_is_right_and_the_log_tells_of_how_many_accounts(console, caplog):
    account = console.account("Dirk", secret=Seal([OLD]).close(SECRET), manager=True)
    before = stored(console)
    make_tables(console.outside.engine, Seal([NEW]), Event())
    assert "of 1 accounts cannot be used" in caplog.text
    assert stored(console) == before
    assert not signs_in(like(console, seal=Seal([NEW])), account)
    assert signs_in(console, account)


def test_an_account_without_an_app_is_left_as_it_is(console):
    console.account("Dirk", password=None)
    make_tables(console.outside.engine, console.outside.seal, Event())
    assert stored(console) == [None]


def test_a_secret_of_the_longest_kind_fits_its_column():
    assert len(Seal([OLD]).close("A" * 64)) <= ACCOUNTS.c.sealed.type.length
