"""What the log of acts has of what is refused and of what is looked at: no secret, and not without end."""

import html
import re

import pyotp
import pytest
from sqlalchemy import event
from support.authenticator import Authenticator
from support.console import PASSWORD, URL, Moment, make_console, refused

from ivr.store.acts import Filter
from ivr.store.attempts import FREE
from ivr.store.links import GOOD

SECRET = pyotp.random_base32()
MAIL, UNKNOWN = "anna@voorbeeldstad.example", "niemand@voorbeeldstad.example"
WRONG = "iets anders dan dat"


@pytest.fixture
def clock():
    return Moment()


@pytest.fixture
def console(shared_home, tmp_path, clock):
    return make_console(shared_home, tmp_path, moment=clock)


@pytest.fixture
def anna(console):
    return console.account("Anna", secret=SECRET, municipalities=["voorbeeldstad"])


def log(console, skip=0):
    """The acts without time and place, the oldest first."""
    found = list(reversed(console.stores.acts.find(Filter())))
    return [(act.who, act.action, act.object, act.result, act.changed) for act in found[skip:]]


def fail(console, mail=MAIL, times=FREE["account"]):
    for _ in range(times):
        console.stores.attempts.fail(mail, "127.0.0.1")


def try_password(console, mail=MAIL, password=PASSWORD):
    return console.browser().submit("/inloggen", {"mail": mail, "password": password})


def token_on(page):
    return re.search(r'csrf_token" value="([^"]+)', page)[1]


# Attempts that have to wait


def test_a_password_that_is_typed_while_the_account_waits_is_in_the_log(console, anna):
    fail(console)
    try_password(console)
    (act,) = console.stores.acts.find(Filter())
    assert (act.account, act.origin) == (anna, "127.0.0.1")
    assert log(console) == [("Anna", "sign-in", "Anna", "delayed", "password")]


def test_a_code_or_passkey_that_is_tried_while_the_account_waits_is_in_the_log(console, clock, anna):
    browser = console.browser()
    browser.submit("/inloggen", {"mail": MAIL, "password": PASSWORD})
    fail(console)
    browser.submit("/inloggen/code", {"code": pyotp.TOTP(SECRET).at(clock())})
    browser.submit("/inloggen/code", {"passkey": "{}"})
    assert log(console) == [
        ("Anna", "sign-in", "Anna", "delayed", "app"),
        ("Anna", "sign-in", "Anna", "delayed", "passkey"),
    ]


def test_the_log_says_which_step_of_signing_in_went_wrong_and_which_one_let_somebody_in(console, clock, anna):
    try_password(console, password=WRONG)
    browser = console.browser()
    browser.submit("/inloggen", {"mail": MAIL, "password": PASSWORD})
    browser.submit("/inloggen/code", {"code": "000000"})
    browser.submit("/inloggen/code", {"passkey": "{}"})
    browser.submit("/inloggen/code", {"code": pyotp.TOTP(SECRET).at(clock())})
    assert [(result, step) for _, _, _, result, step in log(console)] == [
        ("refused", "password"),
        ("refused", "app"),
        ("refused", "passkey"),
        ("done", "app"),
    ]


def test_a_name_without_account_that_has_to_wait_is_in_the_log_as_nobody(console):
    typed = "mijn geheime wachtwoord"
    fail(console, typed)
    try_password(console, typed, typed)
    assert log(console) == [("", "sign-in", "", "delayed", "password")]


def test_of_attempts_that_wait_an_address_has_five_a_minute_by_whatever_names(console, clock, anna):
    fail(console, "x", FREE["address"] + 1)
    for number in range(10):
        try_password(console, f"{number}@voorbeeldstad.example")
        try_password(console)
    assert len(log(console)) == 5
    clock.later(minutes=1)
    try_password(console)
    assert log(console, 5) == [("Anna", "sign-in", "Anna", "delayed", "password")]


