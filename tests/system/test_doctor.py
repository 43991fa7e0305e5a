"""`ivr doctor`: what is wrong is told, with what to do, before a clerk finds out."""

import json
import re
import shutil
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
import trustme
import yaml
from click.testing import CliRunner
from support.homes import NOON, TOWN, alone, edit, make_home
from support.twilio_stand_in import KEY, SECRET, stand_in
from werkzeug.serving import make_server
from werkzeug.test import Client

import ivr
from ivr import doctor as doctor_
from ivr.account.client import client
from ivr.cli import main
from ivr.config.live import Live
from ivr.config.reading import read
from ivr.doctor import ALL, Status, Surroundings, examine
from ivr.doctor.examination import Examination
from ivr.exchange import grammar, verbs
from ivr.exchange.in_process import as_wsgi
from ivr.speech.wav import as_wav
from ivr.store.opening import FILE
from ivr.translations import LANGUAGES, diagnosis
from ivr.web import create_app
from ivr.web.signature import SignatureCheck

TOKEN = "12345"
NUMBER, DOMAIN = "+31200000001", "voorbeeldstad.sip.twilio.com"
ROOM = 10**12
TODAY = datetime.now(ZoneInfo("Europe/Amsterdam")).date()
"""OpenSSL judges certificates by the real clock, and so the doctor does all else by it too."""


class Front:
    """What stands at the public address, over TLS: the line, or what a test puts there instead."""

    def __init__(self, home, days=90, name="localhost"):
        live = Live(home, lambda: datetime.now(UTC), public=True)
        self.ca = trustme.CA()
        ends = datetime.now(UTC) + timedelta(days=days)
        certificate = self.ca.issue_cert(name, not_before=ends - timedelta(days=365), not_after=ends)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        self.server = make_server("127.0.0.1", 0, self.answer, threaded=True, ssl_context=context)
        self.url = f"https://localhost:{self.server.server_port}"
        self.app = as_wsgi(
            create_app(live, SignatureCheck(TOKEN, lambda: [self.url]), lambda: datetime.now(UTC))
        )
        self.trusts = ssl.create_default_context()
        self.ca.configure_trust(self.trusts)

    def answer(self, environ, start_response):
        return self.app(environ, start_response)

    def says(self, status, body=b"", *headers):
        """From now on it gives one answer to whoever asks."""

        def app(_, start_response):
            start_response(status, list(headers))
            return [body]

        self.app = app


