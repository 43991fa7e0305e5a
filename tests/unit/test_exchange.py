"""The exchange leads a call as Twilio's documentation says Twilio does, and refuses what Twilio refuses."""

import wave
from io import BytesIO

import pytest
from twilio.request_validator import RequestValidator

from ivr.exchange import grammar
from ivr.exchange.call import DOCUMENTS, Exchange
from ivr.exchange.people import (
    CallerHungUp,
    NotReached,
    PickedUp,
    ScriptedCaller,
    ScriptedFarEnd,
    ScriptedPerson,
    rung,
)
from ivr.exchange.transcript import steps
from ivr.exchange.verbs import TwimlError
from ivr.exchange.wire import ReachedLine, Response

TOKEN = "12345"
URL = "https://line.example"
FROM, TO = "+31200000199", "+31200000001"


class Script:
    """A line that says what a test wrote down: address → document, or a function of the form."""

    def __init__(self, documents):
        self.documents = {
            path: [each] if isinstance(each, str | Response) else each for path, each in documents.items()
        }
        self.asked = []

    def send(self, method, url, form, headers):
        path = url.removeprefix(URL)
        self.asked.append((method, path, dict(form), dict(headers)))
        several = self.documents.get(path)
        if several is None:
            return Response(404, "text/html", b"")
        document = several.pop(0) if len(several) > 1 else several[0]
        if isinstance(document, Response):
            return document
        return Response(200, "text/xml", f"<Response>{document}</Response>".encode())


def call(documents, keys="", far_end=None, **more):
    script = Script({"/voice": documents} if isinstance(documents, str | Response) else documents)
    exchange = Exchange(ReachedLine(script, TOKEN, URL), ScriptedFarEnd({"x": far_end or []}, {}), {}, **more)
    exchange.far_ends._groups = {"+31207600809": "x"}
    return steps(exchange.call(FROM, TO, ScriptedCaller(keys))), script


def read(inside, content_type="text/xml"):
    return grammar.read(f"<Response>{inside}</Response>".encode(), content_type)


@pytest.mark.parametrize(
    "inside",
    [
        "<Shout>hello</Shout>",
        "<say>hello</say>",
        "<Say/>",
        "<Say> </Say>",
        '<Say loudness="3">hello</Say>',
        '<Say voice="Polly Laura">hello</Say>',
        '<Say voice="Laura">hello</Say>',
        '<Say voice="Google.nl-Wavenet-F">hello</Say>',
        '<Say language="Dutch">hello</Say>',
        "<Say><Play>/a.wav</Play></Say>",
        '<Say><break time="soon"/></Say>',
        f"<Say voice='Polly.Laura-Neural'>{'a' * 3001}</Say>",
        "<Play>a.wav</Play>",
        "<Play>/audio/a.wav</Play>",
        "<Play/>",
        '<Pause length="long"/>',
        "<Gather><Dial>+31207600809</Dial></Gather>",
        "<Gather><Redirect>/voice</Redirect></Gather>",
        "<Gather><Gather/></Gather>",
        "<Gather>Press a key</Gather>",
        '<Gather timeout="0"/>',
        '<Gather timeout="auto"/>',
        '<Gather numDigits="0"/>',
        '<Gather finishOnKey="##"/>',
        '<Gather num_digits="1"/>',
        '<Gather method="PUT"/>',
        "<Dial>0207600809</Dial>",
        "<Dial><Number>020 760 0809</Number></Dial>",
        "<Dial><Number>112</Number></Dial>",
        "<Dial><Sip>desk@example.org</Sip></Dial>",
        '<Dial timeout="4"><Number>+31207600809</Number></Dial>',
        '<Dial timeout="601"><Number>+31207600809</Number></Dial>',
        '<Dial timeLimit="0"><Number>+31207600809</Number></Dial>',
        '<Dial timeLimit="1h"><Number>+31207600809</Number></Dial>',
        '<Dial timeLimit="86401"><Number>+31207600809</Number></Dial>',
        "<Dial><Say>hello</Say></Dial>",
        "<Dial/>",
        "<Dial><Number>+31207600809</Number><Number>+31207600810</Number></Dial>",
        '<Dial sequential="yes"><Number>+31207600809</Number></Dial>',
        '<Dial><Number ring="3">+31207600809</Number></Dial>',
        "<Redirect/>",
        "<Redirect>voice</Redirect>",
        '<Hangup reason="busy"/>',
        "hello <Say>hello</Say>",
        "<Say>hello</Say> there",
        "<Say>hello",
        "<Say>hello <!-- never closed </Say>",
        "&hello;",
    ],
)
def test_what_twilio_refuses_is_refused(inside):
    with pytest.raises(TwimlError):
        read(inside)


