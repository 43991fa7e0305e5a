"""The documents that Twilio gets; each is read by the exchange, which refuses what Twilio refuses."""

import re
from dataclasses import replace
from itertools import product
from typing import assert_never, get_args, get_type_hints
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.homes import NOON

from ivr.dialogue import flow
from ivr.dialogue.call import (
    Ask,
    At,
    Call,
    End,
    Ended,
    Ending,
    Event,
    Incoming,
    Join,
    Offer,
    PickedUp,
    Pressed,
    Question,
    Ring,
    RingCheck,
    Target,
)
from ivr.dialogue.prompts import Speaker
from ivr.exchange import grammar
from ivr.exchange.verbs import Dial, Gather, Hangup, Play, Redirect, Say
from ivr.model.languages import LANGUAGES
from ivr.model.limits import PLAY_BYTES, PLAY_PIECES
from ivr.model.phrase import Phrase
from ivr.model.playing import GAP_BYTES, Sound
from ivr.twiml import documents, requests, urls

VOICES = {code: language.voice for code, language in LANGUAGES.items()}
AT = At("nl", "main")
HELLO = (Phrase("hello", "nl", "Goedendag."),)


def written(reply, find=lambda _: None):
    return grammar.read(documents.write(reply, VOICES, find, "https://line.example").encode(), "text/xml")


def test_a_menu_listens_to_every_key_and_its_silence_leads_on():
    gather, redirect = written(Ask(HELLO, 5, AT, At("nl", "main", silences=1), ()))
    assert gather == Gather(
        "/voice/nl/main/key", 5, 1, "", action_on_empty_result=False, verbs=(Say("Goedendag.", VOICES["nl"]),)
    )
    assert redirect == Redirect("/voice/nl/main?silences=1")


def test_a_forwarding_announces_listens_and_dials_in_one_document():
    target = Target("+319008844", "+31200000001", 25, 3600, None)
    gather, dial = written(Ring(HELLO, 2, At("nl", "police", member=1), target, ()))
    assert (gather.action, gather.timeout) == ("/voice/nl/police/key?member=1", 2)
    assert dial.action == "/voice/nl/police/ended?member=1"
    assert (dial.caller_id, dial.timeout, dial.time_limit, dial.noun.endpoint, dial.noun.url) == (
        "+31200000001",
        25,
        3600,
        "+319008844",
        None,
    )


def test_without_an_announcement_it_dials_at_once():
    target = Target("sip:zorg@dorp.example", "+31200000001", 25, 3600, PickedUp("dorp"))
    (dial,) = written(Ring((), 1, At("nl", "contact"), target, ()))
    assert isinstance(dial, Dial)
    assert dial.noun.url == "/voice/pickup/dorp"


def test_who_picks_up_is_asked_and_silence_hangs_up():
    gather, hangup = written(Question(HELLO, 6, PickedUp("dorp", 1)))
    assert gather.action == "/voice/pickup/dorp/key?asked=1"
    assert hangup == Hangup()


def test_joining_is_an_empty_document_and_the_end_hangs_up():
    assert written(Join()) == ()
    assert written(End(HELLO, ()))[-1] == Hangup()


def test_every_document_of_the_line_is_one_that_twilio_takes(line):
    for item, language, member in product(line.menu.items, LANGUAGES, (0, 1, 9)):
        at = At(language, item, member=member, origin="step-1")
        for event in (Incoming(), Offer(at), Pressed(at, "8"), *(Ended(at, ending) for ending in Ending)):
            for dialled in ("+31200000001", "+31200000101", "+319"):
                reply = flow.answer(line, Call("+31200000199", dialled, event), NOON)
                for find in (lambda _: None, lambda phrase: Sound(phrase.prompt, 1)):
                    verbs = written(reply, find)
                    for gather in (verb for verb in verbs if isinstance(verb, Gather)):
                        assert sum(isinstance(verb, Play) for verb in gather.verbs) <= 1


def test_what_a_menu_says_is_made_once_for_all_callers(line):
    voorbeeldstad, dorp = (line.municipalities[word] for word in ("voorbeeldstad", "dorp"))
    assert Speaker(line, "nl", voorbeeldstad).menu("main") is Speaker(line, "nl", dorp).menu("main")


def test_a_menu_that_names_the_municipality_names_each_callers_own(line):
    greeting = {**line.prompts["nl"], "welcome": "Dit is {municipality}."}
    named = replace(line, prompts={**line.prompts, "nl": greeting})
    for municipality in (*line.municipalities.values(), *line.municipalities.values()):
        (first, *_), _choices = Speaker(named, "nl", municipality).menu("main")
        assert first.text == f"Dit is de {municipality.name}."


def clips_of(play):
    return re.fullmatch(r"https://line\.example/audio/(.+)\.wav(?:\?gap=\d+)?", play.url)[1].split("-")


phrases = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6)


@given(phrases, st.sets(st.sampled_from(["a", "b", "c"])))
def test_the_longest_run_of_clips_is_played_and_the_rest_is_said_in_order(prompts, clips):
    says = tuple(Phrase(prompt, "nl", f"{prompt}.") for prompt in prompts)
    gather, _ = written(
        Ask(says, 5, AT, AT, ()), lambda phrase: Sound(phrase.prompt, 1) if phrase.prompt in clips else None
    )
    spoken = []
    for verb in gather.verbs:
        spoken += clips_of(verb) if isinstance(verb, Play) else [verb.text[0]]
    assert spoken == prompts
    plays = [verb for verb in gather.verbs if isinstance(verb, Play)]
    assert len(plays) == bool(clips & set(prompts))