@contextmanager
def front(home, **more):
    front = Front(home, **more)
    thread = Thread(target=front.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield front
    finally:
        front.server.shutdown()
        front.server.server_close()
        thread.join()


def live_town(home):
    """One municipality that is no example, its contacts confirmed today."""
    alone(home)
    edit(home, "example: true ", "fallback: https://handler.twilio.com/twiml/EH1 ")
    edit(home, "confirmed: 2026-11-02", f"confirmed: {TODAY}")
    return home


@pytest.fixture
def town(home):
    return live_town(home)


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """The line at its public address, for tests that leave it as it is."""
    with front(live_town(make_home(tmp_path_factory.mktemp("front")))) as standing:
        yield standing


@pytest.fixture
def twilio(standing):
    with stand_in() as service:
        own = {"voice_url": f"{standing.url}/voice"}
        own["voice_fallback_url"] = "https://handler.twilio.com/twiml/EH1"
        service.number = service.add_number(NUMBER, **own)
        service.domain = service.add_domain(DOMAIN, **own)
        service.country["high_risk_special_numbers_enabled"] = True
        yield service


@pytest.fixture
def found(town, twilio, standing):
    """What the doctor finds: code → level, all that is well left out."""

    def found(**more):
        results = examine(surroundings(town, twilio, standing, **more))
        told = {result.code: (result.status, result.values) for _, some in results for result in some}
        for code, (level, values) in told.items():
            parts = {Status.OK: ["well"], Status.NOT_EXAMINED: []}.get(level, ["fact", "do"])
            assert all(diagnosis(code, part, each, **values) for part in parts for each in LANGUAGES)
        return {
            code: level
            for code, (level, _) in told.items()
            if level is not Status.OK and code != "audio-missing"
        }

    return found


def surroundings(town, twilio, front, **more):
    reading = read(town, datetime.now(UTC))
    given = {
        "line": reading.line,
        "findings": reading.findings,
        "audio": town.audio,
        "folders": (town.root, town.root / "state"),
        "public_url": front.url,
        "token": TOKEN,
        "account": client(twilio.env),
        "now": lambda: datetime.now(UTC),
        "timeout": 5,
        "tls": front.trusts,
        "fault": fault,
        "database": lambda: None,
        "free": lambda _: ROOM,
    }
    return Surroundings(**{**given, **more})


def fault(document, content_type):
    try:
        grammar.read(document, content_type)
    except verbs.TwimlError as error:
        return str(error)
    return ""


WELL = {}
ERROR, WARNING, UNKNOWN = Status.ERROR, Status.WARNING, Status.NOT_EXAMINED


def test_where_all_is_well_nothing_is_found(found):
    assert found() == WELL


# The account


def test_an_account_that_is_not_configured_is_one_error_and_the_rest_of_it_is_not_examined(found):
    assert found(account=None) == {
        "account-missing": ERROR,
        **dict.fromkeys(("clock", "webhooks", "caller-id", "dialling", "dialling-special"), UNKNOWN),
    }


def test_credentials_that_fail_are_one_error(found, twilio):
    wrong = client({**twilio.env, "TWILIO_AUTH_TOKEN": "wrong"})
    assert [code for code, level in found(account=wrong).items() if level is ERROR] == ["credentials"]


def test_an_account_that_is_suspended_is_one_error(found, twilio):
    twilio.account["status"] = "suspended"
    assert [code for code, level in found().items() if level is ERROR] == ["account-closed"]


def test_one_examination_that_twilio_fails_does_not_stop_the_others(found, twilio):
    twilio.broken["Countries"] = (500, {})
    twilio.records["SIP/Domains"].clear()
    assert found() == {"account-refused": ERROR, "domain-lacking": ERROR, "dialling-special": UNKNOWN}


def test_dutch_numbers_that_may_not_be_dialled_are_an_error(found, twilio):
    twilio.country["low_risk_numbers_enabled"] = False
    assert found()["dialling"] is ERROR


def test_a_special_number_with_an_ordinary_one_behind_it_is_a_warning(found, twilio):
    twilio.country["high_risk_special_numbers_enabled"] = False
    assert found() == {"dialling-special": WARNING}


def test_a_special_number_alone_is_an_error_also_on_the_last_page_of_prefixes(found, twilio, town):
    edit(town, "numbers: [0900-8844, +31 34 357 88 44]", "numbers: 0900-8844", "config/line.yaml")
    twilio.country["high_risk_special_numbers_enabled"] = False
    twilio.special = ["+31906", "+31909", "+31 (900)"]
    assert found() == {"dialling-special": ERROR}


def test_a_special_number_with_only_another_special_one_behind_it_is_an_error(found, twilio, town):
    edit(town, "[0900-8844, +31 34 357 88 44]", "[0900-8844, 0900-1234]", "config/line.yaml")
    twilio.country["high_risk_special_numbers_enabled"] = False
    assert found() == {"dialling-special": ERROR}


def test_a_contact_at_a_special_number_is_found(found, twilio, town):
    edit(town, "numbers: [0900-8844, +31 34 357 88 44]", "numbers: +31 34 357 88 44", "config/line.yaml")
    for old, new in (("020-000 00 02", "0900-1234"), ("020-000 00 03", "0900-1235")):
        edit(town, f"number: {old}", f"number: {new}")
    twilio.country["high_risk_special_numbers_enabled"] = False
    assert found() == {"dialling-special": ERROR}


def test_a_special_number_that_is_alone_in_one_of_its_hunt_groups_is_an_error(found, twilio, town):
    edit(town, "numbers: [0900-8844, +31 34 357 88 44]", "numbers: 0900-8844", "config/line.yaml")
    edit(town, "number: 020-000 00 02", "number: 0900-8844")
    twilio.country["high_risk_special_numbers_enabled"] = False
    assert found() == {"dialling-special": ERROR}


def test_special_numbers_that_nobody_dials_may_stay_off(found, twilio):
    twilio.country["high_risk_special_numbers_enabled"] = False
    twilio.special = ["+31906", "+31909"]
    assert found() == WELL


def test_a_caller_id_that_is_not_the_accounts_is_an_error_until_it_is_verified(found, twilio, town):
    edit(town, "caller_id: +31 20 000 00 01", "caller_id: +31 20 000 00 09")
    assert found() == {"caller-id": ERROR}
    twilio.add_caller_id("+31200000009")
    assert found() == WELL


def test_the_caller_id_of_every_municipality_is_examined(found, twilio, town):
    text = (town.root / TOWN).read_text("utf-8")
    for old, new in (("Voorbeeldstad", "Zuidstad"), ("voorbeeldstad", "zuidstad"), ("00 00 01", "00 00 09")):
        text = text.replace(old, new)
    (town.root / "config/municipalities/zuidstad.yaml").write_text(text, "utf-8")
    assert found()["caller-id"] is ERROR


@pytest.mark.parametrize(
    ("setting", "value", "code", "level"),
    [
        ("voice_url", "https://old.example/x", "webhooks", ERROR),
        ("voice_method", "GET", "webhooks", ERROR),
        ("voice_fallback_url", "https://old.example/x", "webhook-settings", WARNING),
        ("status_callback", "https://ear.example/x", "webhook-settings", WARNING),
        ("trunk_sid", "TK1", "overridden", ERROR),
    ],
)
def test_a_webhook_that_is_not_in_place_is_found(found, twilio, setting, value, code, level):
    twilio.records["IncomingPhoneNumbers"][twilio.number][setting] = value
    assert found() == {code: level}


def test_a_number_without_a_fallback_is_a_warning(found, twilio, town):
    edit(town, "fallback: https://handler.twilio.com/twiml/EH1 ", "")
    twilio.records["SIP/Domains"][twilio.domain]["voice_fallback_url"] = ""
    assert found() == {"fallback-none": WARNING}


@pytest.mark.parametrize(("skew", "level"), [(20, None), (-20, None), (60, WARNING), (-400, ERROR)])
def test_a_clock_that_is_not_twilios_is_found(found, twilio, skew, level):
    twilio.skew = skew
    assert found() == ({"clock": level} if level else WELL)


def test_a_line_with_examples_alone_is_not_called_well_and_their_contacts_are_nobodys(found, town):
    edit(town, f"confirmed: {TODAY}", "confirmed: 2020-01-01")
    edit(town, "name: gemeente", "example: true\nname: gemeente")
    assert found() == {"webhooks-none": WARNING}


# The public address

LOST = dict.fromkeys(("signature", "unsigned"), UNKNOWN)


def test_a_public_address_that_nobody_set_is_an_error(found):
    assert found(public_url="") == {
        "public-url-missing": ERROR,
        **dict.fromkeys(("address", "certificate", "webhooks"), UNKNOWN),
        **LOST,
    }


def test_a_public_address_without_tls_is_an_error(found):
    assert found(public_url="http://line.example")["public-url-plain"] is ERROR


def test_a_public_address_where_nobody_listens_is_an_error(found, town, twilio):
    with front(town) as gone:
        url = gone.url
    twilio.records["IncomingPhoneNumbers"][twilio.number]["voice_url"] = f"{url}/voice"
    twilio.records["SIP/Domains"][twilio.domain]["voice_url"] = f"{url}/voice"
    assert found(public_url=url) == {"address": ERROR, "certificate": UNKNOWN, **LOST}


def elsewhere(found, twilio, front, **more):
    """What is found at another public address, to which Twilio sends the calls as well."""
    for kind, sid in (("IncomingPhoneNumbers", twilio.number), ("SIP/Domains", twilio.domain)):
        twilio.records[kind][sid]["voice_url"] = f"{front.url}/voice"
    return found(public_url=front.url, tls=front.trusts, **more)


@pytest.mark.parametrize(
    ("days", "result"), [(31, {}), (29, {"certificate-ends": WARNING}), (-1, {"certificate": ERROR, **LOST})]
)
def test_a_certificate_that_ends_within_a_month_is_found(found, twilio, town, days, result):
    with front(town, days=days) as other:
        assert elsewhere(found, twilio, other) == result


def test_a_certificate_that_nobody_trusts_is_an_error(found):
    assert found(tls=ssl.create_default_context()) == {"certificate": ERROR, **LOST}


def test_a_certificate_for_another_name_is_an_error(found, twilio, town):
    with front(town, name="other.example") as other:
        assert elsewhere(found, twilio, other) == {"certificate": ERROR, **LOST}


@pytest.fixture
def proxy(town):
    with front(town) as proxy:
        yield proxy


def test_a_proxy_that_breaks_signatures_is_found(found, twilio, proxy):
    line = proxy.app

    def breaks(environ, start_response):
        return line(
            {**environ, "PATH_INFO": "/voice", "QUERY_STRING": "x=1", "RAW_URI": "/voice?x=1"}, start_response
        )

    proxy.app = breaks
    assert elsewhere(found, twilio, proxy) == {"signature": ERROR}


def test_a_line_with_another_token_is_found(found):
    assert found(token="another") == {"signature": ERROR}


def test_without_a_token_no_signature_can_be_tried(found):
    assert found(token="") == {"token-missing": ERROR}


XML = ("Content-Type", "text/xml")


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (("502 Bad Gateway",), {"voice-status": ERROR, "unsigned": ERROR}),
        (
            ("301 Moved", b"", ("Location", "https://www.line.example/")),
            {"address-moves": ERROR, "unsigned": ERROR},
        ),
        (
            ("200 OK", b"<html></html>", ("Content-Type", "text/html")),
            {"voice-document": ERROR, "unsigned": ERROR},
        ),
        (("200 OK", b"<Response/>", XML), {"unsigned": ERROR}),
        (("403 Forbidden",), {"signature": ERROR}),
    ],
)
def test_something_else_at_the_public_address_is_found(found, twilio, proxy, answer, result):
    proxy.says(*answer)
    assert elsewhere(found, twilio, proxy) == result


