"""Signing in to the console: password and second factor, links, sessions, delays."""

import html
import re
from datetime import timedelta

import pyotp
import pytest
from markupsafe import escape
from sqlalchemy import select
from support.authenticator import Authenticator
from support.console import FAST, PASSWORD, URL, Moment, like, make_console, refused

from ivr.console.passwords import Passwords
from ivr.store.attempts import FREE
from ivr.store.links import GOOD
from ivr.store.opening import open_database
from ivr.store.sessions import Stage
from ivr.store.tables import ACCOUNTS, ACTS, ATTEMPTS, LINKS, PASSKEYS, SESSIONS

SECRET = pyotp.random_base32()
WRONG = "Dit e-mailadres en wachtwoord horen niet bij elkaar."


@pytest.fixture
def clock():
    return Moment()


@pytest.fixture
def console(shared_home, tmp_path, clock):
    return make_console(shared_home, tmp_path, moment=clock)


@pytest.fixture
def anna(console):
    return console.account("Anna", secret=SECRET, municipalities=["voorbeeldstad"])


MAIL = "anna@voorbeeldstad.example"


def code(clock, secret=SECRET):
    return pyotp.TOTP(secret).at(clock())


def sign_in(browser, clock, *, mail=MAIL, password=PASSWORD, typed=None, path="/inloggen"):
    first = browser.submit(path, {"mail": mail, "password": password})
    if first.status_code != 303:
        return first
    return browser.submit("/inloggen/code", {"code": typed or code(clock)})


def waits(answer):
    """Whether somebody is told to try again later."""
    return refused(answer) and "Het ging te vaak mis." in answer.text


def is_in(browser):
    return browser.get("/").status_code == 200


def rows(console, table):
    with console.outside.engine.connect() as connection:
        return connection.execute(select(table)).all()


def acts(console):
    return [(row.who, row.action, row.result) for row in rows(console, ACTS)]


def test_who_has_password_and_code_is_signed_in(console, clock, anna):
    browser = console.browser()
    assert sign_in(browser, clock).headers["Location"] == "/"
    page = browser.get("/").text
    assert "Ingelogd als Anna" in page
    assert acts(console) == [("Anna", "sign-in", "done")]


def test_a_password_alone_opens_no_page(console, clock, anna):
    browser = console.browser()
    browser.submit("/inloggen", {"mail": MAIL, "password": PASSWORD})
    assert browser.get("/").status_code == 303
    assert browser.get("/account").status_code == 303


def test_a_wrong_code_signs_nobody_in(console, clock, anna):
    browser = console.browser()
    answer = sign_in(browser, clock, typed="000000")
    assert refused(answer)
    assert "Deze code klopt niet" in answer.text
    assert not is_in(browser)


def test_a_code_is_good_once(console, clock, anna):
    assert sign_in(console.browser(), clock).status_code == 303
    second = sign_in(console.browser(), clock)
    assert refused(second)
    clock.later(seconds=30)
    assert sign_in(console.browser(), clock).status_code == 303


@pytest.mark.parametrize("seconds", [-30, 30])
def test_a_clock_that_is_half_a_minute_off_is_good_enough(console, clock, anna, seconds):
    typed = pyotp.TOTP(SECRET).at(clock() + timedelta(seconds=seconds))
    assert sign_in(console.browser(), clock, typed=typed).status_code == 303


@pytest.mark.parametrize("mail", [MAIL, "niemand@voorbeeldstad.example", "", "' OR 1=1 --"])
def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(console, clock, anna, mail):
    def page(mail):
        answer = console.browser().submit("/inloggen", {"mail": mail, "password": "iets anders dan dat"})
        token = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
        return refused(answer), token.replace(str(escape(mail)), "") if mail else token

    status, text = page(mail)
    assert status
    assert WRONG in text
    if mail:
        assert (status, text) == page("iemand.anders@voorbeeldstad.example")


