"""The pages of managers: accounts and the log of acts; and those about the console itself."""

import re
from datetime import timedelta

import pytest
from support.console import make_console, refused
from support.homes import NOON

from ivr.store.acts import PAGE, Action, Filter, Result
from ivr.store.sessions import Stage

FORM = {"name": "Dirk", "mail": "Dirk@voorbeeldstad.example", "slug": "voorbeeldstad"}


@pytest.fixture
def console(shared_home, tmp_path):
    return make_console(shared_home, tmp_path)


@pytest.fixture
def manager(console):
    return console.signed_in(console.account("Bea", manager=True))


def the(console, name):
    return next(each for each in console.stores.accounts.all() if each.name == name)


def link_on(page):
    return re.search(r"https://console\.example(/welkom/[\w-]+)", page)[1]


def acts(console):
    found = console.stores.acts.find(Filter())
    return [(act.who, act.action, act.object, act.result, act.origin) for act in reversed(found)]


def test_a_manager_adds_an_account_and_gets_its_link_once(console, manager):
    page = manager.submit("/accounts", FORM)
    assert console.browser().get(link_on(page.text)).status_code == 200
    assert "/welkom/" not in manager.get("/accounts").text
    added = the(console, "Dirk")
    assert (added.mail, added.manager, added.municipalities) == (
        "dirk@voorbeeldstad.example",
        False,
        {"voorbeeldstad"},
    )
    assert acts(console) == [("Bea", "account-add", "Dirk", "done", "127.0.0.1")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " "}, "Vul een naam in."),
        ({"mail": "dirk"}, "Vul een e-mailadres in"),
        ({"slug": "elders"}, "Kies beheerder, of minstens één gemeente."),
        ({"mail": "bea@voorbeeldstad.example"}, "Er is al een account met dit e-mailadres."),
    ],
)
def test_an_account_that_is_not_filled_in_well_is_refused_at_its_field(console, manager, change, said):
    page = manager.submit("/accounts", {**FORM, **change})
    assert refused(page)
    assert said in page.text
    assert len(console.stores.accounts.all()) == 1


def test_what_was_typed_stays_when_something_is_wrong(manager):
    page = manager.submit("/accounts", {**FORM, "mail": 'x"><script>'}).text
    assert 'value="Dirk"' in page
    assert "<script>" not in page
    assert re.search(r'id="slug-voorbeeldstad"[^>]* checked', page)


def test_a_manager_changes_rights_and_they_hold_at_once(console, manager):
    account = console.account("Dirk", municipalities=["voorbeeldstad"])
    dirk = console.signed_in(account)
    manager.submit(f"/accounts/{account}", {"slug": "dorp"})
    page = dirk.get("/").text
    assert "Voorbeeldstad" not in page
    assert "Dorp" in page
    manager.submit(f"/accounts/{account}", {})
    assert "U hebt nog geen gemeente" in dirk.get("/").text


def test_a_new_link_ends_the_password_the_second_factor_and_the_sessions(console, manager):
    account = console.account("Dirk", municipalities=["voorbeeldstad"])
    dirk = console.signed_in(account)
    page = manager.submit(f"/accounts/{account}/link", page=f"/accounts/{account}")
    assert dirk.get("/").status_code == 303
    found = console.stores.accounts.by_id(account)
    assert (found.password, found.totp) == (None, None)
    assert console.browser().get(link_on(page.text)).status_code == 200


def test_a_removed_account_is_gone_and_its_acts_stay(console, manager):
    account = console.account("Dirk", municipalities=["voorbeeldstad"])
    console.stores.acts.add("Dirk", Action.SIGN_IN, "Dirk", Result.DONE, origin="192.0.2.1", account=account)
    console.stores.links.make(account)
    console.stores.sessions.begin(account, Stage.FULL)
    assert manager.submit(f"/accounts/{account}/weg", page=f"/accounts/{account}").status_code == 303
    assert [each.name for each in console.stores.accounts.all()] == ["Bea"]
    assert ("Dirk", "sign-in", "Dirk", "done", "192.0.2.1") in acts(console)


