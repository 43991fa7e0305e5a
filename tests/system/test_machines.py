"""More than one machine: callers notice nothing when a line and the database fall over.

PostgreSQL, two lines and a proxy as in `deploy/` are really started, and 200 golden calls go on at once.
"""

import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import select, update
from support import machines, pure
from support.golden import CALLS, Golden
from support.homes import TOKEN, make_real
from support.twilio_stand_in import stand_in
from twilio.request_validator import RequestValidator

from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.transcript import steps
from ivr.exchange.wire import OverHttp, ReachedLine
from ivr.store.counts import by_month
from ivr.store.erasures import waiting
from ivr.store.opening import migrate, open_database
from ivr.store.tables import ERASURES
from ivr.web.recorder import NullRecorder

DESK, CLERK = "+31200000001", "+31200000199"
AT_ONCE = 200
ADDRESSES = 8
"""From which the calls come: from one, nginx takes 64 connections at once."""
TIPS = 20
"""Calls to the tip line at once."""
LASTS = 12
"""Seconds that each call lasts, so that all are in their middle when something falls over."""
HANGS, KILLED, STOPPED, BACK = 2, 3, 4, 9
"""Seconds after the first ring: a line hangs, it is gone, the database is gone, the database is back."""
LONGEST = 12
"""Seconds for one document, at worst: a line that is away, or one that hangs, and then the other."""
MOMENTS = [
    datetime.fromisoformat(at)
    for at in (
        *("2026-11-24T10:00+01:00", "2026-11-24T17:30+01:00", "2026-11-28T13:00+01:00"),
        *("2026-11-28T23:00+01:00", "2026-12-24T10:00+01:00", "2026-12-25T03:00+01:00"),
        *("2027-03-28T03:30+02:00", "2027-10-31T02:30+01:00", "2028-02-29T10:00+01:00"),
    )
]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("machines")]


class Clerk(ScriptedCaller):
    """Takes a while before each key, as people do."""

    def __init__(self, keys, pause):
        super().__init__(keys)
        self.pause = pause

    def waits(self, seconds):
        time.sleep(self.pause)
        return super().waits(seconds)


class FromAddress(HTTPAdapter):
    """Asks from a certain address of this machine: all of 127.0.0.0/8 is its own."""

    def __init__(self, source):
        self.source = source
        super().__init__()

    def init_poolmanager(self, *args, **more):
        super().init_poolmanager(*args, source_address=(self.source, 0), **more)


class Timed(OverHttp):
    """Asks from an address, as Twilio from many. Notes when it asked, and how long each document took."""

    def __init__(self, source):
        super().__init__()
        self._session.mount("https://", FromAddress(source))
        self.asked = []

    def send(self, method, url, form, headers):
        began = time.monotonic()
        answer = super().send(method, url, form, headers)
        self.asked.append((began, time.monotonic() - began))
        return answer


@pytest.fixture(scope="module")
def timeless(line):
    """The golden calls that go the same at any moment: a line that serves has the real clock."""

    def at(golden, moment):
        return steps(
            pure.play(
                line, golden.caller, golden.dialled, golden.person(), golden.far_end(), moment, golden.names()
            )
        )

    goldens = [Golden(file, line) for file in CALLS]
    chosen = [each for each in goldens if all(at(each, moment) == each.told["call"] for moment in MOMENTS)]
    assert len(chosen) > 20
    return chosen


@pytest.fixture
def real_home(folder):
    return make_real(folder / "home")


@pytest.fixture
def public_port():
    return machines.free_port()


@pytest.fixture
def account():
    """What a line knows of an account at Twilio: nothing."""
    return {}


@pytest.fixture
def lines(folder, real_home, public_port, postgres, account):
    url = f"https://127.0.0.1:{public_port}"
    more = {"IVR_DATABASE_URL": postgres.url, **account}
    two = [machines.ServedLine(folder / name, real_home, url, TOKEN, **more) for name in ("one", "two")]
    try:
        for each in two:
            each.wait()
        yield two
    finally:
        for each in two:
            each.program.kill()


@pytest.fixture
def nginx(folder, public_port, lines, monkeypatch):
    with machines.nginx(folder, public_port, [each.port for each in lines]) as (url, authority):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        yield url


@pytest.fixture
def caddy(folder, public_port, lines, monkeypatch):
    with machines.caddy(folder, public_port, lines[0].port) as (url, authority):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        yield url


def play(golden, url, lasts, source):
    """One call to its end; its transcript, and when its documents were asked for. `source`: from where."""
    keys = golden.told.get("keys", "")
    waits = sum(1 for step in golden.told["call"] if step.keys() & {"presses", "silence"}) + keys.count("h")
    wire = Timed(source)
    exchange = Exchange(
        ReachedLine(wire, TOKEN, url),
        golden.far_end(),
        golden.names(),
        frozenset({golden.municipality.shown}),
    )
    clerk = Clerk(keys, lasts / max(waits, 1))
    return steps(exchange.call(golden.caller, golden.dialled, clerk)), wire.asked