def test_for_an_unknown_name_as_many_hashes_are_compared_as_for_a_wrong_password(console, anna, monkeypatch):
    """Comparing hashes takes all of the time; to measure it would depend on the machine."""
    compared = []

    class Counting:
        def hash(self, password):
            return FAST.hash(password)

        def verify(self, known, password):
            compared.append(FAST.check_needs_rehash(known))
            return FAST.verify(known, password)

    console.app.extensions["passwords"] = Passwords(Counting())
    for mail in (MAIL, "niemand@voorbeeldstad.example"):
        before = len(compared)
        console.browser().submit("/inloggen", {"mail": mail, "password": "iets anders dan dat"})
        assert compared[before:] == [False]


def test_an_account_without_a_password_cannot_be_signed_in_to(console, clock):
    console.account("Anna", password=None, manager=True)
    assert WRONG in sign_in(console.browser(), clock, password="").text


def test_after_some_failures_an_account_has_to_wait_longer_each_time_but_never_for_ever(console, clock, anna):
    waited = []
    for _ in range(FREE["account"] + 8):
        answer = console.browser().submit("/inloggen", {"mail": MAIL, "password": "iets anders dan dat"})
        if waits(answer):
            waited.append(int(re.search(r"over (\d+) minuten", answer.text)[1]))
            assert waits(console.browser().submit("/inloggen", {"mail": MAIL, "password": PASSWORD}))
            clock.later(minutes=waited[-1])
            console.browser().submit("/inloggen", {"mail": MAIL, "password": "iets anders dan dat"})
    assert waited[:3] == [1, 2, 4]
    assert max(waited) == 15
    clock.later(minutes=15)
    browser = console.browser()
    assert sign_in(browser, clock).status_code == 303
    assert not waits(sign_in(console.browser(), clock, typed="000000"))  # forgotten


def test_a_name_that_does_not_exist_has_to_wait_as_well(console, clock):
    answers = [
        console.browser().submit("/inloggen", {"mail": "x@y.nl", "password": "dat"})
        for _ in range(FREE["account"] + 1)
    ]
    assert list(map(waits, answers)) == [False] * FREE["account"] + [True]


def test_an_address_that_tries_many_names_has_to_wait_while_others_do_not(console, clock, anna):
    browser = console.browser()
    for number in range(FREE["address"]):
        browser.submit("/inloggen", {"mail": f"{number}@y.nl", "password": "dat"})
    assert waits(browser.submit("/inloggen", {"mail": MAIL, "password": PASSWORD}))
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    browser = console.browser()
    token = re.search(r'csrf_token" value="([^"]+)', browser.get("/inloggen").text)[1]
    form = {"mail": MAIL, "password": PASSWORD, "csrf_token": token}
    assert browser.post("/inloggen", form, environ_overrides=elsewhere).status_code == 303


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_who_has_many_ipv6_addresses_is_counted_as_one(console, first, second, one):
    attempts = console.stores.attempts
    for number in range(FREE["address"]):
        attempts.fail(f"{number}@y.nl", first)
    assert (attempts.wait("another@y.nl", second) > 0) is one


def test_wrong_codes_make_the_account_wait_too(console, clock, anna):
    for _ in range(FREE["account"]):
        assert not waits(sign_in(console.browser(), clock, typed="000000"))
    assert waits(sign_in(console.browser(), clock))


def test_no_mail_or_ip_address_is_kept_of_a_failure(console, clock):
    console.browser().submit("/inloggen", {"mail": "niemand@y.nl", "password": "dat"})
    kept = repr([row.hash for row in rows(console, ATTEMPTS)])
    assert "niemand" not in kept
    assert "127.0.0.1" not in kept


def test_what_was_typed_is_in_no_log(console, clock, anna, caplog):
    typed = "mijn geheime wachtwoord"
    console.browser().submit("/inloggen", {"mail": typed, "password": typed})
    sign_in(console.browser(), clock, typed=typed)
    kept = "\n".join(str(tuple(row)) for table in (ACTS, SESSIONS, ATTEMPTS) for row in rows(console, table))
    assert typed not in kept + caplog.text


def test_the_cookie_is_for_this_host_https_and_our_own_pages_alone(console, clock, anna):
    browser = console.browser()
    sign_in(browser, clock)
    cookie = browser.cookie("__Host-session")
    assert (cookie.secure, cookie.http_only, cookie.same_site, cookie.path) == (True, True, "Strict", "/")
    assert cookie.origin_only


