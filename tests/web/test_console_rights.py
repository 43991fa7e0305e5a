"""Who may open which page: all routes of the URL map, as each kind of person, against one table."""

from http import HTTPStatus

import pytest
from support.console import make_console

from ivr.console.rights import RIGHTS, Right, allowed
from ivr.console.viewer import Viewer

OWN, OTHER = "voorbeeldstad", "dorp"
FILLED = {"slug": OWN, "account": 1, "token": "x", "name": "x"}
"""Values for the parts of a URL. Any other part: 1."""
WHO_MAY = {
    "nobody": {Right.ANYBODY},
    "without-rights": {Right.ANYBODY, Right.SIGNED_IN},
    "other": {Right.ANYBODY, Right.SIGNED_IN},
    "own": {Right.ANYBODY, Right.SIGNED_IN, Right.OWN},
    "manager": set(Right),
}
"""Kind of person → the rights of the pages that are opened."""
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


@pytest.fixture(scope="module")
def console(shared_home, tmp_path_factory):
    return make_console(shared_home, tmp_path_factory.mktemp("state"))


def browser_of(console, who):
    match who:
        case "nobody":
            return console.browser()
        case "without-rights":
            return console.signed_in()
        case "other":
            return console.coordinator(OTHER)
        case "own":
            return console.coordinator(OWN)
        case "manager":
            return console.manager()


def routes(console):
    """Each route with each of its methods, and a URL of it."""
    urls = console.app.url_map.bind("console.example", url_scheme="https")
    for rule in console.app.url_map.iter_rules():
        values = {name: FILLED.get(name, 1) for name in rule.arguments}
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "DELETE", "PATCH"}):
            yield rule.endpoint, method, urls.build(rule.endpoint, values, method=method)


def is_refused(answer):
    """Whether somebody was refused, or sent to the sign-in page; not: what is wrong with a form."""
    sign_in = answer.headers.get("Location", "").startswith("/inloggen?next=")
    return answer.status_code in REFUSED or (answer.status_code == HTTPStatus.SEE_OTHER and sign_in)


@pytest.mark.parametrize("who", WHO_MAY)
def test_each_route_is_open_to_whom_the_table_says_and_to_nobody_else(console, who):
    found = {}
    for endpoint, method, url in routes(console):
        # Without the token of a form nothing is changed: 400 is the answer to who may send it.
        answer = browser_of(console, who).client.open(
            url, method=method, base_url=console.outside.url, headers={"Origin": console.outside.url}
        )
        found[endpoint, method] = not is_refused(answer)
    assert {endpoint for endpoint, _ in found} == RIGHTS.keys()
    expected = {route: RIGHTS[route[0]] in WHO_MAY[who] for route in found}
    assert {route: may for route, may in found.items() if may != expected[route]} == {}


@pytest.mark.parametrize("who", ["without-rights", "other"])
def test_a_coordinator_sees_nothing_of_another_municipality(console, who):
    page = browser_of(console, who).get("/").text
    assert "Voorbeeldstad" not in page
    assert ("Dorp" in page) == (who == "other")


def test_a_form_of_who_may_not_send_it_is_refused_before_it_is_read(console):
    answer = console.coordinator(OWN).post(
        "/accounts", {"name": "Mallory", "mail": "m@x.nl", "manager": "on"}
    )
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Mallory" not in str(console.stores.accounts.all())


@pytest.mark.parametrize("right", Right)
def test_rights_of_a_municipality_are_those_of_the_url(right):
    own = Viewer("Anna", municipalities=frozenset({OWN}))
    manager = Viewer("Bert", manager=True)
    expected = {
        Right.ANYBODY: (True, True, True, True),
        Right.SIGNED_IN: (False, True, True, True),
        Right.OWN: (False, True, False, True),
        Right.MANAGER: (False, False, False, True),
    }
    found = (
        allowed(right, None, {"slug": OWN}),
        allowed(right, own, {"slug": OWN}),
        allowed(right, own, {"slug": OTHER}),
        allowed(right, manager, {"slug": OTHER}),
    )
    assert found == expected[right]
