"""Health: whether the line can answer, by a status that a load balancer understands."""

import logging
from dataclasses import replace

import pytest
from support.homes import NOON, edit
from support.web import client_of, make_app

from ivr.config.live import Live
from ivr.config.reading import read
from ivr.config.shipped import shipped
from ivr.web.health import health
from ivr.web.recorder import NullRecorder

STORE = NullRecorder().status()
"""Of a store with which all is well."""

TOLD = {
    "status": "toestand",
    "closed": "of de lijn dicht is",
    "read": "wanneer haar bestanden zijn gelezen",
    "version": "een kenmerk van hun inhoud",
    "findings": "codes van bevindingen",
    "late": "of wijzigingen nog worden gezien",
    "store": "of de database te bereiken is",
    "erasures.waiting": "aantal",
    "erasures.oldest_seconds": "leeftijd van wachtende wissingen",
}
"""Field of /health → its words in the row of docs/privacy.md."""


@pytest.fixture(scope="module")
def live(shared_home):
    return Live(shared_home, lambda: NOON, public=False)


def test_health_tells_codes_and_no_number_or_name(live):
    client = client_of(make_app(live))
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ok",
        "closed": False,
        "read": "2026-11-24T11:00:00+00:00",
        "version": live.snapshot.version,
        "late": False,
        "findings": ["accept-off"],
        "store": "reachable",
        "erasures": {"waiting": 0, "oldest_seconds": 0},
    }


def test_the_version_in_use_is_that_of_the_files_and_of_nothing_else(home):
    live = Live(home, lambda: NOON, public=False)
    first = live.snapshot.version
    assert first == read(home, NOON).version
    edit(home, "020-000 00 02", "020-000 00 04")
    live.refresh()
    assert live.snapshot.version == read(home, NOON).version != first
    edit(home, "020-000 00 04", "112")
    live.refresh()
    assert live.snapshot.version != read(home, NOON).version  # what is in use stays
    edit(home, "112", "020-000 00 02")
    live.refresh()
    assert live.snapshot.version == first


@pytest.mark.parametrize("lost", [{"prompts": {}}, {"municipalities": {}}])
def test_a_line_that_can_answer_no_call_fails(live, lost):
    broken = replace(live.snapshot, line=replace(live.snapshot.line, **lost))
    told, status = health(broken, STORE, NOON, late=False)
    assert (status, told["status"]) == (503, "failing")


def test_an_error_is_logged_by_its_kind_and_not_by_its_text(live, caplog):
    def document(*_):
        raise ValueError("geheim")

    with caplog.at_level(logging.DEBUG):
        health(replace(live.snapshot, document=document), STORE, NOON, late=False)
    assert ("ValueError" in caplog.text, "geheim" in caplog.text) == (True, False)


def test_a_store_that_is_away_keeps_no_call_from_the_line(live):
    told, status = health(live.snapshot, replace(STORE, reachable=False), NOON, late=False)
    assert (status, told["status"], told["store"]) == (200, "degraded", "away")


def test_the_oldest_erasure_is_the_one_that_has_waited_longest(live):
    told, _ = health(live.snapshot, replace(STORE, erasure_ages=(5.0, 90.4, 7.0)), NOON, late=False)
    assert told["erasures"] == {"waiting": 3, "oldest_seconds": 90}


def test_a_watcher_of_the_files_that_is_late_keeps_no_call_from_the_line(live):
    told, status = health(live.snapshot, STORE, NOON, late=True)
    assert (status, told["status"], told["late"]) == (200, "degraded", True)


def test_the_privacy_statement_tells_of_every_field(live):
    body, _ = health(live.snapshot, STORE, NOON, late=False)
    fields = {
        f"{name}.{inner}" if inner else name
        for name, value in body.items()
        for inner in (value if isinstance(value, dict) else ("",))
    }
    privacy = (shipped() / "docs/privacy.md").read_text("utf-8")
    row = privacy.partition("\n| `/health` | ")[2].partition(" | ")[0]
    assert fields == TOLD.keys()
    assert [words for words in TOLD.values() if words not in row] == []