@pytest.mark.parametrize("before", [0, 10], ids=["added", "too-many"])
def test_while_it_waits_the_same_is_asked_of_the_database_for_an_account_and_for_nobody(
    console, anna, before
):
    """What is written takes nearly all of the time; to measure it would depend on the machine."""
    fail(console, "x", FREE["address"])
    for _ in range(before):
        try_password(console, UNKNOWN)
    asked = []
    event.listen(console.outside.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def asked_for(mail):
        browser = console.browser()
        form = {"mail": mail, "password": PASSWORD, "csrf_token": token_on(browser.get("/inloggen").text)}
        asked.clear()
        browser.post("/inloggen", form)
        return [re.match(r"\w+ (?:FROM |INTO )?\w+", each)[0] for each in asked]

    assert (known := asked_for(MAIL)) == asked_for(UNKNOWN)
    assert ("INSERT INTO acts" in known) == (not before)


# My own account


@pytest.mark.parametrize(
    ("path", "field", "form", "told"),
    [
        ("wachtwoord", "old", {}, ("password", "")),
        ("app", "app-password", {}, ("factor-add", "app")),
        ("passkey", "passkey-password", {}, ("factor-add", "passkey")),
        ("weg", "remove-password", {"factor": "app"}, ("factor-remove", "app")),
        ("weg", "remove-password", {"factor": "x"}, ("factor-remove", "passkey")),
    ],
)
def test_a_wrong_password_at_ones_own_account_is_in_the_log_with_what_it_was_for(
    console, anna, path, field, form, told
):
    browser = console.signed_in(anna)
    for _ in range(FREE["account"] + 1):
        assert refused(browser.submit(f"/account/{path}", {**form, field: WRONG}, page="/account"))
    action, what = told
    expected = [("Anna", action, "Anna", "refused", what)] * FREE["account"]
    assert log(console) == [*expected, ("Anna", action, "Anna", "delayed", what)]


def test_an_app_that_is_added_is_in_the_log_as_an_app(console, clock, anna):
    browser = console.signed_in(anna)
    page = browser.get("/account").text
    secret = re.search(r'<code class="utrecht-code secret">(\w+)</code>', page)[1]
    code = pyotp.TOTP(secret).at(clock())
    browser.post("/account/app", {"app-password": PASSWORD, "code": code, "csrf_token": token_on(page)})
    assert log(console) == [("Anna", "factor-add", "Anna", "done", "app")]


# Links


@pytest.fixture
def link(console):
    return f"/welkom/{console.stores.links.make(console.account('Bert', password=None))}"


def set_up(console, link, answer):
    """Choose a password, and answer the page for the second factor."""
    browser = console.browser()
    browser.submit(link, {"password": "zeven oude fietsen", "again": "zeven oude fietsen"})
    page = browser.get("/welkom").text
    return browser.post("/welkom", {**answer(page), "csrf_token": token_on(page)})


def with_passkey(page):
    options = re.search(r'data-passkey="create" data-options="([^"]*)"', page)[1]
    return {"passkey": Authenticator(URL).create(html.unescape(options)), "name": "sleutel"}


def test_who_uses_a_link_is_in_the_log_with_the_second_factor_that_was_set_up(console, link):
    assert set_up(console, link, with_passkey).status_code == 303
    assert log(console) == [
        ("Bert", "password", "Bert", "done", ""),
        ("Bert", "factor-add", "Bert", "done", "passkey"),
        ("Bert", "sign-in", "Bert", "done", "passkey"),
    ]


def test_a_link_that_is_unknown_too_old_or_used_is_in_the_log_without_its_token(console, clock, link):
    token = link.rpartition("/")[2]
    for _ in range(3):
        assert console.browser().get("/welkom/geraden").status_code == 410
    assert log(console) == [("", "link", "", "refused", "")]
    clock.later(seconds=GOOD)
    assert console.browser().get(link).status_code == 410
    newer = f"/welkom/{console.stores.links.make(1)}"
    set_up(console, newer, with_passkey)
    clock.later(minutes=1)
    assert console.browser().get(newer).status_code == 410
    assert [act for act in log(console) if act[1] == "link"] == [("", "link", "", "refused", "")] * 3
    kept = repr(console.stores.acts.find(Filter()))
    assert not [each for each in (token, newer[-20:], "geraden") if each in kept]


def test_a_link_that_is_over_is_in_the_log_with_who_opened_it_if_somebody_is_signed_in(console, anna):
    assert console.signed_in(anna).get("/welkom/geraden").status_code == 410
    assert log(console) == [("Anna", "link", "", "refused", "")]


def test_a_link_that_ends_while_somebody_sets_up_is_in_the_log_with_whose_it_is(console, link):
    def meanwhile(page):
        console.stores.links.make(1)
        return {"code": "000000"}

    assert set_up(console, link, meanwhile).status_code == 410
    assert log(console) == [("Bert", "link", "Bert", "refused", "")]


# Forms of another site


def test_a_form_that_another_site_sends_is_in_the_log_once_a_minute_from_an_address(console, clock):
    for _ in range(3):
        assert console.browser().post("/uitloggen", origin="https://evil.example").status_code == 403
    assert log(console) == [("", "form", "/uitloggen", "refused", "origin")]
    clock.later(minutes=1)
    console.browser().post("/uitloggen", origin="")
    assert len(log(console)) == 2


def test_a_form_without_the_token_of_its_page_is_in_the_log_with_who_sent_it(console, anna):
    browser = console.signed_in(anna)
    for token in ("", "made.up.token", "another.one"):
        assert browser.post("/account/app", {"csrf_token": token}).status_code == 400
    assert log(console) == [("Anna", "form", "/account/app", "refused", "token")]


@pytest.mark.parametrize("origin", [URL, "https://evil.example"])
def test_of_a_form_behind_a_link_the_log_has_the_route_and_not_the_token(console, link, origin):
    console.browser().post(link, {"password": "x"}, origin=origin)
    console.browser().post(f"{link}/more", origin="https://evil.example")
    objects = {what for _, _, what, _, _ in log(console)}
    assert "/welkom/<token>" in objects
    assert objects <= {"/welkom/<token>", ""}


def test_a_route_has_no_other_secret_than_its_token(console):
    """Whoever adds a part to a route decides here whether it may stand in the log."""
    parts = {part for rule in console.app.url_map.iter_rules() for part in rule.arguments}
    assert parts == {"account", "code", "draft", "ident", "name", "prompt", "slug", "token"}


# Pages


def test_a_page_that_is_refused_is_in_the_log_once_a_minute_however_often_it_is_asked_for(
    console, clock, anna
):
    browser = console.signed_in(anna)
    for _ in range(3):
        browser.get("/gemeente/dorp?taal=en")
        browser.get("/accounts")
    assert [what for _, _, what, _, _ in log(console)] == ["/gemeente/dorp", "/accounts"]
    clock.later(minutes=1)
    browser.get("/accounts")
    assert log(console, 2) == [("Anna", "open-page", "/accounts", "refused", "")]


def test_of_a_path_that_somebody_makes_up_the_log_has_200_letters_that_can_be_printed(console, anna):
    browser = console.signed_in(anna)
    for ending in ("a", "b"):
        assert browser.get(f"/gemeente/{'x' * 500}{ending}").status_code == 403
    browser.get("/gemeente/a%00%E2%80%AE%0Ab")
    first, second = (what for _, _, what, _, _ in log(console))
    assert first == f"/gemeente/{'x' * 190}"
    assert second == "/gemeente/a???b"


@pytest.mark.parametrize(
    ("paths", "page"),
    [
        (["/verslag", "/verslag?maand=2026-11", "/verslag/plaatje.svg"], "/verslag"),
        (["/logboek", "/logboek?who=Anna"], "/logboek"),
    ],
)
def test_who_looks_at_the_report_or_the_log_is_in_the_log_once_an_hour(console, clock, paths, page):
    bea, cor = (console.signed_in(console.account(name, manager=True)) for name in ("Bea", "Cor"))
    for path in paths * 2:
        assert bea.get(path).status_code == 200
    cor.get(page)
    expected = [(who, "open-page", page, "done", "") for who in ("Bea", "Cor")]
    assert log(console) == expected
    clock.later(minutes=59)
    bea.get(page)
    assert log(console) == expected
    clock.later(minutes=1)
    bea.get(page)
    assert log(console) == [*expected, ("Bea", "open-page", page, "done", "")]


# Reading it


def cells(page):
    found = re.findall(r"<td[^>]*>(.*?)</td>", page)
    return [tuple(found[place + 1 : place + 5]) for place in range(0, len(found), 6)]


@pytest.fixture
def busy(console, anna):
    """A manager at a console at which something was refused."""
    browser = console.signed_in(anna)
    browser.get("/accounts")
    browser.post("/account/app", {})
    browser.submit("/account/app", {"app-password": WRONG}, page="/account")
    console.browser().get("/welkom/geraden")
    fail(console)
    try_password(console)
    return console.signed_in(console.account("Bea", manager=True))


def test_what_was_refused_can_be_read_in_the_log(busy):
    page = busy.get("/logboek").text
    assert cells(page) == [
        ("Anna", "inloggen", "Anna: wachtwoord", "moest wachten"),
        ("onbekend", "link geopend om in te stellen", "", "geweigerd"),
        ("Anna", "tweede stap erbij", "Anna: app voor codes", "geweigerd"),
        (
            *("Anna", "formulier verstuurd"),
            *("/account/app: door een oude pagina, of een andere site", "geweigerd"),
        ),
        ("Anna", "pagina openen", "/accounts", "geweigerd"),
    ]
    assert cells(busy.get("/logboek").text)[0] == ("Bea", "pagina openen", "/logboek", "gelukt")


@pytest.mark.parametrize(
    ("asked", "actions"),
    [
        ({"action": "link"}, ["link geopend om in te stellen"]),
        ({"action": "form"}, ["formulier verstuurd"]),
        ({"result": "delayed"}, ["inloggen"]),
        ({"result": "refused", "who": "anna", "action": "factor-add"}, ["tweede stap erbij"]),
        ({"result": "done"}, []),
    ],
)
def test_the_log_is_filtered_by_act_and_result(busy, asked, actions):
    page = busy.get("/logboek", query_string=asked).text
    assert [action for _, action, _, _ in cells(page)] == actions
    for name, value in asked.items():
        if name != "who":
            assert re.search(f'<option value="{value}" selected>', page), name


# While the database takes nothing more


def test_while_nothing_can_be_written_who_is_refused_gets_the_same_answer(console, anna, link, caplog):
    coordinator, manager, nobody = console.signed_in(anna), console.manager(), console.browser()
    fail(console)
    form = {"mail": MAIL, "password": PASSWORD, "csrf_token": token_on(nobody.get("/inloggen").text)}
    event.listen(
        console.outside.engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = ON")
    )
    answers = [
        nobody.post("/inloggen", form),
        nobody.get("/welkom/geraden"),
        nobody.post("/uitloggen", origin="https://evil.example"),
        nobody.post("/inloggen", {}),
        coordinator.get("/accounts"),
        manager.get("/verslag"),
        manager.get("/logboek"),
    ]
    assert [each.status_code for each in answers] == [200, 410, 403, 400, 403, 200, 200]
    assert "Het ging te vaak mis." in answers[0].text
    assert log(console) == []
    told = [record.getMessage() for record in caplog.records]
    assert told == ["an act is not in the log of acts: OperationalError"] * len(answers)