def test_a_session_gets_a_new_name_at_each_step_and_the_old_one_opens_nothing(console, clock, anna):
    browser = console.browser()
    browser.get("/inloggen")
    before = browser.cookie("__Host-session").value
    browser.submit("/inloggen", {"mail": MAIL, "password": PASSWORD})
    half = browser.cookie("__Host-session").value
    browser.submit("/inloggen/code", {"code": code(clock)})
    assert is_in(browser)
    for old in (before, half):
        browser.client.set_cookie("__Host-session", old, domain="console.example", secure=True)
        assert browser.get("/").status_code == 303


def test_the_store_does_not_hold_what_opens_a_session(console, clock, anna):
    token = console.stores.sessions.begin(anna, Stage.FULL)
    assert token not in str([tuple(row) for row in rows(console, SESSIONS)])
    link = console.stores.links.make(anna)
    assert link not in str([tuple(row) for row in rows(console, LINKS)])


def test_a_session_ends_on_signing_out_for_who_has_kept_the_cookie_too(console, clock, anna):
    browser = console.browser()
    sign_in(browser, clock)
    kept = browser.cookie("__Host-session").value
    assert browser.submit("/uitloggen", page="/").status_code == 303
    assert not is_in(browser)
    browser.client.set_cookie("__Host-session", kept, domain="console.example", secure=True)
    assert not is_in(browser)
    assert acts(console)[-1] == ("Anna", "sign-out", "done")


def test_a_session_ends_after_12_hours_however_busy(console, clock, anna):
    browser = console.browser()
    sign_in(browser, clock)
    clock.later(hours=11, minutes=59)
    assert is_in(browser)
    clock.later(minutes=1)
    assert not is_in(browser)


def test_a_session_ends_when_the_account_is_removed_and_rights_change_at_once(console, clock, anna):
    browser = console.browser()
    sign_in(browser, clock)
    assert browser.get("/accounts").status_code == 403
    console.stores.accounts.set_rights(anna, manager=True, municipalities=[])
    assert browser.get("/accounts").status_code == 200
    console.stores.accounts.remove(anna)
    assert not is_in(browser)
    assert rows(console, SESSIONS) == []


def test_a_page_that_somebody_may_not_open_stands_in_the_log_with_who_tried(console, clock, anna):
    browser = console.browser()
    sign_in(browser, clock)
    assert browser.get("/gemeente/dorp?taal=en").status_code == 403
    last = rows(console, ACTS)[-1]
    assert (last.who, last.action, last.object, last.result) == (
        *("Anna", "open-page", "/gemeente/dorp", "refused"),
    )


def test_a_page_that_was_asked_for_is_shown_after_signing_in(console, clock, anna):
    browser = console.browser()
    path = browser.get("/account?x=1").headers["Location"]
    assert path == "/inloggen?next=/account?x%3D1"
    page = browser.get(path)
    following = html.unescape(re.search(r'name="next" value="([^"]*)"', page.text)[1])
    browser.submit("/inloggen", {"mail": MAIL, "password": PASSWORD, "next": following})
    done = browser.submit("/inloggen/code", {"code": code(clock)})
    assert done.headers["Location"] == "/account?x=1"


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "x"]
)
def test_signing_in_leads_nowhere_else(console, clock, anna, path):
    browser = console.browser()
    browser.submit("/inloggen", {"mail": MAIL, "password": PASSWORD, "next": path})
    assert browser.submit("/inloggen/code", {"code": code(clock)}).headers["Location"] == "/"