@pytest.mark.parametrize(
    "inside",
    [
        '<Say voice="Polly.Laura-Neural" language="nl-NL">nul <break time="400ms"/> negen</Say>',
        '<Say>In <say-as interpret-as="digits">112</say-as> <prosody rate="slow">rustig</prosody></Say>',
        '<Gather input="dtmf" timeout="5" numDigits="1" finishOnKey="" action="/voice/key"><Pause/></Gather>',
        '<Gather action="https://line.example/voice/key" actionOnEmptyResult="true"/>',
        '<Dial callerId="+31200000001" timeout="600"><Number url="/p">+31207600809</Number></Dial>',
        '<Dial answerOnBridge="true"><Sip url="/p">sip:desk@example.org:5060</Sip></Dial>',
        '<Dial timeLimit="14400"><Number>+31207600809</Number></Dial>',
        "<Pause/><Hangup/>",
        '<Gather action="/key" method="POST"/><Redirect method="POST">/voice</Redirect>',
        "",
    ],
)
def test_what_twilio_takes_is_taken(inside):
    read(inside)


def test_a_voice_and_a_length_that_twilio_does_not_know_are_refused_under_their_own_numbers():
    with pytest.raises(TwimlError, match="13511"):
        read('<Say voice="Laura">hello</Say>')
    with pytest.raises(TwimlError, match="13216"):
        read('<Dial timeLimit="0"><Number>+31207600809</Number></Dial>')


@pytest.mark.parametrize("content_type", ["text/html", "application/json", "", "text/plain; charset=utf-8"])
def test_a_document_of_another_type_is_refused(content_type):
    with pytest.raises(TwimlError, match="12300"):
        read("", content_type)


def test_a_document_over_64_kb_is_refused():
    says = "<Say>" + "a" * 2_900 + "</Say>"
    assert len(read(says * 22)) == 22
    with pytest.raises(TwimlError, match="11750"):
        read(says * 23)


def test_a_document_type_is_refused_so_that_no_entity_is_expanded():
    with pytest.raises(TwimlError, match="12100"):
        grammar.read(b'<!DOCTYPE r [<!ENTITY a "aa">]><Response><Say>&a;</Say></Response>', "text/xml")


def test_a_document_type_in_another_encoding_is_refused_too():
    document = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY a "aa">]><Response/>'
    with pytest.raises(TwimlError, match="12100"):
        grammar.read(document.encode("utf-16"), "text/xml")


def test_a_comment_is_ignored():
    document = "<!-- one --><Response><!-- two --><Say>Good <!-- three -->day</Say></Response><!-- four -->"
    assert grammar.read(document.encode(), "text/xml") == read("<Say>Good day</Say>")


@pytest.mark.parametrize(
    "inside",
    [
        "<Dial><Number>+31207600809</Number><Number>+31207600808</Number></Dial>",
        '<Gather method="GET"/>',
        '<Redirect method="GET">/voice</Redirect>',
        '<Dial method="GET" action="/ended"><Number>+31207600809</Number></Dial>',
        '<Dial><Number url="/p" method="GET">+31207600809</Number></Dial>',
    ],
)
def test_what_twilio_takes_and_this_exchange_does_not_is_refused_without_a_number_of_twilios(inside):
    with pytest.raises(TwimlError, match=r"^0: "):
        read(inside)


def test_a_file_to_play_without_a_host_is_refused_as_twilios_page_shows_none():
    assert read("<Play>https://line.example/a.wav</Play>")
    with pytest.raises(TwimlError, match="12200"):
        read("<Play>/a.wav</Play>")


