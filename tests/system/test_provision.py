"""`ivr provision`: the account says what the configuration needs, and nobody is surprised."""

import json
import os
import signal
import sys

import pytest
from support.homes import NOON, TOWN, alone, edit, typed
from support.machines import program
from support.twilio_stand_in import TOKEN, Refused, stand_in

from ivr.account.client import client
from ivr.account.owned import owned
from ivr.account.plan import domain_of, plan
from ivr.config.reading import read

NUMBER, DOMAIN = "+31200000001", "voorbeeldstad.sip.twilio.com"
VOICE = "https://line.example/voice"
BIN = "https://handler.twilio.com/twiml/EH" + "0" * 32


@pytest.fixture
def twilio():
    with stand_in() as service:
        service.number = service.add_number(NUMBER, voice_url="https://old.example/x", voice_method="GET")
        service.domain = service.add_domain(DOMAIN)
        yield service


@pytest.fixture
def town(home):
    """A home with one municipality that is no example."""
    alone(home)
    edit(home, "example: true ", f"fallback: {BIN} ")
    return home


@pytest.fixture
def ivr(town, twilio):
    def run(*arguments, **env):
        # Without what the machine's own environment may hold.
        machine = {"TWILIO_API_KEY": None, "TWILIO_REGION": None, "TWILIO_EDGE": None, "IVR_HOME": None}
        env = {**machine, "IVR_PUBLIC_URL": "https://line.example", **twilio.env, **env}
        return typed("--home", str(town.root), "provision", *arguments, env=env)

    return run


def settings(twilio, kind, sid, *names):
    return [twilio.records[kind][sid][name] for name in names]


def test_the_plan_shows_now_and_wanted_and_changes_nothing(ivr, twilio):
    answer = ivr()
    assert answer.exit_code == 0
    assert "gemeente Voorbeeldstad · 020 000 0001\n" in answer.output
    assert f"  adres voor gesprekken: https://old.example/x → {VOICE}\n" in answer.output
    assert "  methode voor gesprekken: GET → POST\n" in answer.output
    assert f"gemeente Voorbeeldstad · {DOMAIN}\n  adres voor gesprekken: leeg → {VOICE}\n" in answer.output
    assert f"  adres voor als de lijn niet antwoordt: leeg → {BIN}\n" in answer.output
    assert "Er is nog niets veranderd" in answer.output
    assert twilio.count("POST") == 0


def test_apply_makes_it_so_and_a_second_run_sends_no_change(ivr, twilio):
    answer = ivr("--apply")
    assert answer.exit_code == 0
    assert "gedaan: gemeente Voorbeeldstad · 020 000 0001" in answer.output
    voice = ("voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method")
    for kind, sid in (("IncomingPhoneNumbers", twilio.number), ("SIP/Domains", twilio.domain)):
        assert settings(twilio, kind, sid, *voice) == [VOICE, "POST", BIN, "POST"]
    assert twilio.count("POST") == 2
    again = ivr("--apply")
    assert (again.exit_code, twilio.count("POST")) == (0, 2)
    assert "Er is niets te veranderen: 2" in again.output


def test_only_what_differs_is_sent(ivr, twilio):
    ivr("--apply")
    twilio.records["IncomingPhoneNumbers"][twilio.number]["voice_method"] = "GET"
    twilio.asked.clear()
    ivr("--apply")
    assert [each.form for each in twilio.asked if each.method == "POST"] == [{"VoiceMethod": "POST"}]


@pytest.mark.parametrize("setting", ["voice_method", "voice_fallback_method"])
@pytest.mark.parametrize(
    ("kind", "which"),
    [("IncomingPhoneNumbers", "number"), ("SIP/Domains", "domain")],
    ids=["number", "domain"],
)
def test_whatever_asks_us_asks_with_post(ivr, twilio, kind, which, setting):
    twilio.records[kind][getattr(twilio, which)][setting] = "GET"
    ivr("--apply")
    assert settings(twilio, kind, getattr(twilio, which), setting) == ["POST"]


def test_an_address_that_would_hear_who_called_is_emptied(ivr, twilio):
    twilio.records["IncomingPhoneNumbers"][twilio.number]["status_callback"] = "https://ear.example/x"
    twilio.records["SIP/Domains"][twilio.domain]["voice_status_callback_url"] = "https://ear.example/x"
    answer = ivr("--apply")
    assert answer.output.count("adres dat hoort wie er belde: https://ear.example/x → leeg") == 2
    assert settings(twilio, "IncomingPhoneNumbers", twilio.number, "status_callback") == [""]
    assert settings(twilio, "SIP/Domains", twilio.domain, "voice_status_callback_url") == [""]


def test_without_a_fallback_in_the_configuration_that_of_the_account_stays(ivr, twilio, town):
    edit(town, f"fallback: {BIN} ", "")
    twilio.records["SIP/Domains"][twilio.domain]["voice_fallback_url"] = "https://kept.example/x"
    answer = ivr("--apply")
    assert answer.exit_code == 0
    assert settings(twilio, "SIP/Domains", twilio.domain, "voice_fallback_url") == ["https://kept.example/x"]
    # Only the number has none.
    assert answer.output.count("`ivr fallback`") == 1