sizes = st.sampled_from(
    [None, 1, 16_000, PLAY_BYTES // 3, PLAY_BYTES - GAP_BYTES, PLAY_BYTES, PLAY_BYTES + 1]
)


@given(
    st.lists(st.tuples(st.integers(0, 90).map(str), st.integers(0, 5)), min_size=1, max_size=90),
    st.lists(sizes, min_size=6, max_size=6),
)
def test_no_document_asks_for_a_file_that_is_refused_and_every_phrase_is_heard_once(prompts, sizes):
    says = tuple(Phrase(prompt, "nl", f"{prompt}.") for prompt, _ in prompts)
    size = {prompt: sizes[kind] for prompt, kind in prompts}
    gather, _ = written(
        Ask(says, 5, AT, AT, ()),
        lambda phrase: Sound(phrase.prompt, size[phrase.prompt]) if size[phrase.prompt] else None,
    )
    heard = []
    for verb in gather.verbs:
        names = clips_of(verb) if isinstance(verb, Play) else []
        assert len(names) == len(set(names)) <= PLAY_PIECES
        assert sum(size[name] for name in names) + GAP_BYTES * (len(names) - 1) <= PLAY_BYTES
        heard += names or [verb.text.rstrip(".")]
    assert heard == [prompt for prompt, _ in prompts]


def test_a_run_ends_before_it_is_too_long_and_the_rest_is_said():
    says = tuple(Phrase(str(number), "nl", "…") for number in range(PLAY_PIECES + 3))
    (gather, _) = written(Ask(says, 5, AT, AT, ()), lambda phrase: Sound(phrase.prompt, 1))
    assert [type(verb) for verb in gather.verbs] == [Play, Say, Say, Say]


def test_the_url_of_joined_clips_names_the_silence_between_them_for_twilio_may_keep_the_file():
    assert urls.of_audio(["a", "b"]) == f"/audio/a-b.wav?gap={GAP_BYTES}"
    assert urls.of_audio(["a"]) == "/audio/a.wav"


def test_pauses_become_breaks_when_twilio_speaks():
    (say, _) = written(End((Phrase("numbers", "nl", "… de politie: … nul, negen"),), ()))
    assert say.text == "… de politie: … nul, negen"
    document = documents.write(End((Phrase("numbers", "nl", "nul … acht"),), ()), VOICES, lambda _: None, "")
    assert '<break time="400ms"' in document


@pytest.mark.parametrize(
    ("status", "bridged", "ending"),
    [
        ("completed", "true", Ending.TALKED),
        ("completed", "false", Ending.UNREACHED),
        ("busy", "false", Ending.UNREACHED),
        ("no-answer", "false", Ending.UNREACHED),
        ("failed", "false", Ending.UNREACHED),
        ("canceled", "false", Ending.UNREACHED),
        ("busy", "", Ending.UNREACHED),
        ("completed", "", Ending.UNCLEAR),
        ("complete", "true", Ending.UNCLEAR),
        ("", "", Ending.UNCLEAR),
    ],
)
def test_each_way_that_twilio_reports_an_end_is_known(status, bridged, ending):
    form = {"DialCallStatus": status, "DialBridged": bridged}
    assert requests.read("/voice/nl/police/ended", {}, form).event == Ended(At("nl", "police"), ending)


words = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
keys = st.sampled_from("0123456789*#")
FIELDS = {
    ("language", str): st.sampled_from(list(LANGUAGES)),
    ("token", str): st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    ("key", str): keys,
    str: words,
    int: st.integers(0, 99),
    str | None: st.none() | keys,
    Ending: st.sampled_from(Ending),
    At: st.deferred(lambda: made(At)),
}
"""Type of a field, with its name where not any value will do → what stands in it."""


def made(kind):
    """Any object of a dataclass, with a value in every field, also where it has a default."""
    fields = get_type_hints(kind).items()
    return st.builds(kind, **{name: FIELDS.get((name, type_), FIELDS[type_]) for name, type_ in fields})


def webhook_of(event):
    """The URL and the form with which Twilio reports an event."""
    match event:
        case Incoming():
            return urls.ROOT, {}
        case Offer(at):
            return urls.of(at), {}
        case Pressed(at, key):
            return urls.of(at, urls.KEY), {"Digits": key}
        case Ended(at, ending):
            status = {Ending.TALKED: "completed", Ending.UNREACHED: "busy", Ending.UNCLEAR: "?"}[ending]
            bridged = str(ending is Ending.TALKED).lower()
            return urls.of(at, urls.ENDED), {"DialCallStatus": status, "DialBridged": bridged}
        case PickedUp():
            return urls.of_pickup(event, urls.KEY if event.key else ""), {"Digits": event.key or ""}
        case RingCheck():
            return urls.of_ring_check(event, urls.KEY if event.key else ""), {"Digits": event.key or ""}
        case _:
            assert_never(event)


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_the_url_of_an_event_carries_all_of_it(kind, data):
    event = data.draw(made(kind))
    url, form = webhook_of(event)
    path, _, query = url.partition("?")
    assert requests.read(path, dict(parse_qsl(query)), form).event == event


@given(
    st.text(),
    st.dictionaries(st.text(max_size=9), st.text(max_size=9)),
    st.dictionaries(st.text(), st.text()),
)
def test_any_address_and_any_form_make_a_call(path, query, form):
    assert isinstance(requests.read(f"/voice{path}", query, form), Call)


def test_a_key_counts_only_at_the_address_for_keys():
    # Should Twilio repeat the digits of an earlier Gather, they must not press a key again.
    assert requests.read("/voice/nl/main", {"silences": "1"}, {"Digits": "3"}).event == Offer(
        At("nl", "main", silences=1)
    )
    assert requests.read("/voice/nl/main/key", {}, {"Digits": "3"}).event == Pressed(At("nl", "main"), "3")