def test_a_public_address_that_never_answers_is_given_up(found, twilio, proxy):
    held = Event()

    def silent(_, start_response):
        held.wait(5)
        start_response("204 No Content", [])
        return []

    proxy.app = silent
    assert elsewhere(found, twilio, proxy, timeout=0.2) == {"voice-silent": ERROR}
    held.set()


def test_a_door_is_shut_also_where_somebody_knocked_too_often(found, twilio, proxy):
    knocks = [Client(proxy.app).post("/voice").status_code for _ in range(61)]
    assert knocks[-1] == 429
    assert elsewhere(found, twilio, proxy) == WELL


def test_the_doctor_rings_nobody_and_counts_for_no_municipality(found, twilio, proxy):
    asked = []

    def listens(environ, start_response):
        asked.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start_response("403 Forbidden", [])
        return []

    proxy.app = listens
    elsewhere(found, twilio, proxy)
    assert len(asked) == 2
    assert all(b"To=%2B31000000000" in form for form in asked)
    assert twilio.count("POST") == 0


# The house


def test_speech_that_is_missing_broken_or_of_another_text_is_a_warning(found, town, twilio, standing):
    levels = {
        result.code: result.status
        for code, results in examine(surroundings(town, twilio, standing))
        for result in results
        if code == "audio"
    }
    assert levels == {"audio-missing": WARNING}
    folder = town.audio / "recordings/nl"
    folder.mkdir(parents=True)
    (folder / "welcome.wav").write_bytes(b"RIFF")
    assert found() == {"audio-broken": WARNING}
    (folder / "welcome.wav").write_bytes(as_wav(b"\0\1" * 8000))
    assert found() == {"audio": WARNING}