def test_what_the_account_lacks_is_told_with_a_remedy_and_exits_with_1(ivr, twilio):
    twilio.records["IncomingPhoneNumbers"].clear()
    twilio.records["SIP/Domains"].clear()
    answer = ivr("--apply")
    assert (answer.exit_code, twilio.count("POST")) == (1, 0)
    assert (
        "Het nummer 020 000 0001 van gemeente Voorbeeldstad zit niet in het Twilio-account" in answer.output
    )
    assert f"Het SIP-domein {DOMAIN} van gemeente Voorbeeldstad zit niet" in answer.output
    assert answer.output.count("Wat u doet:") == 2


def test_a_number_on_any_page_of_the_list_is_found(ivr, twilio):
    for last in range(5):
        twilio.add_number(f"+3120000030{last}")
    assert "zit niet in het Twilio-account" not in ivr().output


@pytest.mark.parametrize("setting", ["trunk_sid", "voice_application_sid"])
def test_what_would_override_our_addresses_is_told(ivr, twilio, setting):
    twilio.records["IncomingPhoneNumbers"][twilio.number][setting] = "TK" + "0" * 32
    answer = ivr("--apply")
    assert answer.exit_code == 1
    assert f"is {setting} ingesteld. Twilio slaat onze adressen dan over." in answer.output


def test_credentials_that_fail_are_told_and_are_not_shown(ivr, twilio):
    answer = ivr(TWILIO_AUTH_TOKEN="wr0ngt0ken")
    assert answer.exit_code == 1
    assert "de gegevens kloppen niet" in answer.output
    assert "wr0ngt0ken" not in answer.output


def test_an_account_that_is_suspended_is_told(ivr, twilio):
    twilio.account["status"] = "suspended"
    answer = ivr()
    assert (answer.exit_code, "geschorst" in answer.output) == (1, True)


@pytest.mark.parametrize("mood", ["cut", (500, {})])
def test_twilio_failing_is_told_and_no_traceback(ivr, twilio, mood):
    twilio.moods = [mood]
    answer = ivr()
    assert (answer.exit_code, "Wat u doet:" in answer.output) == (1, True)
    assert "Traceback" not in answer.output


def test_a_failure_in_the_middle_tells_what_was_done_and_what_was_not(ivr, twilio):
    twilio.broken["SIP/Domains/"] = (500, {})
    answer = ivr("--apply")
    assert answer.exit_code == 1
    assert "\ngedaan: gemeente Voorbeeldstad · 020 000 0001\n" in answer.output
    assert f"\nniet gedaan: gemeente Voorbeeldstad · {DOMAIN}\n" in answer.output
    assert "1 van 2" in answer.output


def test_after_a_refusal_the_rest_is_still_done(ivr, twilio):
    twilio.broken["IncomingPhoneNumbers/"] = (400, {})
    answer = ivr("--apply")
    assert answer.exit_code == 1
    assert f"\ngedaan: gemeente Voorbeeldstad · {DOMAIN}\n" in answer.output


def test_when_the_account_is_shut_in_the_middle_nothing_more_is_asked(ivr, twilio):
    twilio.broken["IncomingPhoneNumbers/"] = (401, {})
    answer = ivr("--apply")
    assert answer.output.count("niet gedaan") == 2
    assert twilio.count("POST") == 1


def test_when_the_account_is_closed_in_the_middle_nothing_more_is_asked(ivr, twilio):
    def close(*_):
        raise Refused(403, 20005, "Account is not active")

    twilio._update = close
    ivr("--apply")
    assert twilio.count("POST") == 1


def test_when_twilio_is_lost_in_the_middle_nothing_more_is_asked(ivr, twilio):
    twilio.moods = [0, 0, "cut"]  # two lists, and the number
    ivr("--apply")
    assert twilio.count("POST") == 1


def test_examples_are_left_out(ivr, twilio, town):
    edit(town, f"fallback: {BIN} ", "example: true ")
    answer = ivr("--apply")
    assert (answer.exit_code, twilio.count("POST")) == (0, 0)
    assert "Voorbeelden tellen niet mee" in answer.output


def test_programs_get_the_same_as_json(ivr):
    told = json.loads(ivr("--json", "--apply").output)
    assert told["problems"] == []
    number, domain = told["entries"]
    assert (number["address"], number["kind"], number["done"]) == (NUMBER, "number", True)
    assert {"setting": "voice_method", "now": "GET", "wanted": "POST"} in number["changes"]
    assert domain["address"] == DOMAIN
    assert json.loads(ivr("--json").output)["entries"][0]["changes"] == []


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({"TWILIO_ACCOUNT_SID": None}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_AUTH_TOKEN": None}, "TWILIO_AUTH_TOKEN"),
        ({"IVR_PUBLIC_URL": None}, "IVR_PUBLIC_URL"),
    ],
)
def test_what_is_not_configured_is_a_matter_of_usage(ivr, env, missing):
    answer = ivr(**env)
    assert (answer.exit_code, missing in answer.output) == (2, True)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("where", ["file", "option", "environment"])
