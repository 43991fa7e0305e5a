"""The web application: whom it answers, what it answers, and that it always does."""

import json
import logging
import logging.config
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.homes import NOON, PUBLIC
from support.web import FORM, SIGNED, Seen, client_of, make_app, post
from twilio.request_validator import RequestValidator

from ivr.config.live import Live
from ivr.dialogue import flow
from ivr.exchange import grammar, verbs
from ivr.serving.log import logging_as
from ivr.twiml import requests
from ivr.web import create_app
from ivr.web.recorder import NullRecorder
from ivr.web.replays import MOST, SECONDS, ReplayFilter
from ivr.web.signature import SignatureCheck


@pytest.fixture(scope="session")
def live(spoken_home):
    return Live(spoken_home, lambda: NOON, public=False)


@pytest.fixture(scope="session")
def app(live):
    return make_app(live)


@pytest.fixture(scope="session")
def client(app):
    return client_of(app)


def fails(line, call, moment):
    raise KeyError(call.caller)


def test_a_signed_call_gets_the_menu(client):
    answer = post(client)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    gather, redirect = grammar.read(answer.data, answer.content_type)
    assert gather.action == "/voice/nl/main/key"
    assert redirect.url == "/voice/nl/main?silences=1"


def test_twilios_own_example_of_a_signature_is_computed_alike():
    form = {"CallSid": "CA1234567890ABCDE", "Caller": "+12349013030", "Digits": "1234"}
    form |= {"From": "+12349013030", "To": "+18005551212"}
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert RequestValidator("12345").compute_signature(url, form) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


