"""The line as an operator runs it: a real server with an account, watched, killed, and brought back."""

import json
import os
import re
import shutil
import signal
import time

import pytest
import requests
from support.homes import NOON, TOKEN, edit, make_real, make_timeless
from support.machines import DEPLOY, Program, filled_in, free_port, needed
from support.operated import CLERK, DESK, Operated
from support.twilio_stand_in import stand_in
from twilio.request_validator import RequestValidator

from ivr.config.reading import read
from ivr.exchange.transcript import steps
from ivr.model.files import SETTINGS
from ivr.model.findings import Severity
from ivr.model.limits import STOP_SECONDS
from ivr.store.counts import by_month
from ivr.store.erasures import FIRST, waiting
from ivr.store.opening import database_url, open_database

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]


@pytest.fixture(scope="module")
def real_home(tmp_path_factory):
    return make_timeless(tmp_path_factory.mktemp("operated") / "home")


@pytest.fixture
def operate():
    """Starts lines; those that a test leaves running, because it failed, are ended."""
    started = []

    def start(home, **env):
        started.append(Operated(home, **env))
        return started[-1]

    yield start
    for line in started:
        line.kill()


@pytest.fixture(scope="module")
def operated(real_home):
    line = Operated(real_home)
    yield line
    line.stop()


def test_prometheus_is_told_of_requests_outcomes_and_how_things_stand(operated):
    before = operated.metrics()
    operated.call("1#3", {"police": ["busy", "answer"]})
    requests.post(f"{operated.url}/voice", data={"To": DESK}, timeout=20)

    def more(name):
        return operated.metrics().get(name, 0) - before.get(name, 0)

    # Each worker gathers what it was told once a second.
    operated.until(lambda: more('balielijn_requests_total{status="200"}') >= 5)
    operated.until(lambda: more("balielijn_request_seconds_count") >= 6)
    operated.until(lambda: more('balielijn_outcomes_total{item="police",outcome="next"}') == 1)
    operated.until(lambda: more('balielijn_outcomes_total{item="police",outcome="talked"}') == 1)
    assert more('balielijn_requests_total{status="403"}') == 1
    assert more("balielijn_refused_total") == 1
    after = operated.metrics()
    assert after["balielijn_failures_total"] == 0
    assert after["balielijn_config_degraded"] == after["balielijn_closed"] == 0
    assert after["balielijn_config_read_timestamp_seconds"] > time.time() - 600
    warnings = [
        each for each in read(operated.home, NOON, public=True).findings if each.severity is Severity.WARNING
    ]
    assert after['balielijn_findings{level="warning"}'] == len(warnings)
    assert after["balielijn_erasures_waiting"] == 0
    operated.until(lambda: operated.metrics()["balielijn_store_reachable"] == 1)


