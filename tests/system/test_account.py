"""The account at Twilio, and the stand-in on which all tests of it stand."""

import inspect
import logging
import re
import time

import pytest
from support.machines import PATIENCE
from support.twilio_stand_in import KEY, SECRET, SID, TOKEN, stand_in
from support.web import reach
from twilio.base.exceptions import TwilioRestException
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberInstance
from twilio.rest.api.v2010.account.outgoing_caller_id import OutgoingCallerIdInstance
from twilio.rest.api.v2010.account.sip.domain import DomainInstance
from twilio.rest.voice.v1.dialing_permissions.country import CountryInstance

from ivr.account import client as client_
from ivr.account.client import (
    CREDENTIALS,
    FAILURES,
    NOT_FINISHED,
    NOT_FOUND,
    NotConfigured,
    client,
    configured,
    trouble,
)
from ivr.exchange.wire import Response
from ivr.model.limits import TWILIO_PAUSE

CLERK, LINE, CONTACT = "+31200000199", "+31200000001", "+31200000002"


@pytest.fixture
def twilio():
    with stand_in() as service:
        yield service


@pytest.fixture
def account(twilio):
    return client(twilio.env)


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.005)


def refusal(ask):
    with pytest.raises(FAILURES) as told:
        ask()
    return trouble(told.value).code


# The way in