def test_what_loops_is_spoken_as_often_as_it_says():
    assert call('<Say loop="3">hello</Say><Say>goodbye</Say>')[0][0] == {"hears": "hello hello hello goodbye"}
    inside = '<Gather numDigits="1"><Say loop="2">choose</Say></Gather>'
    assert call(inside)[0][0] == {"hears": "choose choose"}
    assert len(read('<Play loop="2">https://line.example/a.wav</Play>')) == 2


def test_what_loops_for_ever_stops_after_a_thousand_times():
    assert len(read('<Say loop="0">hello</Say>')) == len(read('<Say loop="1001">hello</Say>')) == 1_000


def test_every_webhook_is_signed_over_its_address_and_form():
    _, script = call('<Gather action="/voice/a?b=%C3%A9" numDigits="1"/>', keys="3")
    for _method, path, form, headers in script.asked:
        assert RequestValidator(TOKEN).validate(URL + path, form, headers["X-Twilio-Signature"])
    assert script.asked[1][2]["Digits"] == "3"


def test_a_key_is_posted_to_the_gathers_action():
    told, _ = call({"/voice": '<Gather action="/key" numDigits="1"/>', "/key": "<Say>thanks</Say>"}, "3")
    assert told == [{"presses": "3"}, {"hears": "thanks"}, {"ends": "line"}]


def test_without_a_key_the_document_goes_on_behind_the_gather():
    told, _ = call('<Gather timeout="4" action="/key"><Say>choose</Say></Gather><Say>goodbye</Say>')
    assert told == [{"hears": "choose"}, {"silence": "4 s"}, {"hears": "goodbye"}, {"ends": "line"}]


def test_with_nothing_behind_a_gather_silence_ends_the_call():
    assert call("<Gather/>")[0] == [{"silence": "5 s"}, {"ends": "line"}]


def test_without_num_digits_a_gather_waits_for_more_keys_and_hash_ends_them():
    _, script = call({"/voice": '<Gather action="/key"/>', "/key": ""}, "12#")
    assert script.asked[1][2]["Digits"] == "12"
    _, script = call({"/voice": '<Gather action="/key"/>', "/key": ""}, "12-")
    assert script.asked[1][2]["Digits"] == "12"


def test_the_finish_key_as_the_first_key_sends_nothing_and_the_document_goes_on():
    told, script = call({"/voice": '<Gather action="/key"/><Say>goodbye</Say>', "/key": ""}, "#")
    assert told == [{"presses": "#"}, {"hears": "goodbye"}, {"ends": "line"}]
    assert len(script.asked) == 1
    document = '<Gather action="/key" actionOnEmptyResult="true"/>'
    _, script = call({"/voice": document, "/key": ""}, "#")
    assert script.asked[1][2]["Digits"] == ""


def test_action_on_empty_result_asks_the_action_after_silence_too():
    document = '<Gather action="/key" actionOnEmptyResult="true"/>'
    told, script = call({"/voice": document, "/key": "<Say>nothing</Say>"})
    assert script.asked[1][2]["Digits"] == ""
    assert told[1] == {"hears": "nothing"}


def test_a_redirected_answer_loses_the_key():
    documents = {
        "/voice": '<Gather action="/key" numDigits="1"/>',
        "/key": Response(307, "", b"", location="/other"),
        "/other": "<Say>which key?</Say>",
    }
    _, script = call(documents, "3")
    method, path, form, _ = script.asked[-1]
    assert (method, path, form) == ("GET", "/other", {})


def test_ten_redirects_are_followed_and_the_next_ends_the_call():
    ring = {f"/{n}": f"<Redirect>/{n + 1}</Redirect>" for n in range(1, 10)}
    first = {"/voice": "<Redirect>/1</Redirect>"}
    assert call({**first, **ring, "/10": "<Say>here</Say>"})[0][-1] == {"ends": "line"}
    (end,) = call({**first, **ring, "/10": "<Redirect>/11</Redirect>", "/11": ""})[0]
    assert end == {"ends": "fault: 0: more than 10 redirects"}


def test_a_call_that_asks_for_documents_without_end_is_a_fault():
    told, _ = call('<Gather action="/voice" numDigits="1"/>', "1" * (DOCUMENTS + 1))
    assert told[-1] == {"ends": f"fault: 0: more than {DOCUMENTS} documents"}