def test_prometheus_itself_reads_the_page_by_the_example_and_knows_a_dead_line(real_home, tmp_path, operate):
    program = needed("prometheus", "prometheus")
    line = operate(real_home, IVR_STATE=str(tmp_path / "state"))
    shutil.copy(DEPLOY / "alerts.yaml", tmp_path)
    settings = filled_in(
        "prometheus.yaml",
        {
            "10.0.0.11:8000, 10.0.0.12:8000": line.url.removeprefix("http://"),
            "_interval: 1m": "_interval: 1s",
        },
    )
    (tmp_path / "prometheus.yml").write_text(settings, "utf-8")
    port = free_port()
    watching = Program(
        [
            program,
            f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        tmp_path / "prometheus.log",
    )

    def found(query):
        url = f"http://127.0.0.1:{port}/api/v1/query"
        try:
            told = requests.get(url, params={"query": query}, timeout=20).json()
        except requests.RequestException:
            return []
        return [float(each["value"][1]) for each in told["data"]["result"]]

    try:
        line.until(lambda: found("up") == [1])
        line.call("1#3")
        line.until(lambda: found('balielijn_outcomes_total{item="police",outcome="talked"}') == [1])
        line.kill()
        watching.until(lambda: found('ALERTS{alertname="BalielijnDown"}') == [1])
    finally:
        watching.kill()


def test_what_was_counted_is_in_the_store_after_a_stop(real_home, tmp_path, operate):
    line = operate(real_home, IVR_STATE=str(tmp_path / "state"))
    line.call("3")
    line.stop()
    counted = by_month(open_database(database_url(None, tmp_path / "state")))
    assert [(each.item, each.outcome.value, each.times) for each in counted] == [
        ("main", "used", 1),
        ("police", "talked", 1),
        ("police", "used", 1),
    ]


def test_what_was_counted_is_kept_also_where_the_database_hangs_during_a_stop(
    real_home, tmp_path, operate, postgres
):
    kept = {"IVR_STATE": str(tmp_path / "state"), "IVR_DATABASE_URL": postgres.url}
    line = operate(real_home, **kept)
    line.until(lambda: line.get("/health").json()["store"] == "reachable")
    postgres.hang()
    for _ in range(20):
        line.call("3")
    began = time.monotonic()
    line.stop()
    assert time.monotonic() - began < STOP_SECONDS + 5  # after which systemd ends it
    postgres.hang(signal.SIGCONT)
    line = operate(real_home, **kept)
    line.until(lambda: not list((tmp_path / "state/spool").glob("*.counts")))
    line.stop()
    engine = open_database(postgres.url)
    counted = {(each.item, each.outcome.value): each.times for each in by_month(engine)}
    engine.dispose()
    assert counted == {("main", "used"): 20, ("police", "used"): 20, ("police", "talked"): 20}


def test_each_log_line_is_json_with_a_time_a_level_and_a_request(operated):
    lines = [json.loads(line) for line in operated.log.read_text().splitlines()]
    assert lines
    for line in lines:
        assert {"time", "level", "logger", "message", "request"} <= set(line)
    text = operated.log.read_text()
    assert not re.search(r"CA[0-9a-f]{32}", text)
    assert CLERK.removeprefix("+31") not in text


def test_every_answer_has_safe_headers_and_no_number_that_counts_calls(operated):
    for path in ("/health", "/nothing", "/voice", "/audio/0.wav"):
        headers = operated.get(path).headers
        assert "X-Request-Id" not in headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/health/", "/metrics/", "/health%2F", "//health", "/Health"])
def test_what_only_looks_like_a_page_from_inside_is_not_there(operated, path):
    assert operated.get(path).status_code == 404


def test_what_is_kept_is_for_nobody_else_to_read(operated):
    state = operated.home.root / "state"
    operated.until((state / "balielijn.db").exists)
    assert [path for path in (state, *state.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_headers_and_bodies_beyond_all_need_are_refused(operated):
    assert requests.get(f"{operated.url}/health", headers={"X": "x" * 5_000}, timeout=20).status_code == 431
    many = {f"X-{number}": "x" for number in range(80)}
    assert requests.get(f"{operated.url}/health", headers=many, timeout=20).status_code == 431
    assert requests.post(f"{operated.url}/voice", data={"x": "x" * 70_000}, timeout=20).status_code == 403


def test_without_an_account_the_clerk_hears_that_the_telephone_service_keeps_the_call(operated):
    told = " ".join(step["hears"] for step in steps(operated.call("4")) if "hears" in step)
    assert "Onze telefoondienst ook." in told


def test_an_erasure_survives_a_crash_while_the_store_is_away_and_is_fulfilled_after_the_restart(
    real_home, tmp_path, operate
):
    state = tmp_path / "state"
    with stand_in() as twilio:
        away = {"IVR_DATABASE_URL": "postgresql://line@127.0.0.1:1/line"}
        line = operate(real_home, **twilio.env, **away, IVR_STATE=str(state))
        told = " ".join(step["hears"] for step in steps(line.call("4")) if "hears" in step)
        assert "Bij ons wordt het gewist." in told
        spool = state / "spool"
        (call, *_) = sorted({path.read_text() for path in spool.glob("*.erasure")})
        both = {path.read_text() for path in spool.glob("*.erasure")}
        assert len(both) == 2
        line.until(lambda: line.get("/health").json()["erasures"]["waiting"] >= 2)
        assert line.metrics()["balielijn_erasures_waiting"] == 0  # it would tell when somebody called
        for path in spool.iterdir():
            os.utime(path, (time.time() - 7200, time.time() - 7200))
        # The call and its leg: now somebody should look.
        line.until(lambda: line.metrics()["balielijn_erasures_waiting"] == 2)
        line.kill()
        for sid in both:
            record = twilio.records["Calls"][twilio.add_call(DESK, CLERK)]
            del twilio.records["Calls"][record["sid"]]
            twilio.records["Calls"][sid] = {**record, "sid": sid}
        for path in spool.iterdir():
            os.utime(path, (time.time() - FIRST, time.time() - FIRST))
        line = operate(real_home, **twilio.env, IVR_STATE=str(state))
        line.until(lambda: not twilio.records["Calls"] and not list(spool.iterdir()))
        line.until(lambda: line.get("/health").json()["erasures"] == {"waiting": 0, "oldest_seconds": 0})
        line.stop()
    assert waiting(open_database(database_url(None, state))) == {}
    assert call.encode() not in (state / "balielijn.db").read_bytes()
    assert not re.search(r"CA[0-9a-f]{32}", line.log.read_text())


def test_a_public_address_that_changes_in_the_file_is_known_to_every_worker(tmp_path, operate):
    home = make_real(tmp_path / "home")
    edit(home, "# public_url: https://lijn.voorbeeld.nl", "public_url: https://old.example", SETTINGS)
    line = operate(home, IVR_PUBLIC_URL="")

    def let_in(public):
        form = {"To": DESK, "From": CLERK}
        signed = RequestValidator(TOKEN).compute_signature(f"{public}/voice", form)
        answer = requests.post(
            f"{line.url}/voice", data=form, headers={"X-Twilio-Signature": signed}, timeout=20
        )
        return answer.status_code == 200

    # The supervisor and each worker: one that starts after the change never knew the old address.
    line.until(lambda: line.log.read_text().count("configuration read") == 1 + len(line.workers()))
    assert let_in("https://old.example")
    edit(home, "https://old.example", "https://new.example", SETTINGS)
    line.until(lambda: all(let_in("https://new.example") for _ in range(12)))
    assert let_in("https://old.example")  # which Twilio may still know
    assert not let_in("https://other.example")
    line.stop()


def test_workers_that_die_and_a_restart_while_a_file_has_an_error_leave_what_was_good_last(tmp_path, operate):
    home = make_real(tmp_path / "home")
    line = operate(home)
    path = home.root / "prompts/nl.yaml"
    right = path.read_text("utf-8").replace("Balielijn mensenhandel. Bij", "Nieuwe woorden. Bij")
    path.write_text(right, "utf-8")
    line.until(lambda: all(line.greets().startswith("Nieuwe woorden.") for _ in range(12)))
    path.write_text(right.replace("welcome:", "wellcome:"), "utf-8")
    line.until(lambda: line.get("/health").json()["status"] == "degraded")
    before = line.workers()
    for worker in before:
        os.kill(int(worker), signal.SIGKILL)
    line.until(lambda: len(set(line.workers()) - set(before)) == len(before) and line.get("/health"))
    assert all(line.greets().startswith("Nieuwe woorden.") for _ in range(12))
    line.stop()
    line = operate(home)
    assert all(line.greets().startswith("Nieuwe woorden.") for _ in range(12))
    assert line.get("/health").json()["status"] == "degraded"
    assert "what was good last is in use, of 20" in line.log.read_text()
    line.stop()
