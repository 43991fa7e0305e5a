"""The doors: who knocks without a signature is kept out, and kept off; who signs never is."""

import asyncio
import signal
from contextlib import suppress
from urllib.parse import urlencode

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.homes import NOON, PUBLIC, TOKEN
from support.machines import Redis
from support.web import FORM, Seen, client_of, make_app, post
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.config.live import Live
from ivr.exchange import grammar
from ivr.model.limits import BODY_BYTES, FORM_FIELDS
from ivr.web import create_app
from ivr.web.signature import SignatureCheck, read_form

KNOCKS, LOOKS = 60, 600


@pytest.fixture(scope="session")
def live(spoken_home):
    return Live(spoken_home, lambda: NOON, public=False)


@pytest.fixture
def open_door(live):
    return lambda **more: client_of(make_app(live, **more))


def knock(client, times, path="/voice", **headers):
    return [client.post(path, data=FORM, headers=headers).status_code for _ in range(times)]


def test_who_knocks_too_often_without_a_signature_is_told_so_and_nothing_else(open_door):
    client = open_door()
    assert knock(client, KNOCKS) == [403] * KNOCKS
    answer = client.post("/voice/nl/main", data=FORM)
    assert (answer.status_code, answer.data) == (429, b"")


def test_a_signed_call_from_the_same_address_is_answered_all_the_while(open_door):
    client = open_door()
    knock(client, KNOCKS + 5)
    assert post(client).status_code == 200


def test_a_clip_that_exists_is_not_kept_from_a_caller_by_who_guesses(open_door, monkeypatch):
    monkeypatch.setattr("ivr.web.audio.RELOAD_SECONDS", 0)
    client = open_door()
    gather, _ = grammar.read(post(client).data, "text/xml")
    (play,) = gather.verbs
    assert {client.get("/audio/0000000000000000.wav").status_code for _ in range(KNOCKS)} == {404}
    assert client.get("/audio/0000000000000000.wav").status_code == 429
    assert {client.get(play.url).status_code for _ in range(KNOCKS + 5)} == {200}


def test_who_looks_for_what_is_not_there_knocks_too(open_door):
    client = open_door()
    assert {client.get(f"/{number}").status_code for number in range(KNOCKS)} == {404}
    assert client.get("/wp-admin").status_code == 429


@pytest.mark.parametrize("path", ["/health", "/metrics"])
def test_who_looks_ten_times_a_second_is_kept_off(open_door, path):
    client = open_door()
    assert {client.get(path).status_code for _ in range(LOOKS)} == {200}
    assert client.get(path).status_code == 429


@pytest.mark.parametrize(
    ("path", "told"),
    [("/nothing", []), ("/voicemail", []), ("/voice", ["refused"]), ("/voice/nl/main", ["refused"])],
)
def test_only_who_asks_for_a_call_without_a_good_signature_counts_as_refused(open_door, path, told):
    watch = Seen()
    open_door(metrics=watch).get(path)
    assert watch.told == told


def test_behind_a_proxy_each_address_is_counted_for_itself(open_door):
    client = open_door(proxies=1)
    knock(client, KNOCKS, **{"X-Forwarded-For": "198.51.100.1"})
    # What somebody writes in front of the address that the proxy adds is not believed.
    assert knock(client, 1, **{"X-Forwarded-For": "203.0.113.9, 198.51.100.1"}) == [429]
    assert knock(client, 1, **{"X-Forwarded-For": "198.51.100.2"}) == [403]


def test_of_what_a_proxy_passes_on_only_the_address_is_believed(open_door):
    said = {"Prefix": "/voice", "Host": "other.example", "Port": "1", "For": "198.51.100.1"}
    seen = []
    with flask.request_started.connected_to(
        lambda *_: seen.append((flask.request.url, flask.request.remote_addr))
    ):
        headers = {f"X-Forwarded-{name}": value for name, value in said.items()}
        open_door(proxies=1).get("/health", headers=headers)
    assert seen == [("http://localhost/health", "198.51.100.1")]


def test_without_a_proxy_nobody_is_believed_to_be_another(open_door):
    client = open_door()
    knock(client, KNOCKS, **{"X-Forwarded-For": "198.51.100.1"})
    assert knock(client, 1, **{"X-Forwarded-For": "198.51.100.2"}) == [429]


def test_a_counter_of_knocks_that_is_away_keeps_nobody_from_an_answer(open_door):
    client = open_door(limits_url="redis://127.0.0.1:1")
    assert post(client).status_code == 200
    assert knock(client, KNOCKS) == [403] * KNOCKS
    assert knock(client, 1) == [429]
    assert client.get("/health").status_code == 200


@pytest.fixture
def redis(tmp_path):
    running = Redis(tmp_path)
    yield running
    running.program.kill()