def test_no_caller_notices_that_a_line_and_the_database_fall_over(nginx, lines, postgres, timeless, home):
    began = time.monotonic()

    def at(moment):
        time.sleep(max(0, began + moment - time.monotonic()))

    goldens = [timeless[number % len(timeless)] for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as clerks:
        calls = [
            clerks.submit(play, golden, nginx, LASTS, f"127.0.1.{1 + number % ADDRESSES}")
            for number, golden in enumerate(goldens)
        ]
        at(HANGS)
        lines[0].program.send(signal.SIGSTOP)  # so that it has questions on its desk when it dies
        at(KILLED)
        lines[0].program.kill()
        at(STOPPED)
        postgres.stop()
        at(BACK)
        postgres.start()
    asked = []
    for golden, call in zip(goldens, calls, strict=True):
        transcript, documents = call.result()
        assert transcript == golden.told["call"]
        asked += documents
    for first, last in ((0, HANGS), (HANGS, KILLED), (KILLED, STOPPED), (STOPPED, BACK), (BACK, 2 * LASTS)):
        between = [spent for when, spent in asked if first <= when - began < last]
        assert between, f"nobody asked between {first} and {last} s"
        assert max(between) < LONGEST
    reaches_the_database(postgres, sum(counts_of(golden, home) for golden in goldens))
    page = requests.get(f"{lines[1].url}/metrics", timeout=20).text
    assert watched() - set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE)) == set()


class TestWithAnAccount:
    @pytest.fixture
    def twilio(self):
        with stand_in() as service:
            yield service

    @pytest.fixture
    def account(self, twilio):
        return twilio.env

    def test_every_call_to_the_tip_line_is_erased_once_whichever_machine_answered_it(
        self, nginx, postgres, twilio
    ):
        def call(_):
            far_end = ScriptedFarEnd({"tip-line": ["busy"]}, {"+318007000": "tip-line"})
            Exchange(ReachedLine(OverHttp(), TOKEN, nginx), far_end, {}).call(
                CLERK, DESK, ScriptedCaller("4-h")
            )

        with ThreadPoolExecutor(TIPS) as clerks:
            list(clerks.map(call, range(TIPS)))
        store = open_database(postgres.url)
        migrate(store)
        eventually(lambda: len(waiting(store)) == 2 * TIPS)  # each call and its leg to the tip line
        with store.begin() as connection:
            sids = set(connection.scalars(select(ERASURES.c.sid)))
            for sid in sids:
                twilio.add_call(DESK, CLERK, sid=sid)
            connection.execute(
                update(ERASURES).values(due=0)
            )  # as if the minute before the first try were over
        eventually(lambda: not twilio.records["Calls"] and not waiting(store))
        store.dispose()
        deleted = [asked.path.rpartition("/")[2] for asked in twilio.asked if asked.method == "DELETE"]
        assert sorted(deleted) == sorted(f"{sid}.json" for sid in sids)


def eventually(holds):
    end = time.monotonic() + machines.PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.1)


def reaches_the_database(postgres, expected):
    """All counts but those of the line that died, which keeps a second of them in memory."""
    store = open_database(postgres.url)
    end = time.monotonic() + machines.PATIENCE
    try:
        while (
            not 0.85 * expected <= (stored := sum(each.times for each in by_month(store))) <= 1.05 * expected
        ):
            assert time.monotonic() < end, f"{stored} of {expected} counts are in the database"
            time.sleep(0.2)
    finally:
        store.dispose()


class Counting(NullRecorder):
    def __init__(self):
        self.times = 0

    def count(self, counts, day):
        self.times += len(tuple(counts))


def counts_of(golden, home):
    """How much one call counts, when nothing falls over."""
    counting = Counting()
    golden.played_on(home, recorder=counting)
    return counting.times


def watched():
    """What the rules for Prometheus look at, as /metrics names it."""
    names = re.findall(r"balielijn_\w+", (machines.DEPLOY / "alerts.yaml").read_text("utf-8"))
    return {name.removesuffix("_bucket").removesuffix("_count") for name in names}


def signed(url, path, source=None, **more):
    """One request from one of this machine's own addresses."""
    form = {"To": DESK, "From": CLERK, "CallSid": "CA" + "0" * 32, **more}
    signature = RequestValidator(TOKEN).compute_signature(url + path, form)
    session = requests.Session()
    if source:
        session.mount("https://", FromAddress(source))
    return session.post(url + path, data=form, headers={"X-Twilio-Signature": signature}, timeout=20)


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_a_proxy_keeps_its_promises(proxy, request, folder, lines):
    """One test for many promises, since each start of all the machines takes seconds."""
    url = request.getfixturevalue(proxy)
    outside = requests.Session()
    outside.mount("https://", FromAddress("127.0.0.9"))
    # An address with encoded signs keeps its signature on the way through.
    answer = signed(url, "/voice/nl/caf%C3%A9//x?y=%C3%A9%20")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert answer.headers.get("Server", "nginx") == "nginx"  # and no version
    # What only operators should see, nobody else sees.
    for path in ("/health", "/metrics"):
        assert outside.get(url + path, timeout=20).status_code == 403
    assert requests.get(f"{url}/health", timeout=20).json()["status"] in {"ok", "degraded"}
    # A body or a header that is no webhook's stops at the proxy.
    assert signed(url, "/voice", More="x" * 70_000).status_code in {
        413,
        502,
        403,
    }  # with Debian's Caddy the line itself may be first
    assert requests.get(f"{url}/voice", headers={"X": "x" * 40_000}, timeout=20).status_code in {400, 431}
    # No address of a call is written down by a proxy or a line, not even where no line answers.
    assert signed(url, "/voice/nl/tip-line/ended").status_code == 200
    for line in lines:
        line.program.kill()
    assert signed(url, "/voice/nl/tip-line/ended", source="127.0.0.9").status_code in {502, 503}
    written = "".join(file.read_text("utf-8", errors="replace") for file in folder.rglob("*.log"))
    assert "tip-line" not in written
    assert "127.0.0.9" not in written
