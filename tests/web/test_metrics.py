"""What Prometheus is told: each figure is what its name says, and none is finer than it may be."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client.utils import floatToGoString
from support.homes import HERE, NOON
from support.machines import DEPLOY
from support.web import reach

from ivr.config.live import Live
from ivr.dialogue.usage import Anonymous, Count, Outcome
from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.model.closure import Closure
from ivr.model.findings import Finding, Severity
from ivr.model.limits import LATE_SECONDS
from ivr.web.prometheus import _SECONDS, Prometheus
from ivr.web.recorder import NullRecorder

STORE = NullRecorder().status()
"""Of a store with which all is well."""
LATER = NOON + timedelta(days=1)
WRONG = Finding("number-invalid", "config/line.yaml")
ODD = Finding("prompt-unused", "prompts/nl.yaml", severity=Severity.WARNING)


@pytest.fixture(scope="module")
def snapshot(shared_home):
    return Live(shared_home, lambda: NOON, public=False).snapshot


@pytest.fixture
def watch(tmp_path):
    return Prometheus(tmp_path)


@pytest.fixture
def page(watch, snapshot):
    """Every sample that is told: name with its labels → value."""

    def read(kept=None, **changes):
        text, _ = watch.page(replace(snapshot, **changes), kept or STORE, LATER)
        samples = (line.rsplit(" ", 1) for line in text.decode().splitlines() if line[0] != "#")
        return {name.removeprefix("balielijn_"): float(value) for name, value in samples}

    return read


@pytest.mark.parametrize(("happened", "name"), [("failed", "failures_total"), ("refused", "refused_total")])
def test_what_goes_wrong_is_counted(watch, page, happened, name):
    getattr(watch, happened)()
    assert page()[name] == 1


def test_an_answer_is_counted_in_each_bucket_that_it_fits_into_and_summed_as_coarsely(watch, page):
    for seconds in (0.001, 0.25, 0.26, 20):
        watch.answered(200, seconds)
    told = page()
    buckets = {"0.25": 2, "1.0": 3, "5.0": 3, "15.0": 3, "+Inf": 4}
    assert {le: told[f'request_seconds_bucket{{le="{le}"}}'] for le in buckets} == buckets
    assert told["request_seconds_sum"] == 0.25 + 0.25 + 1 + 60
    assert told["request_seconds_count"] == told['requests_total{status="200"}'] == 4


def test_the_buckets_that_alerts_look_at_are_those_that_there_are():
    asked = set()
    for file in (DEPLOY / "alerts.yaml", HERE / "alerts.yaml"):
        asked |= set(re.findall(r'le="([^"]+)"', file.read_text("utf-8")))
    assert asked
    assert asked <= {"+Inf", *map(floatToGoString, _SECONDS)}


def test_an_alert_looks_at_nothing_that_is_not_told(watch, page):
    watch.answered(200, 0.1)
    watch.failed()
    watch.refused()
    watch.counted((Count("dorp", "police", Outcome.TALKED),))
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
    asked = set(re.findall(r"balielijn_(\w+)", " ".join(rule["expr"] for rule in rules)))
    assert asked
    assert asked <= {name.partition("{")[0] for name in page()}


def test_the_configurations_age_is_that_of_its_reading(page):
    assert page()["config_read_timestamp_seconds"] == NOON.timestamp()


def test_degraded_is_told_while_a_file_has_an_error(page):
    assert page(findings=(ODD,))["config_degraded"] == 0
    assert page(findings=(ODD, WRONG))["config_degraded"] == 1


def test_closed_is_told_while_the_line_is_closed(page, snapshot):
    closure = Closure.model_construct(reason="x", since=NOON)
    assert page()["closed"] == 0
    assert page(line=replace(snapshot.line, closure=closure))["closed"] == 1


@pytest.mark.parametrize("reachable", [True, False])
def test_whether_the_store_can_be_reached_is_told(page, reachable):
    assert page(replace(STORE, reachable=reachable))["store_reachable"] == reachable


def test_of_the_erasures_those_that_are_late_are_told_and_how_long_the_oldest_has_waited(page):
    told = page(replace(STORE, erasure_ages=(10, LATE_SECONDS, LATE_SECONDS + 1, LATE_SECONDS + 90)))
    assert (told["erasures_waiting"], told["erasures_oldest_seconds"]) == (2, LATE_SECONDS + 90)


def test_findings_are_told_by_their_own_level(page):
    told = page(findings=(ODD, WRONG, ODD))
    assert (told['findings{level="error"}'], told['findings{level="warning"}']) == (1, 2)


class Counted:
    """A worker's counts: what it writes into the shared folder, under a process id of its own."""

    def __init__(self, folder, pid, monkeypatch):
        with monkeypatch.context() as other:
            other.setattr("os.getpid", lambda: pid)
            self.watch = Prometheus(folder)


def test_the_counts_of_all_workers_are_added_up_also_of_those_that_died(tmp_path, snapshot, monkeypatch):
    one, other = (Counted(tmp_path, pid, monkeypatch).watch for pid in (1, 2))
    for watch, times in ((one, 2), (other, 3)):
        for _ in range(times):
            watch.answered(200, 0.01)
            watch.counted((Count("dorp", "police", Outcome.TALKED), Anonymous(Outcome.USED)))
        watch.share()
    del other
    text, _ = one.page(snapshot, STORE, LATER)
    assert b'balielijn_requests_total{status="200"} 5.0' in text
    assert b'balielijn_request_seconds_bucket{le="0.25"} 5.0' in text
    assert b'balielijn_outcomes_total{item="police",outcome="talked"} 5.0' in text
    assert text.count(b"# TYPE balielijn_outcomes_total counter") == 1


def test_a_disk_that_is_full_costs_no_call_and_this_workers_figures_are_told_all_the_same(
    snapshot, monkeypatch
):
    watch = Prometheus(Path("/dev/full/nowhere"))
    watch.refused()
    watch.share()
    text, _ = watch.page(snapshot, STORE, LATER)
    assert b"balielijn_refused_total 1.0" in text


def test_a_call_to_the_tip_line_is_as_one_that_hung_up_in_the_menu(watch, page, shared_home):
    line = reach(shared_home, metrics=watch)

    def outcomes(keys, *ends):
        before = page()
        far_end = ScriptedFarEnd({"tip-line": list(ends)}, {"+318007000": "tip-line"})
        Exchange(line, far_end, {}).call("+31200000199", "+31200000001", ScriptedCaller(keys))
        found = {name: value - before.get(name, 0) for name, value in page().items() if "outcomes" in name}
        return {name: more for name, more in found.items() if more}

    assert outcomes("4h") == outcomes("4h", "busy") == outcomes("h") != {}