def test_the_public_address_is_taken_from_wherever_it_is_told(ivr, town, where, slash):
    told = f"https://line.example{slash}"
    if where == "file":
        edit(town, "# public_url: https://lijn.voorbeeld.nl", f"public_url: {told}", "config/line.yaml")
    option = ["--public-url", told] if where == "option" else []
    answer = ivr("--json", *option, IVR_PUBLIC_URL=told if where == "environment" else None)
    wanted = {each["wanted"] for entry in json.loads(answer.output)["entries"] for each in entry["changes"]}
    assert VOICE in wanted


@pytest.mark.slow
def test_twilio_being_busy_is_waited_for(ivr, twilio):
    twilio.moods = [(429, {"Retry-After": "1"})]
    assert ivr("--apply").exit_code == 0


@pytest.mark.slow
def test_who_stops_it_is_told_what_was_done_and_what_was_not(town, twilio, tmp_path):
    twilio.moods = [0, 0, 0, 30]  # two lists, the number, and the domain
    command = [sys.executable, "-m", "ivr", "--home", str(town.root), "provision", "--apply"]
    env = {**os.environ, **twilio.env, "IVR_PUBLIC_URL": "https://line.example"}
    with program(command, tmp_path / "log", env=env) as running:
        running.until(lambda: twilio.count("POST") >= 2)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 130
        told = running.said()
    assert "\ngedaan: gemeente Voorbeeldstad · 020 000 0001\n" in told
    assert f"\nniet gedaan: gemeente Voorbeeldstad · {DOMAIN}\n" in told


# The comparison itself


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("sip:meldlijn@voorbeeldstad.sip.twilio.com", DOMAIN),
        ("sip:meldlijn@voorbeeldstad.sip.dublin.twilio.com", DOMAIN),
        ("sip:meldlijn@voorbeeldstad.sip.dublin.ie1.twilio.com", DOMAIN),
        ("sip:meldlijn@voorbeeldstad.example", None),
        ("sip:meldlijn@voorbeeldstad.sip.twilio.com.example", None),
    ],
)
def test_an_address_belongs_to_the_sip_domain_of_its_name(address, domain):
    assert domain_of(address) == domain


def neighbour(town, fallback, dialled):
    """A second municipality beside the first."""
    text = (town.root / TOWN).read_text("utf-8").split("contacts:")[1]
    head = (
        f"name: gemeente Buurstad\ncaller_id: +31 20 000 03 01\ndialled: [{dialled}]\nfallback: {fallback}\n"
    )
    (town.root / "config/municipalities/buurstad.yaml").write_text(f"{head}contacts:{text}", "utf-8")


def problems(town, twilio):
    reading = read(town, NOON)
    assert reading.errors == ()
    return plan(reading.line, "https://line.example", owned(client(twilio.env)))


def test_two_municipalities_on_one_domain_with_two_fallbacks_are_told_and_neither_wins(town, twilio):
    neighbour(town, "https://handler.twilio.com/twiml/EHother", f'"sip:buurstad@{DOMAIN}"')
    planned = problems(town, twilio)
    assert [each.code for each in planned.problems] == ["domain-shared"]
    (domain,) = (entry for entry in planned.entries if entry.owned.name == DOMAIN)
    assert domain.municipalities == ("gemeente Buurstad", "gemeente Voorbeeldstad")
    assert {each.setting for each in domain.changes} == {"voice_url"}


def test_two_municipalities_on_one_domain_with_one_fallback_agree(town, twilio):
    neighbour(town, BIN, f'"sip:buurstad@{DOMAIN}"')
    planned = problems(town, twilio)
    assert planned.problems == ()
    assert {"voice_fallback_url"} < {change.setting for entry in planned.entries for change in entry.changes}


def test_a_fallback_that_leads_back_to_the_line_is_told(town, twilio):
    edit(town, BIN, "https://line.example/fallback")
    assert {each.code for each in problems(town, twilio).problems} == {"fallback-ours"}


def test_a_sip_address_that_is_not_at_twilio_is_told(town, twilio):
    neighbour(town, BIN, '"sip:buurstad@pbx.example"')
    assert [each.code for each in problems(town, twilio).problems] == ["sip-foreign"]


def test_a_sip_address_that_is_not_at_twilio_is_told_also_behind_a_number(town, twilio):
    twilio.add_number("+31200000301")
    neighbour(town, BIN, '+31 20 000 03 01, "sip:buurstad@pbx.example"')
    assert [each.code for each in problems(town, twilio).problems] == ["sip-foreign"]


def test_the_token_of_the_tests_is_in_no_output(ivr):
    assert TOKEN not in ivr("--apply").output