def test_an_answer_that_is_an_error_is_a_fault():
    assert call(Response(500, "text/html", b""))[0] == [{"ends": "fault: 11200: status 500 from /voice"}]


def test_a_caller_id_that_is_not_the_accounts_is_refused():
    dial = '<Dial callerId="{}" action="/e"><Number>+31207600809</Number></Dial>'
    documents = {"/e": "<Hangup/>"}
    assert "13214" in call({"/voice": dial.format("+31611111111"), **documents})[0][-1]["ends"]
    assert call({"/voice": dial.format(TO), **documents})[0][-1] == {"ends": "line"}
    owned = frozenset({"+31200000009"})
    assert call({"/voice": dial.format("+31200000009"), **documents}, owned=owned)[0][-1] == {"ends": "line"}


def test_without_a_caller_id_the_callers_own_number_is_shown():
    told, _ = call({"/voice": "<Dial><Number>+31207600809</Number></Dial>"})
    assert told[0] == {"rings": f"+31207600809, 30 s, sees {FROM}"}


IN_ORDER = (
    '<Dial callerId="+31200000001" sequential="true">'
    "<Number>+31207600809</Number><Number>+31207600810</Number></Dial><Say>behind</Say>"
)


@pytest.mark.parametrize(
    ("far_end", "rung"),
    [(["answer"], 1), (["busy", "answer"], 2), (["failed", "no-answer"], 2)],
)
def test_the_numbers_of_a_dial_in_order_ring_one_after_the_other_until_one_is_reached(far_end, rung):
    script = Script({"/voice": IN_ORDER})
    far_ends = ScriptedFarEnd({"x": far_end}, {"+31207600809": "x", "+31207600810": "x"})
    exchange = Exchange(ReachedLine(script, TOKEN, URL), far_ends, {})
    told = steps(exchange.call(FROM, TO, ScriptedCaller("")))
    assert len([each for each in told if "rings" in each]) == rung
    assert ({"talk": "person"} in told, {"hears": "behind"} in told) == ("answer" in far_end, True)


DIAL = '<Dial action="/ended" callerId="+31200000001"><Number{}>+31207600809</Number></Dial><Say>never</Say>'
WHISPER = ' url="/whisper"'
QUESTION = '<Gather action="/accept" numDigits="1"><Say>press one</Say></Gather><Hangup/>'


def ended(outcome, leg="", **documents):
    told, script = call(
        {"/voice": DIAL.format(leg), "/ended": "", "/whisper": QUESTION, "/accept": "", **documents},
        far_end=[outcome],
    )
    form = next(form for _, path, form, _ in script.asked if path == "/ended")
    return told, (form["DialCallStatus"], form["DialBridged"])


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed"])
def test_a_far_end_that_does_not_pick_up_is_reported_so(outcome):
    told, form = ended(outcome)
    assert form == (outcome, "false")
    assert {"hears": "never"} not in told  # what stands behind a Dial with an action is never reached


def test_a_talk_is_completed_and_bridged():
    told, form = ended("answer")
    assert {"talk": "person"} in told
    assert form == ("completed", "true")


def test_a_voicemail_that_is_asked_nothing_swallows_the_call():
    told, form = ended("voicemail")
    assert {"talk": "voicemail"} in told
    assert form == ("completed", "true")


@pytest.mark.parametrize("outcome", ["voicemail", "declines"])
def test_who_is_asked_and_does_not_accept_leaves_completed_and_not_bridged(outcome):
    told, form = ended(outcome, WHISPER, **{"/accept": "<Hangup/>"})
    assert not any("talk" in step for step in told)
    assert form == ("completed", "false")


def test_who_is_asked_and_accepts_is_joined():
    told, form = ended("answer", WHISPER)
    assert told[2:5] == [{"far end hears": "press one"}, {"far end presses": "1"}, {"talk": "person"}]
    assert form == ("completed", "true")


def test_a_dial_in_a_document_for_a_far_end_is_refused():
    documents = {"/voice": DIAL.format(WHISPER), "/whisper": "<Dial><Number>+31207600809</Number></Dial>"}
    assert "12200" in call(documents, far_end=["answer"])[0][-1]["ends"]