@pytest.mark.parametrize("signature", ["", "nonsense", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", "é"])
def test_without_a_good_signature_there_is_403_and_nothing_else(client, signature):
    answer = post(client, signature=signature)
    assert (answer.status_code, answer.data) == (403, b"")


def test_a_signature_for_another_address_or_another_form_is_not_good(client):
    signature = SIGNED.compute_signature(PUBLIC + "/voice", FORM)
    assert post(client, "/voice/nl/main", signature=signature).status_code == 403
    assert post(client, form=FORM | {"To": "+31200000101"}, signature=signature).status_code == 403


def test_without_a_header_or_with_json_there_is_403(client):
    assert client.post("/voice", data=FORM).status_code == 403
    header = {"X-Twilio-Signature": "x"}
    assert client.post("/voice?bodySHA256=abc", json={}, headers=header).status_code == 403
    assert client.post("/voice", json={}, headers=header).status_code == 403


def test_without_a_token_nobody_comes_in(live):
    client = client_of(create_app(live, SignatureCheck("", lambda: [PUBLIC]), lambda: NOON))
    signature = RequestValidator("").compute_signature(PUBLIC + "/voice", FORM)
    assert post(client, signature=signature).status_code == 403


def test_a_body_that_is_too_large_is_refused(client):
    assert post(client, form=FORM | {"More": "x" * 70_000}).status_code == 403


def test_an_address_with_encoded_signs_keeps_its_signature(client):
    assert post(client, "/voice/nl/caf%C3%A9?x=%C3%A9%20").status_code == 200


def test_an_unknown_parameter_is_never_refused(client):
    more = {"SomethingNew": "yes", "StirVerstat": "TN-Validation-Passed-A"}
    assert post(client, form=FORM | more).status_code == 200


def test_a_webhook_that_is_sent_twice_is_answered_twice_the_same(client):
    assert post(client).data == post(client).data


def by(client, method):
    """A request with a signature as a GET has it, by any method."""
    query = "?" + urlencode(FORM)
    signature = SIGNED.compute_signature(f"{PUBLIC}/voice{query}", {})
    return client.open(f"/voice{query}", method=method, headers={"X-Twilio-Signature": signature})


def test_a_signed_get_is_answered(client):
    answer = by(client, "GET")
    assert answer.status_code == 200
    grammar.read(answer.data, answer.content_type)


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_by_a_method_that_twilio_does_not_use_no_signature_is_good(live, method):
    keeping = Counting()
    app = make_app(live, recorder=keeping)
    assert by(client_of(app), method).status_code == 403
    assert keeping.counts == []


class Counting(NullRecorder):
    def __init__(self):
        self.counts = []

    def count(self, counts, day):
        self.counts += counts


def test_a_webhook_that_comes_again_is_answered_again_and_counted_once(live):
    keeping = Counting()
    client = client_of(make_app(live, recorder=keeping))
    answers = {post(client).data for _ in range(200)}
    assert len(answers) == 1
    assert [count.item for count in keeping.counts] == ["main"]
    post(client, form=FORM | {"CallSid": "CA" + "1" * 32})
    assert [count.item for count in keeping.counts] == ["main", "main"]


def test_what_is_remembered_of_a_webhook_is_forgotten_after_a_while():
    once = ReplayFilter()
    assert [once.is_first("signature", 1000 + seconds) for seconds in (0, 1, SECONDS - 1)] == [
        True,
        False,
        False,
    ]
    assert once.is_first("signature", 1000 + 2 * SECONDS + 2)
    assert b"signature" not in repr(vars(once)).encode()


def test_webhooks_are_remembered_within_bounds():
    once = ReplayFilter()
    for number in range(2 * MOST + 10):
        once.is_first(str(number), 1000)
    assert len(once._current) + len(once._previous) <= 2 * MOST


def test_refused_webhooks_are_logged_by_kind_and_seldom_and_without_anything_of_theirs(live, caplog):
    client = client_of(make_app(live))
    for _ in range(100):
        post(client, "/voice/nl/tip-line/ended", FORM, signature="wrong")
        client.post("/voice/nl/tip-line", data=FORM)
    refused = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert refused == ["webhooks refused for a wrong signature: 1", "webhooks refused for no signature: 1"]
    assert "tip-line" not in caplog.text
    assert FORM["From"] not in caplog.text


paths = st.one_of(
    st.sampled_from(
        ["", "/nl/police/ended", "/nl/main/key", "/pickup/dorp", "/pickup/dorp/key", "/nl/contact/key"]
    ),
    # Twilio's validator drops an empty `;` from an address; no address of ours has one.
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?%;"), max_size=30).map(
        "/".__add__
    ),
)
fields = st.sampled_from(["Digits", "DialCallStatus", "DialBridged", "To", "From", "x", "CallSid"])
values = st.one_of(
    st.sampled_from(["completed", "busy", "true", "3", "+31200000001", "sip:a@b", "anonymous", "+266696687"]),
    st.text(max_size=20),
)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paths, st.dictionaries(fields, values))
def test_whatever_is_signed_gets_200_and_a_document(client, path, form):
    form = {name: value.encode(errors="ignore").decode() for name, value in form.items()}
    answer = post(client, f"/voice{path}", FORM | form)
    assert answer.status_code == 200
    assert grammar.read(answer.data, answer.content_type) is not None


def test_a_failure_inside_speaks_an_apology_and_the_numbers_and_is_logged_without_a_number(live, caplog):
    client = client_of(make_app(live, fails))
    with caplog.at_level(logging.DEBUG):
        document = post(client)
    assert document.status_code == 200
    gather, _redirect = grammar.read(document.data, document.content_type)
    spoken = " ".join(verb.text for verb in gather.verbs)
    assert "Er ging iets mis" in spoken
    assert "nul, negen, nul, nul" in spoken
    assert "KeyError" in caplog.text
    assert FORM["From"] not in caplog.text


def test_each_apology_is_told_to_who_watches_the_line(live):
    watch = Seen()
    post(client_of(make_app(live, fails, metrics=watch)))
    assert watch.told == ["failed"]


def test_after_an_apology_the_keys_still_work(live):
    broken = iter([True])

    def answer(line, call, moment):
        if next(broken, False):
            raise ZeroDivisionError
        return flow.answer(line, call, moment)

    client = client_of(make_app(live, answer))
    gather, _ = grammar.read(post(client).data, "text/xml")
    verbs = grammar.read(post(client, gather.action, FORM | {"Digits": "3"}).data, "text/xml")
    assert verbs[-1].noun.endpoint == "+319008844"