def test_an_id_is_never_given_to_somebody_else(console):
    first = console.account("Dirk")
    console.stores.accounts.remove(first)
    assert console.account("Eva") > first


def test_managers_cannot_lock_themselves_out(console, manager):
    bea = the(console, "Bea").id
    assert refused(manager.submit(f"/accounts/{bea}", {"slug": "dorp"}))
    assert refused(manager.submit(f"/accounts/{bea}/weg", page=f"/accounts/{bea}"))
    assert the(console, "Bea").manager


@pytest.mark.parametrize("path", ["/accounts/99", "/accounts/0", "/accounts/x"])
def test_an_account_that_is_not_there_is_told(manager, path):
    assert manager.get(path).status_code == 404


# The log of acts


@pytest.fixture
def log(shared_home, tmp_path):
    moments = [NOON]
    console = make_console(shared_home, tmp_path, moment=lambda: moments[0])
    for days, who, action, what in (
        (-3, "Anna", Action.SIGN_IN, "Anna"),
        (-1, "Bea", Action.ACCOUNT_ADD, "Dirk 100%"),
        (0, "", Action.SIGN_IN, ""),
    ):
        moments[0] = NOON + timedelta(days=days)
        result = Result.DONE if who else Result.REFUSED
        console.stores.acts.add(who, action, what, result, origin="192.0.2.7")
    return console.manager()


def shown(page):
    return re.findall(r"<td[^>]*>(\d\d-\d\d-\d{4} \d\d:\d\d:\d\d)</td>", page)


def test_the_log_tells_time_who_action_object_result_and_from_where_newest_first(log):
    page = log.get("/logboek").text
    assert shown(page) == ["24-11-2026 12:00:00", "23-11-2026 12:00:00", "21-11-2026 12:00:00"]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page)
    assert cells[:6] == ["24-11-2026 12:00:00", "onbekend", "inloggen", "", "geweigerd", "192.0.2.7"]
    assert cells[6:12] == [
        *("23-11-2026 12:00:00", "Bea", "account toegevoegd"),
        *("Dirk 100%", "gelukt", "192.0.2.7"),
    ]


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ({"who": "anna"}, [21]),
        ({"action": "account-add"}, [23]),
        ({"action": "no such"}, [24, 23, 21]),
        ({"object": "100%"}, [23]),
        ({"object": "%"}, [23]),
        ({"since": "2026-11-22", "until": "2026-11-23"}, [23]),
        ({"since": "gisteren", "until": "9999-12-31"}, [24, 23, 21]),
        ({"before": "x"}, [24, 23, 21]),
        ({"who": "' OR 1=1"}, []),
    ],
)
def test_the_log_is_filtered(log, asked, days):
    page = log.get("/logboek", query_string=asked).text
    assert [int(moment[:2]) for moment in shown(page)] == days


def test_a_long_log_has_pages(console, manager):
    for number in range(PAGE + 2):
        console.stores.acts.add("Anna", Action.SIGN_IN, str(number), Result.DONE, origin="x")
    first = manager.get("/logboek?who=Anna").text
    assert len(shown(first)) == PAGE
    older = re.search(r'href="(/logboek\?before=[^"]+)"', first)[1].replace("&amp;", "&")
    assert "who=Anna" in older
    second = manager.get(older).text
    assert len(shown(second)) == 2
    assert "Ouder" not in second


# About the console


def test_security_txt_says_how_to_report_a_hole_and_for_how_long_that_holds(shared_home, tmp_path):
    browser = make_console(shared_home, tmp_path, contact="mailto:beheer@voorbeeld.nl").browser()
    answer = browser.get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        "Contact: mailto:beheer@voorbeeld.nl",
        "Expires: 2027-05-23T00:00:00Z",
        "Preferred-Languages: nl, en",
        "Canonical: https://console.example/.well-known/security.txt",
    ]


def test_without_a_contact_there_is_no_security_txt(console):
    assert console.browser().get("/.well-known/security.txt").status_code == 404


def test_everybody_can_read_the_accessibility_statement(console):
    page = console.browser().get("/toegankelijkheid")
    assert "WCAG 2.2" in page.text