def test_two_machines_count_knocks_together_in_one_redis(open_door, redis):
    one, other = (open_door(limits_url=redis.url) for _ in range(2))
    assert knock(one, KNOCKS - 20) == [403] * (KNOCKS - 20)
    assert knock(other, 20) == [403] * 20
    assert knock(one, 1) == knock(other, 1) == [429]
    assert post(one).status_code == post(other).status_code == 200


def test_a_redis_that_hangs_keeps_nobody_from_an_answer(open_door, redis):
    client = open_door(limits_url=redis.url)
    assert knock(client, 1) == [403]
    redis.program.send(signal.SIGSTOP)
    assert post(client).status_code == 200
    assert client.get("/health").status_code == 200
    assert knock(client, KNOCKS + 1)[-1] == 429  # counted in here meanwhile


@given(st.lists(st.tuples(st.text(), st.text()), max_size=20))
def test_a_form_is_read_as_it_was_written(pairs):
    pairs = [tuple(each.encode(errors="ignore").decode() for each in pair) for pair in pairs]
    assert list(read_form(urlencode(pairs).encode()).items()) == pairs


@given(st.binary(max_size=60))
def test_any_bytes_are_a_form_or_none(body):
    with suppress(ValueError):
        read_form(body)


def test_a_form_of_more_fields_than_twilio_sends_is_none():
    with pytest.raises(ValueError, match="fields"):
        read_form(b"&" * FORM_FIELDS)


def test_a_name_that_comes_twice_is_signed_with_both_values(open_door):
    form = MultiDict([*FORM.items(), ("Digits", "1"), ("Digits", "2")])
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/voice", form)
    answer = open_door().post("/voice", data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 200


def test_an_address_signed_with_its_port_is_taken(open_door):
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}:443/voice", FORM)
    assert post(open_door(), signature=signature).status_code == 200


@pytest.mark.parametrize("more", [{"Upgrade": "websocket", "Connection": "Upgrade"}, {"Host": "a b"}])
def test_however_odd_an_unsigned_request_it_is_refused_like_all_others(open_door, more):
    assert open_door().get("/voice", headers=more).status_code == 403


ELSEWHERE = "https://other.example"


@pytest.mark.parametrize(
    ("signed_for", "played_from"),
    [(PUBLIC, PUBLIC), (ELSEWHERE, ELSEWHERE), (f"{ELSEWHERE}:443", ELSEWHERE), (f"{PUBLIC}:443", PUBLIC)],
)
def test_sounds_are_played_from_the_public_url_for_which_the_call_was_signed(live, signed_for, played_from):
    check = SignatureCheck(TOKEN, lambda: [PUBLIC, ELSEWHERE])
    client = client_of(create_app(live, check, lambda: NOON))
    pretended = {"Host": "bad.example", "X-Forwarded-Host": "bad.example", "X-Forwarded-Proto": "http"}
    signature = RequestValidator(TOKEN).compute_signature(f"{signed_for}/voice", FORM)
    answer = client.post("/voice", data=FORM, headers={"X-Twilio-Signature": signature, **pretended})
    gather, _ = grammar.read(answer.data, answer.content_type)
    assert [verb.url.startswith(f"{played_from}/audio/") for verb in gather.verbs] == [True]


def test_a_signature_of_one_value_is_not_good_for_two(open_door):
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/voice", FORM)
    twice = MultiDict([*FORM.items(), ("To", "+31200000101")])
    answer = open_door().post("/voice", data=twice, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


def ask(live, receive, headers):
    """Ask for a call with a body that comes as it does; the status of the answer, if any."""
    app, sent = make_app(live), []
    scope = {"type": "http", "method": "POST", "path": "/voice", "raw_path": b"/voice", "query_string": b""}
    scope |= {"root_path": "", "scheme": "http", "http_version": "1.1"}
    form = (b"content-type", b"application/x-www-form-urlencoded")

    async def send(message):
        sent.append(message)

    asyncio.run(app({**scope, "headers": [form, *headers]}, receive, send))
    return sent[0]["status"]


def test_the_body_of_who_does_not_sign_is_not_waited_for(live):
    async def receive():
        raise AssertionError("somebody waits for the body")

    assert ask(live, receive, []) == 403


def test_of_a_body_that_is_too_long_no_more_than_the_limit_is_taken(live):
    taken = []

    async def receive():
        taken.append(10_000)
        return {"type": "http.request", "body": b"x" * 10_000, "more_body": True}

    assert ask(live, receive, [(b"x-twilio-signature", b"x")]) == 403
    assert sum(taken) <= BODY_BYTES + 10_000


def test_who_breaks_off_in_the_middle_of_a_body_leaves_nothing_behind(live):
    async def receive():
        return {"type": "http.disconnect"}

    assert ask(live, receive, [(b"x-twilio-signature", b"x")]) == 403