def test_who_follows_a_link_from_another_site_is_still_signed_in(console, clock, anna):
    """The browser sends no Strict cookie on that way; on the way from our own page it does."""
    page = console.browser().get("/account", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/account">' in page.text


@pytest.mark.parametrize("with_token", [True, False])
def test_a_form_without_the_token_of_its_page_does_nothing(console, clock, anna, with_token):
    browser = console.signed_in(anna)
    form = {"csrf_token": "made.up.token"} if with_token else {}
    assert browser.post("/uitloggen", form).status_code == 400
    assert is_in(browser)


# Links


def set_up(browser, link, **form):
    return browser.submit(link, {"password": "zeven oude fietsen", "again": "zeven oude fietsen", **form})


def secret_on(page):
    return re.search(r'<code class="utrecht-code secret">(\w+)</code>', page)[1]


@pytest.fixture
def link(console):
    account = console.account("Bert", password=None, manager=True)
    return f"/welkom/{console.stores.links.make(account)}"


def test_a_link_leads_to_a_password_and_a_second_factor_and_signs_in(console, clock, link):
    browser = console.browser()
    assert set_up(browser, link).headers["Location"] == "/welkom"
    secret = secret_on(browser.get("/welkom").text)
    done = browser.submit("/welkom", {"code": code(clock, secret)})
    assert done.headers["Location"] == "/"
    assert "Uw account is klaar" in browser.get("/").text
    clock.later(seconds=30)
    again = console.browser()
    mail = "bert@voorbeeldstad.example"
    assert (
        sign_in(again, clock, mail=mail, password="zeven oude fietsen", typed=code(clock, secret)).status_code
        == 303
    )


def test_a_link_is_good_once(console, clock, link):
    browser = console.browser()
    set_up(browser, link)
    browser.submit("/welkom", {"code": code(clock, secret_on(browser.get("/welkom").text))})
    assert console.browser().get(link).status_code == 410


def test_a_link_stays_good_until_the_second_factor_is_there_and_no_password_is_set_before(
    console, clock, link
):
    browser = console.browser()
    set_up(browser, link)
    assert refused(browser.submit("/welkom", {"code": "000000"}))
    assert console.browser().get(link).status_code == 200
    assert [row.password for row in rows(console, ACCOUNTS)] == [None]
    assert not is_in(browser)


def test_a_link_is_good_for_a_day(console, clock, link):
    clock.later(seconds=GOOD - 1)
    assert console.browser().get(link).status_code == 200
    clock.later(seconds=1)
    assert console.browser().get(link).status_code == 410


def test_a_newer_link_ends_the_older_one(console, link):
    console.stores.links.make(1)
    assert console.browser().get(link).status_code == 410


def test_a_link_that_ends_while_somebody_sets_up_leads_nowhere(console, clock, link):
    browser = console.browser()
    set_up(browser, link)
    secret = secret_on(browser.get("/welkom").text)
    token = re.search(r'csrf_token" value="([^"]+)', browser.get("/welkom").text)[1]
    console.stores.links.make(1)
    answer = browser.post("/welkom", {"code": code(clock, secret), "csrf_token": token})
    assert answer.status_code == 410
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"password": "kort", "again": "kort"}, "te kort"),
        ({"again": "zeven oude fiets"}, "niet gelijk"),
        ({"password": "aaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaa"}, "te makkelijk"),
        ({"password": "bert is de beste", "again": "bert is de beste"}, "te makkelijk"),
        ({"password": "z" * 50 + "eoufdi" * 40, "again": ""}, "te lang"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_at_its_field(console, link, form, said):
    answer = set_up(console.browser(), link, **form)
    assert refused(answer)
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text


# Passkeys


def options_on(page, kind):
    found = re.search(rf'data-passkey="{kind}" data-options="([^"]*)"', page)
    return html.unescape(found[1])


def register(console, link, key):
    browser = console.browser()
    set_up(browser, link)
    page = browser.get("/welkom").text
    token = re.search(r'csrf_token" value="([^"]+)', page)[1]
    answer = key.create(options_on(page, "create"))
    return browser.post("/welkom", {"passkey": answer, "name": "sleutel", "csrf_token": token})


def answer_with(console, key, *, change=lambda answer: answer):
    browser = console.browser()
    browser.submit("/inloggen", {"mail": "bert@voorbeeldstad.example", "password": "zeven oude fietsen"})
    page = browser.get("/inloggen/code").text
    token = re.search(r'csrf_token" value="([^"]+)', page)[1]
    answer = change(key.get(options_on(page, "get")))
    return browser, browser.post("/inloggen/code", {"passkey": answer, "csrf_token": token})


def test_a_passkey_is_registered_and_signs_in(console, link):
    key = Authenticator(URL)
    assert register(console, link, key).status_code == 303
    browser, answer = answer_with(console, key)
    assert answer.status_code == 303
    assert is_in(browser)
    assert [row.name for row in rows(console, PASSKEYS)] == ["sleutel"]


def test_another_passkey_or_one_of_another_site_signs_nobody_in(console, link):
    key = Authenticator(URL)
    register(console, link, key)
    other = Authenticator(URL)
    assert refused(answer_with(console, other)[1])
    key.origin = "https://console.example.evil.example"
    assert refused(answer_with(console, key)[1])


def test_an_answer_of_a_passkey_is_good_once(console, link):
    key = Authenticator(URL)
    register(console, link, key)
    kept = []
    answer_with(console, key, change=lambda answer: kept.append(answer) or answer)
    _, answer = answer_with(console, key, change=lambda _: kept[0])
    assert refused(answer)


def test_a_passkey_that_was_copied_is_noticed_by_its_counter(console, link):
    key = Authenticator(URL)
    register(console, link, key)
    answer_with(console, key)
    key.used = 0
    assert refused(answer_with(console, key)[1])


@pytest.mark.parametrize("answer", ["", "{}", "no json", '{"id": 1}', "null", "[]"])
def test_an_answer_that_is_none_signs_nobody_in(console, link, answer):
    key = Authenticator(URL)
    register(console, link, key)
    _, got = answer_with(console, key, change=lambda _: answer)
    assert refused(got)


# My own account


@pytest.fixture
def mine(console, anna):
    return console.signed_in(anna)


def test_the_password_is_changed_by_who_knows_it_and_other_sessions_end(console, clock, anna, mine):
    other = console.signed_in(anna)
    form = {"old": PASSWORD, "new": "negen natte honden", "again": "negen natte honden"}
    assert refused(mine.submit("/account/wachtwoord", {**form, "old": "iets anders"}, page="/account"))
    assert mine.submit("/account/wachtwoord", form, page="/account").status_code == 303
    assert is_in(mine)
    assert not is_in(other)
    assert refused(sign_in(console.browser(), clock))
    assert sign_in(console.browser(), clock, password="negen natte honden").status_code == 303


def test_another_app_takes_the_place_of_the_former(console, clock, anna, mine):
    secret = secret_on(mine.get("/account").text)
    form = {"app-password": PASSWORD, "code": "000000"}
    assert refused(mine.submit("/account/app", form, page="/account"))
    page = mine.get("/account").text
    secret = secret_on(page)
    token = re.search(r'csrf_token" value="([^"]+)', page)[1]
    done = mine.post("/account/app", {**form, "code": code(clock, secret), "csrf_token": token})
    assert done.status_code == 303
    assert console.stores.accounts.by_id(anna).totp == secret


def test_the_last_second_factor_cannot_be_removed_and_another_one_can(console, anna, mine):
    form = {"factor": "app", "remove-password": PASSWORD}
    assert refused(mine.submit("/account/weg", form, page="/account"))
    page = mine.get("/account").text
    token = re.search(r'csrf_token" value="([^"]+)', page)[1]
    answer = Authenticator(URL).create(options_on(page, "create"))
    passkey = {"passkey": answer, "name": "sleutel", "passkey-password": PASSWORD, "csrf_token": token}
    assert mine.post("/account/passkey", passkey).status_code == 303
    assert mine.submit("/account/weg", form, page="/account").status_code == 303
    assert console.stores.accounts.by_id(anna).totp is None
    told = [(row.action, row.changed) for row in rows(console, ACTS)]
    assert told == [("factor-add", "passkey"), ("factor-remove", "app")]


def test_a_wrong_password_at_ones_own_account_counts_as_a_failure(console, anna, mine):
    form = {"factor": "app", "remove-password": "iets anders"}
    for _ in range(FREE["account"]):
        assert not waits(mine.submit("/account/weg", form, page="/account"))
    assert waits(mine.submit("/account/weg", form, page="/account"))


# The database


def test_while_the_database_is_away_pages_say_so_and_nobody_is_let_in(console, anna, tmp_path):
    browser = console.signed_in(anna)
    gone = open_database(f"sqlite:///{tmp_path}/no/such/folder/balielijn.db")
    away = like(console, engine=gone)
    browser.client = away.app.test_client()
    browser.set_session("anything")
    page = browser.get("/")
    assert page.status_code == 503
    assert "De lijn zelf werkt gewoon door" in page.text
    assert browser.get("/toegankelijkheid").status_code == 503