@pytest.mark.parametrize(
    ("env", "is_configured"),
    [
        ({}, False),
        ({"TWILIO_ACCOUNT_SID": SID}, False),
        ({"TWILIO_AUTH_TOKEN": TOKEN}, False),
        ({"TWILIO_ACCOUNT_SID": SID, "TWILIO_API_KEY": KEY}, False),
        ({"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}, True),
        ({"TWILIO_ACCOUNT_SID": SID, "TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": SECRET}, True),
    ],
)
def test_an_account_is_configured_by_its_sid_and_either_way_in(env, is_configured):
    assert configured(env) is is_configured
    if not is_configured:
        with pytest.raises(NotConfigured):
            client(env)


def test_an_account_that_the_process_knows_of_is_not_the_one_that_is_opened(twilio, monkeypatch):
    monkeypatch.setenv("TWILIO_REGION", "us1")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
    account = client(twilio.env)
    assert (account.account_sid, account.region) == (SID, None)


@pytest.mark.parametrize("key", [{}, {"TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": SECRET}])
def test_token_and_api_key_both_open_the_account(twilio, key):
    client({**twilio.env, **key}).incoming_phone_numbers.list()
    assert twilio.asked[0].user == (KEY if key else SID)


def test_credentials_that_fail_are_told_with_twilios_error_number(twilio):
    wrong = client({**twilio.env, "TWILIO_AUTH_TOKEN": "wrong"})
    assert refusal(wrong.incoming_phone_numbers.list) == CREDENTIALS
    assert refusal(wrong.calls("CA1").fetch) == CREDENTIALS


def test_region_and_edge_are_asked_as_the_environment_says():
    env = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}
    ireland = client({**env, "TWILIO_REGION": "ie1", "TWILIO_EDGE": "dublin"})
    asked = "https://api.twilio.com/2010-04-01/Accounts.json"
    assert ireland.get_hostname(asked) == "https://api.dublin.ie1.twilio.com/2010-04-01/Accounts.json"
    assert client(env).get_hostname(asked) == asked


def test_every_host_of_twilio_is_asked_at_the_other_address_also_for_the_next_page(twilio, account):
    account.incoming_phone_numbers.list()
    prefixes = account.voice.v1.dialing_permissions.countries("NL").highrisk_special_prefixes.list()
    assert [each.prefix for each in prefixes] == twilio.special
    assert [each.path for each in twilio.asked] == [
        f"/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json",
        *["/v1/DialingPermissions/Countries/NL/HighRiskSpecialPrefixes"] * 2,
    ]


def test_all_pages_of_a_list_are_read(twilio, account):
    for last in range(5):
        twilio.add_number(f"+3120000000{last}")
    assert len(account.incoming_phone_numbers.list(page_size=1000)) == 5
    assert twilio.count("GET") == 3


# What Twilio does not do at once


@pytest.mark.slow
def test_twilio_being_busy_is_waited_for_as_long_as_it_asks_also_with_what_changes_something(twilio, account):
    number = twilio.add_number(LINE)
    twilio.moods = [(429, {"Retry-After": "1"})]
    began = time.monotonic()
    account.incoming_phone_numbers(number).update(voice_url="https://line.example/voice")
    assert 1 <= time.monotonic() - began < TWILIO_PAUSE  # the second that it asked for
    assert twilio.count("POST") == 2


def test_twilio_being_busy_is_never_waited_for_longer_than_half_a_minute(twilio, account, monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    twilio.moods = [(429, {"Retry-After": "3600"})]
    account.incoming_phone_numbers.list()
    assert slept == [30]


@pytest.mark.parametrize("mood", ["cut", (500, {}), (503, {"Retry-After": "1"})])
def test_what_may_have_been_done_already_is_not_asked_for_again(twilio, account, mood):
    twilio.add_number(LINE)
    twilio.moods = [mood]
    refusal(lambda: account.calls.create(to=CONTACT, from_=LINE, url="https://line.example/voice"))
    assert twilio.count("POST") == 1


def test_an_answer_that_does_not_come_is_given_up(twilio, account, monkeypatch):
    account.http_client.timeout = 0.05
    twilio.moods = [2]
    assert refusal(account.incoming_phone_numbers.list) == 0


def test_a_limit_is_set_on_waiting_for_an_answer(account):
    assert account.http_client.timeout == client_.TWILIO_SECONDS


def test_nobody_there_is_told_as_that_and_found_again_when_back(twilio, account):
    twilio.stop()
    busy = account.http_client.session.get_adapter("http://").max_retries
    busy.total = busy.backoff_factor = 0
    assert refusal(account.incoming_phone_numbers.list) == 0
    twilio.start()
    assert account.incoming_phone_numbers.list() == []


def test_no_credential_and_no_sid_of_a_call_is_logged_or_told(twilio, account, caplog):
    caplog.set_level(logging.DEBUG)
    twilio.moods = [(429, {})]
    with pytest.raises(TwilioRestException) as told:
        account.calls("CA" + "1" * 32).delete()
    account.calls.list(parent_call_sid="CA" + "1" * 32)
    told = caplog.text + str(trouble(told.value))
    assert [secret for secret in (TOKEN, SID, "CA11") if secret in told] == []


# The stand-in


@pytest.mark.parametrize(
    ("instance", "kind"),
    [
        (IncomingPhoneNumberInstance, "IncomingPhoneNumbers"),
        (OutgoingCallerIdInstance, "OutgoingCallerIds"),
        (DomainInstance, "SIP/Domains"),
        (CallInstance, "Calls"),
    ],
)
def test_its_records_have_every_field_that_twilios_package_reads(twilio, instance, kind):
    twilio.add_number(LINE)
    twilio.add_caller_id(LINE)
    twilio.add_domain("x.sip.twilio.com")
    twilio.add_call(LINE, CLERK)
    read = set(re.findall(r'payload\.get\(\s*"(\w+)"', inspect.getsource(instance.__init__)))
    (record,) = twilio.records[kind].values()
    assert read
    assert read - set(record) == set()


def test_its_country_has_every_field_that_twilios_package_reads(twilio, account):
    country = account.voice.v1.dialing_permissions.countries("NL").fetch()
    read = set(re.findall(r'payload\.get\(\s*"(\w+)"', inspect.getsource(CountryInstance.__init__)))
    assert {name for name in read if getattr(country, name) is None} == set()


def test_legs_of_a_call_are_found_by_their_parent(twilio, account):
    parent = twilio.add_call(LINE, CLERK)
    legs = [twilio.add_call(CONTACT, LINE, parent_call_sid=parent) for _ in range(3)]
    twilio.add_call(CONTACT, LINE)
    assert {each.sid for each in account.calls.list(parent_call_sid=parent)} == set(legs)


def test_a_call_is_deleted_once_and_then_unknown_and_not_while_it_lasts_or_is_young(twilio, account):
    lasting = twilio.add_call(LINE, CLERK, status="in-progress")
    over = twilio.add_call(LINE, CLERK)
    twilio.young[over] = 1
    assert refusal(account.calls(lasting).delete) == NOT_FINISHED
    assert refusal(account.calls(over).delete) == NOT_FINISHED
    assert account.calls(over).delete() is True
    assert refusal(account.calls(over).delete) == NOT_FOUND
    assert refusal(account.calls(over).fetch) == NOT_FOUND


def test_an_update_changes_what_it_names_and_empties_what_it_leaves_empty(twilio, account):
    number = twilio.add_number(LINE, status_callback="https://old.example/x", voice_method="GET")
    account.incoming_phone_numbers(number).update(voice_url="https://new.example/voice", status_callback="")
    changed = account.incoming_phone_numbers(number).fetch()
    assert (changed.voice_url, changed.status_callback) == ("https://new.example/voice", "")
    assert changed.voice_method == "GET"


def test_a_clock_that_is_ahead_shows_in_the_date_of_an_answer(twilio, account):
    twilio.skew = 86400
    account.incoming_phone_numbers.list()
    date = account.http_client._test_only_last_response.headers["Date"]
    assert date.startswith(time.strftime("%a, %d", time.gmtime(time.time() + 86400)))


class Wire:
    """Our end of a call that was made: a question, and thanks for the key."""

    def __init__(self):
        self.forms = []

    def send(self, method, url, form, headers):
        assert headers["X-Twilio-Signature"]
        self.forms.append((url, dict(form)))
        if "Digits" in form:
            return Response(200, "text/xml", b"<Response><Hangup/></Response>")
        document = b'<Response><Gather action="/key" numDigits="1"><Say>Press 1.</Say></Gather></Response>'
        return Response(200, "text/xml", document)


@pytest.fixture
def wire(twilio):
    twilio.add_number(LINE)
    twilio.wire = Wire()
    return twilio.wire


def made(twilio, account, path="/check", **more):
    call = account.calls.create(to=CONTACT, from_=LINE, url=f"https://line.example{path}", **more)
    assert call.status == "queued"
    twilio.hung_up()
    return call.fetch()


@pytest.mark.parametrize(
    ("outcome", "keys", "status"),
    [
        ("answer", ["1"], "completed"),
        ("declines", ["2"], "completed"),
        ("voicemail", [], "completed"),
        ("hangs-up", [], "completed"),
        ("busy", [], "busy"),
        ("no-answer", [], "no-answer"),
        ("failed", [], "failed"),
    ],
)
def test_a_call_that_is_made_rings_and_ends_as_the_far_end_does(twilio, account, wire, outcome, keys, status):
    twilio.far_end[CONTACT] = outcome
    call = made(twilio, account, status_callback="https://line.example/status")
    assert call.status == status
    assert [form["Digits"] for _, form in wire.forms if "Digits" in form] == keys
    last = wire.forms[-1]
    assert (last[0], last[1]["CallStatus"]) == ("https://line.example/status", status)


def test_a_call_that_rings_on_is_ended_by_who_made_it(twilio, account, wire):
    twilio.far_end[CONTACT] = "rings"
    call = account.calls.create(to=CONTACT, from_=LINE, url="https://line.example/check")
    until(lambda: call.fetch().status == "ringing")
    call.update(status="canceled")
    twilio.hung_up()
    assert (call.fetch().status, wire.forms) == ("canceled", [])


def test_a_call_that_is_made_is_signed_so_that_the_line_knows_it(twilio, account, home):
    twilio.add_number(LINE)
    twilio.wire = reach(home).wire
    made(twilio, account)
    assert twilio.alerts == ["11200: status 404 from /check"]  # and no 403: it was let in
