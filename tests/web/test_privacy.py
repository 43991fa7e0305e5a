"""Nothing that we keep, send on or write down tells who called."""

import logging
import time
from secrets import token_hex

import pytest
from support.homes import NOON, PUBLIC, TOKEN, make_home
from support.web import make_app

from ivr.config.live import Live
from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.transcript import text
from ivr.exchange.wire import InProcess, ReachedLine
from ivr.store.background import Store
from ivr.store.erasures import FIRST, Spool
from ivr.store.opening import database_url, open_database

TO = "+31200000001"


class Kept(InProcess):
    """Keeps every address and every document that passes."""

    def __init__(self, app):
        super().__init__(app)
        self.passed = []

    def send(self, method, url, form, headers):
        answer = super().send(method, url, form, headers)
        self.passed += [url, answer.body.decode("latin-1"), answer.location]
        return answer


def fails(line, call, moment):
    raise ValueError(f"{call.caller} {call}")


@pytest.mark.parametrize("clerk", ["+31200000187", "sip:baliemedewerker-187@voorbeeldstad.sip.twilio.com"])
@pytest.mark.parametrize("answer", [None, fails], ids=["well", "failing"])
def test_no_log_address_document_or_file_holds_the_clerks_number_or_the_calls_sid(
    tmp_path, caplog, capfd, monkeypatch, clerk, answer
):
    sid = token_hex(16)
    monkeypatch.setattr("ivr.exchange.call.token_hex", lambda _: sid)
    home = make_home(tmp_path)
    live = Live(home, lambda: NOON, public=False)
    more = {"answer": answer} if answer else {}
    now, erased = [time.time()], []
    engine = open_database(database_url(None, tmp_path))
    store = Store(engine, Spool(tmp_path / "spool", time.time), lambda: now[0], erased.append)
    wire = Kept(make_app(live, recorder=store, **more))
    with caplog.at_level(logging.DEBUG):
        for keys in ("1####3", "2", "4", "37", "xx".replace("x", "9"), "---", "888"):
            ends = ScriptedFarEnd({"all": ["busy", "voicemail", "declines"]}, {})
            exchange = Exchange(ReachedLine(wire, TOKEN, PUBLIC), ends, {})
            wire.passed.append(text(exchange.call(clerk, TO, ScriptedCaller(keys))))
        wire.passed.append(wire.send("GET", f"{PUBLIC}/health", {}, {}).body.decode())
        # The one exception: the erasure to erase an anonymous call, until it is fulfilled.
        store.flush()
        now[0] = time.time() + FIRST  # of the clock that the files have
        store.erase_due()
        assert set(erased) == (set() if answer else {f"CA{sid}"})
    written = [path.read_text("latin-1") for path in home.root.rglob("*") if path.is_file()]
    printed = capfd.readouterr()
    everything = "\n".join([*wire.passed, caplog.text, *written, *printed])
    assert len(wire.passed) > 20
    for secret in (clerk, clerk.removeprefix("+31"), "baliemedewerker-187", sid):
        assert secret not in everything