def test_the_leg_to_a_far_end_shows_no_clerk():
    _, script = call({"/voice": DIAL.format(WHISPER), "/whisper": "<Hangup/>", "/ended": ""})
    form = next(form for _, path, form, _ in script.asked if path == "/whisper")
    assert (form["From"], form["To"], form["Direction"]) == (TO, "+31207600809", "outbound-dial")
    assert FROM not in form.values()


def test_a_file_that_is_missing_or_no_sound_is_refused():
    assert "11200" in call(f"<Play>{URL}/audio/a.wav</Play>")[0][-1]["ends"]
    wrong = {"/voice": f"<Play>{URL}/audio/a.wav</Play>", "/audio/a.wav": Response(200, "text/html", b"")}
    assert "12300" in call(wrong)[0][-1]["ends"]
    noise = {"/voice": f"<Play>{URL}/audio/a.wav</Play>", "/audio/a.wav": Response(200, "audio/wav", b"RIFF")}
    assert "12300" in call(noise)[0][-1]["ends"]


def test_a_clip_is_fetched_without_signature_and_without_parameters():
    _, script = call({"/voice": f"<Play>{URL}/audio/a.wav</Play>"})
    assert script.asked[1] == ("GET", "/audio/a.wav", {}, {})


def test_who_hangs_up_ends_the_call_there():
    assert call("<Gather/><Say>goodbye</Say>", "h")[0] == [{"ends": "caller"}]


def test_a_transcript_holds_no_sid_and_no_number_of_the_caller():
    told, _ = call({"/voice": DIAL.format(WHISPER), "/whisper": QUESTION, "/accept": "", "/ended": ""})
    assert FROM not in str(told)
    assert "CA" not in str(told)


@pytest.mark.parametrize("keys", ["1a", "ⅳ", "1 2"])
def test_keys_that_no_telephone_has_are_told(keys):
    with pytest.raises(ValueError, match="there are"):
        ScriptedCaller(keys)


def test_a_far_end_that_does_what_none_can_is_told():
    with pytest.raises(ValueError, match="a far end can"):
        ScriptedFarEnd({"police": ["sleeps"]}, {})


def test_ctrl_c_anywhere_hangs_up_and_is_not_swallowed():
    class Interrupting(ScriptedCaller):
        def waits(self, seconds):
            raise KeyboardInterrupt

    caller = Interrupting("")
    script = Script({"/voice": "<Gather><Say>hello</Say></Gather>"})
    exchange = Exchange(ReachedLine(script, TOKEN, URL), ScriptedFarEnd({}, {}), {})
    with pytest.raises(KeyboardInterrupt):
        exchange.call(FROM, TO, caller)
    assert steps(caller.seen) == [{"hears": "hello"}, {"ends": "caller"}]
    assert len(script.asked) == 1  # Twilio asks for nothing when a caller hangs up


class Answering:
    """Far ends of a test: each picks up in turn, and notes what is asked of it."""

    def __init__(self, *scripts, talk=7):
        self.scripts, self.talk = list(scripts), talk
        self.told = []

    def rings(self, endpoint, seconds, shown):
        self.told.append(f"rings {endpoint} {seconds} {shown}")
        script = self.scripts.pop(0)
        return script if isinstance(script, NotReached) else PickedUp(Answered(script, self))


class Answered(ScriptedPerson):
    """Somebody who picked up. In its script `x` is the caller who hangs up meanwhile."""

    def __init__(self, script, far_ends):
        super().__init__(script.replace("x", ""))
        self.caller_leaves, self.told, self.talk = "x" in script, far_ends.told, far_ends.talk

    def hears(self, text, wav, seconds, *, listening):
        self.told.append(text or f"pause of {seconds}")
        if self.caller_leaves:
            raise CallerHungUp

    def talks(self, seconds):
        self.told.append(f"talks for {seconds} at most")
        if self.talk is None:
            raise CallerHungUp
        return self.talk

    def ends(self):
        self.told.append("ends")


ASKED = {
    "/voice": '<Dial timeLimit="60" timeout="9" action="/ended" callerId="+31200000001" sequential="true">'
    '<Number url="/whisper">+31207600809</Number><Number url="/whisper">+31207600810</Number></Dial>',
    "/whisper": f"<Pause length='2'/>{QUESTION}",
    "/accept": "",
    "/ended": "<Say>behind</Say>",
}
RINGS = [f"rings {number} 9 {TO}" for number in ("+31207600809", "+31207600810")]
QUESTIONED = ["pause of 2", "press one"]
TALKS = ["talks for 60 at most", "ends"]