@pytest.mark.xdist_group("speech")
def test_speech_that_is_all_there_is_well(spoken_home, town, twilio, standing):
    shutil.copytree(spoken_home.audio, town.audio)
    line = read(spoken_home, NOON).line
    results = dict(examine(surroundings(town, twilio, standing, line=line)))
    assert [result.status for result in results["audio"]] == [Status.OK]


@pytest.mark.parametrize(("days", "result"), [(89, {}), (91, {"contacts": WARNING})])
def test_a_contact_that_nobody_checked_for_90_days_is_a_warning(found, town, days, result):
    edit(town, f"confirmed: {TODAY}", f"confirmed: {TODAY - timedelta(days)}")
    assert found() == result


def test_a_contact_that_nobody_ever_checked_is_a_warning(found, town):
    edit(town, f"confirmed: {TODAY}", "")
    assert found() == {"contacts": WARNING}


@pytest.mark.parametrize(
    ("free", "result"), [(2 * 10**9, {}), (5 * 10**8, {"disk": WARNING}), (10**7, {"disk": ERROR})]
)
def test_a_disk_that_fills_up_is_found(found, free, result):
    assert found(free=lambda _: free) == result


def test_a_database_that_is_away_is_an_error(found):
    def away():
        raise ConnectionRefusedError

    assert found(database=away) == {"database": ERROR}