def test_when_not_even_an_apology_can_be_made_the_last_words_are_spoken(live, line):
    mute = replace(line, prompts={})
    broken = SimpleNamespace(snapshot=replace(live.snapshot, line=mute))
    document = post(client_of(make_app(broken)))
    assert document.status_code == 200
    say, hangup = grammar.read(document.data, document.content_type)
    assert "bel 1 1 2" in say.text
    assert hangup == verbs.Hangup()


def test_what_was_written_once_is_sent_to_the_next_caller_as_it_is(live):
    def reply():
        return flow.answer(live.snapshot.line, requests.read("/voice", {}, FORM), NOON)

    assert live.snapshot.document(reply(), PUBLIC) is live.snapshot.document(reply(), PUBLIC)


@pytest.mark.parametrize("path", ["/health", "/metrics", "/nothing", "/voice"])
def test_every_answer_to_a_browser_makes_it_safe(client, path):
    headers = client.get(path).headers
    safe = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }
    assert {name: headers.get(name) for name in safe} == safe


def test_a_clip_is_telephone_sound_and_cacheable_for_ever(client):
    gather, _ = grammar.read(post(client).data, "text/xml")
    (play,) = gather.verbs
    answer = client.get(play.url)
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.data[:4] == b"RIFF"
    assert client.get(play.url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(play.url.replace(".wav", ".txt")).text.startswith("Balielijn mensenhandel.")


def test_a_clip_that_is_lost_takes_only_itself_along(client):
    gather, _ = grammar.read(post(client).data, "text/xml")
    (play,) = gather.verbs
    whole = client.get(play.url)
    part = client.get(play.url.replace(".wav", f"-{'0' * 16}.wav"))
    assert (part.status_code, part.data) == (200, whole.data)
    assert part.headers["Cache-Control"] == "no-store"  # the next caller may hear all of it


def test_joined_clips_may_be_kept_only_at_a_url_that_names_the_silence_between_them(client):
    gather, _ = grammar.read(post(client).data, "text/xml")
    (play,) = gather.verbs
    path, _, query = play.url.partition("?")
    assert query.startswith("gap=")
    for other in ("", "?gap=1", f"?{query}1"):
        answer = client.get(path + other)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "immutable" in client.get(play.url).headers["Cache-Control"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x", "0" * 16, "../../config/line", "-", "a-" * 200, "%00"])
def test_a_clip_that_is_not_there_is_404(client, name):
    assert client.get(f"/audio/{name}.wav").status_code == 404
    assert client.get(f"/audio/{name}.txt").status_code == 404


def test_anything_else_is_404_and_empty(client):
    assert (client.get("/").status_code, client.get("/").data) == (404, b"")
    assert client.get("/voicemail").status_code == 404


# The log


@pytest.fixture
def logged(monkeypatch, caplog):
    """What `ivr serve` has written, line by line."""
    written, logs = StringIO(), logging_as(json=True)
    logs["handlers"]["console"] |= {"()": logging.StreamHandler, "stream": written}
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    for name in (None, *logs["loggers"]):
        caplog.set_level(logging.INFO, name)  # as it was, after the test
    logging.config.dictConfig(logs)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_each_request_has_an_id_in_the_log_that_is_made_here(live, logged):
    client = client_of(make_app(live, fails))
    signature = SIGNED.compute_signature(f"{PUBLIC}/voice", FORM)
    sent = {"X-Twilio-Signature": signature, "I-Twilio-Idempotency-Token": "0f9a7c21", "X-Request-Id": "77ab"}
    for _ in range(2):
        client.post("/voice", data=FORM, headers=sent)
    ids = {line["request"] for line in logged()}
    assert len(ids - {None, "", "-"}) == 2
    assert [text for text in (*sent.values(), *FORM.values()) if text in "".join(ids)] == []


def test_who_knocks_too_often_does_not_fill_the_log(live, logged):
    client = client_of(make_app(live))
    assert {client.get(f"/{number}").status_code for number in range(100)} == {404, 429}
    assert logged() == []