def call_far_ends(*scripts, talk=7):
    far_ends = Answering(*scripts, talk=talk)
    script = Script(ASKED)
    told = steps(Exchange(ReachedLine(script, TOKEN, URL), far_ends, {}).call(FROM, TO, ScriptedCaller("")))
    return told, far_ends.told, [form for _, path, form, _ in script.asked if path == "/ended"]


def test_who_picks_up_hears_the_pause_and_the_question_of_the_document_and_is_joined_to_the_caller():
    told, heard, (form,) = call_far_ends("1")
    assert heard == [RINGS[0], *QUESTIONED, *TALKS]
    assert (form["DialCallDuration"], form["DialCallStatus"]) == ("7", "completed")
    assert told[-3:] == [{"talk": "person"}, {"hears": "behind"}, {"ends": "line"}]


def test_who_hangs_up_during_the_question_is_not_joined_and_the_next_one_rings():
    _, heard, (form,) = call_far_ends("h", "1")
    assert heard == [RINGS[0], *QUESTIONED, "ends", RINGS[1], *QUESTIONED, *TALKS]
    assert form["DialBridged"] == "true"
    _, _, (form,) = call_far_ends("h", NotReached("busy"))
    assert (form["DialCallStatus"], form["DialBridged"], form["DialCallDuration"]) == ("busy", "false", "0")


def test_a_caller_who_hangs_up_during_the_question_ends_the_call_and_the_leg_of_who_is_asked():
    told, heard, ended = call_far_ends("x", "1")
    assert heard == [RINGS[0], *QUESTIONED[:1], "ends"]
    assert (told[-1], ended) == ({"ends": "caller"}, [])
    assert not any("talk" in step for step in told)


def test_a_caller_who_hangs_up_in_the_talk_ends_the_call_after_the_talk():
    told, heard, ended = call_far_ends("1", talk=None)
    assert heard[-2:] == TALKS
    assert (told[-2:], ended) == ([{"talk": "person"}, {"ends": "caller"}], [])


def test_a_caller_who_hangs_up_while_it_rings_ends_the_call_before_anybody_answers():
    class Leaving(Answering):
        def rings(self, endpoint, seconds, shown):
            raise CallerHungUp

    exchange = Exchange(ReachedLine(Script(ASKED), TOKEN, URL), Leaving(), {})
    told = steps(exchange.call(FROM, TO, ScriptedCaller("")))
    assert [next(iter(step)) for step in told] == ["rings", "ends"]
    assert told[-1] == {"ends": "caller"}


def test_a_fault_on_the_leg_of_who_picked_up_ends_that_leg_too():
    far_ends = Answering("1")
    documents = {**ASKED, "/accept": "<Shout/>"}
    exchange = Exchange(ReachedLine(Script(documents), TOKEN, URL), far_ends, {})
    assert "fault" in steps(exchange.call(FROM, TO, ScriptedCaller("")))[-1]["ends"]
    assert far_ends.told[-1] == "ends"


@pytest.mark.parametrize(("outcome", "key"), [("answer", "1"), ("declines", "2"), ("voicemail", None)])
def test_a_scripted_far_end_presses_one_key_once(outcome, key):
    far_end = rung(outcome).far_end
    assert [far_end.waits(5), far_end.waits(5)] == [key, None]


def test_all_sounds_of_a_gather_are_made_before_the_first_is_heard():
    told = []
    silence = BytesIO()
    with wave.open(silence, "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))

    class Hearing(ScriptedCaller):
        def hears(self, text, wav, seconds, *, listening):
            told.append(text)

    def synthesise(say):
        told.append("made")
        return silence.getvalue()

    script = Script({"/voice": "<Gather><Say>one</Say><Pause/><Say>two</Say></Gather>"})
    Exchange(ReachedLine(script, TOKEN, URL), ScriptedFarEnd({}, {}), {}, synthesiser=synthesise).call(
        FROM, TO, Hearing("")
    )
    assert told == ["made", "made", "one", "", "two"]