def test_an_examination_that_fails_is_told_and_stops_no_other(found):
    def breaks(_):
        raise ZeroDivisionError

    assert found(free=breaks) == {"examination-broken": ERROR}


def test_every_code_has_words_and_every_word_its_code():
    code = "".join(
        path.read_text("utf-8")
        for folder in ("doctor", "account")
        for path in (Path(ivr.__file__).parent / folder).glob("*.py")
    )
    named = set(re.findall(r'(?:Result|Problem|examination)\(\s*"([a-z-]+)"', code))
    # These are put together, or looked up in a table.
    named |= {
        "number-lacking",
        "domain-lacking",
        "credentials",
        "account-closed",
        "account-away",
        "account-refused",
    }
    for language in LANGUAGES:
        words = yaml.safe_load(
            (Path(ivr.__file__).parent / f"translations/{language}.yaml").read_text("utf-8")
        )
        assert set(words["doctor"]) == named


def test_everything_that_can_be_wrong_is_found_in_a_test():
    shown = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    words = yaml.safe_load((Path(ivr.__file__).parent / "translations/nl.yaml").read_text("utf-8"))["doctor"]
    assert [code for code, parts in words.items() if "fact" in parts and f'"{code}"' not in shown] == []


def test_every_examination_that_is_written_is_run():
    modules = [import_module(f"ivr.doctor.{each.name}") for each in iter_modules(doctor_.__path__)]
    written = [each for module in modules for each in vars(module).values() if isinstance(each, Examination)]
    assert {each.code for each in written} == {each.code for each in ALL}


# The command


@pytest.fixture
def doctor(town, twilio, standing, tmp_path):
    trusted = tmp_path / "ca.pem"
    standing.ca.cert_pem.write_to_path(trusted)
    (town.root / "state").mkdir()

    def run(*arguments, language="nl", **env):
        machine = {"TWILIO_REGION": None, "TWILIO_EDGE": None, "TWILIO_API_KEY": None, "IVR_HOME": None}
        own = {
            "IVR_PUBLIC_URL": standing.url,
            "SSL_CERT_FILE": str(trusted),
            "IVR_STATE": None,
            "IVR_DATABASE_URL": None,
        }
        command = ["--home", str(town.root), "--language", language, "doctor", *arguments]
        return CliRunner().invoke(main, command, env={**machine, **own, **twilio.env, **env})

    return run


def test_all_results_are_printed_and_a_warning_fails_only_a_strict_run(doctor):
    answer = doctor()
    assert answer.exit_code == 0, answer.output
    assert [each.code for each in ALL if each.code not in answer.output] == []
    assert "audio " in answer.output
    assert "Wat u doet: Maak ze met ivr audio build." in answer.output
    assert "0 fouten, 1 punt " in answer.output
    assert doctor("--strict").exit_code == 1


def test_an_error_exits_with_1_and_says_what_was_not_examined_for_it(doctor):
    answer = doctor(TWILIO_AUTH_TOKEN="wrong")
    assert answer.exit_code == 1
    assert "de gegevens kloppen niet" in answer.output
    assert "niet onderzocht  clock             eerst moet account in orde zijn" in answer.output
    assert "De lijn weigert een goed getekend verzoek" in answer.output


def test_an_api_key_serves_for_the_account_and_the_token_for_the_signature(doctor, twilio):
    assert doctor(TWILIO_API_KEY=KEY, TWILIO_API_SECRET=SECRET).exit_code == 0
    assert {each.user for each in twilio.asked} == {KEY}


def test_programs_get_every_result_as_json(doctor):
    told = json.loads(doctor("--json", language="en").output)
    assert {each["examination"] for each in told} == {each.code for each in ALL}
    assert {"examination", "code", "level", "fact", "remedy"} == set(told[0])
    assert {each["level"] for each in told} == {"ok", "warning"}


def test_a_database_of_the_environment_that_is_away_is_told(doctor):
    answer = doctor(IVR_DATABASE_URL="sqlite:////nowhere/at/all.db")
    assert (answer.exit_code, "De database is niet te bereiken" in answer.output) == (1, True)


@pytest.fixture
def told(doctor):
    """What the command tells: code → level, all that is well left out."""

    def told(**env):
        answer = doctor("--json", **env)
        told = {each["code"]: each["level"] for each in json.loads(answer.output) if each["level"] != "ok"}
        assert answer.exit_code == int("error" in told.values())
        return told

    return told


def test_an_error_exits_with_1_also_for_programs(told):
    assert told(TWILIO_AUTH_TOKEN="wrong")["credentials"] == "error"


def test_a_document_that_twilio_would_refuse_is_told(told, proxy, tmp_path):
    trusted = tmp_path / "proxy.pem"
    proxy.ca.cert_pem.write_to_path(trusted)
    proxy.says("200 OK", b"<html></html>", ("Content-Type", "text/html"))
    assert told(IVR_PUBLIC_URL=proxy.url, SSL_CERT_FILE=str(trusted))["voice-document"] == "error"


@pytest.mark.parametrize("full", ["home", "state"])
def test_every_disk_that_the_line_writes_to_is_examined(told, town, monkeypatch, full):
    state = Path("/proc")  # on a disk of its own, whatever the machine; nothing is written there
    folder = {"home": town.root, "state": state}[full]
    real = shutil.disk_usage

    def usage(path):
        return real(path)._replace(total=ROOM, free=10**7 if path == folder else ROOM)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert told(IVR_STATE=str(state))["disk"] == "error"


def test_a_database_of_our_own_that_cannot_be_opened_is_told(told, town):
    (town.root / "state" / FILE).write_text("nothing that SQLite knows " * 100)
    assert told()["database"] == "error"


def test_no_secret_is_in_the_output(doctor):
    assert TOKEN not in doctor().output
