"""What Twilio says while our server is down: true without us, short enough, and the police at its end."""

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.homes import edit, typed

from ivr.config import shapes, source
from ivr.exchange import grammar, verbs
from ivr.exchange.call import Exchange
from ivr.exchange.people import ScriptedCaller, ScriptedFarEnd
from ivr.exchange.transcript import Bridged, CallEnds, CallerHears, FarEndOutcome, FarEndRings, merged
from ivr.exchange.wire import ReachedLine, Response
from ivr.model import spoken
from ivr.model.languages import LANGUAGES
from ivr.model.limits import CONTACTS, DOCUMENT_BYTES, NAME_CHARACTERS
from ivr.model.municipality import Contact, Municipality
from ivr.model.trial_call import names_of
from ivr.twiml.fallback import document


class Bin:
    """A TwiML Bin: Twilio's own, which answers the first request and knows no other address."""

    def __init__(self, text):
        self.text = text
        self.asked = []

    def send(self, method, url, form, headers):
        self.asked.append(url)
        return Response(200, "text/xml", self.text.encode())


def played(line, municipality, outcomes):
    """A call while our server is down; what happened, and how often anything was asked for."""
    bin_ = Bin(document(line, municipality))
    police = dict.fromkeys(line.settings.destinations["police"].numbers, "police")
    ends = ScriptedFarEnd({"police": outcomes}, police)
    exchange = Exchange(ReachedLine(bin_, "x", "https://bin.example"), ends, names_of(line, municipality))
    return merged(exchange.call("+31200000199", municipality.dialled[0], ScriptedCaller(""))), len(bin_.asked)


WORDS = {
    "nl": (
        "Balielijn mensenhandel van de gemeente Voorbeeldstad",
        "bel één, één, twee",
        "Stap {}.",
        "Ik bel nu.",
    ),
    "en": (
        "Human trafficking desk line of the municipality of Voorbeeldstad",
        *("dial one, one, two", "Step {}.", "I am calling now."),
    ),
}


@pytest.mark.parametrize("language", WORDS)
def test_a_clerk_hears_the_steps_and_each_number_twice_in_both_languages(line, language):
    text = played(line, line.municipalities["voorbeeldstad"], ["answer"])[0][0].text
    opening, danger, step, closing = WORDS[language]
    for words in (opening, danger, *(step.format(number) for number in range(1, 6)), closing):
        assert text.count(words) == 1, words
    for number in ("+31200000002", "+31200000003", "+319008844", "+318007000"):
        assert text.count(f"{spoken.digits(number, language)}.") == 2


def test_the_steps_come_first_in_the_lines_language_and_danger_in_all_before_them(line):
    for language, order in (("nl", [0, 1, 2, 3]), ("en", [1, 0, 3, 2])):
        text = played(changed(line, language=language), line.municipalities["voorbeeldstad"], ["answer"])[0][
            0
        ].text
        places = [text.index(words) for words in ("één, één, twee", "one, one, two", "Stap 1.", "Step 1.")]
        assert sorted(range(4), key=places.__getitem__) == order


RINGS = [
    FarEndRings("de politie, 0900 8844", "020 000 0001", 25),
    FarEndRings("de politie, 0343 578 844", "020 000 0001", 25),
]


@pytest.mark.parametrize(
    ("outcomes", "happens"),
    [
        (["answer"], [RINGS[0], FarEndOutcome("answer"), Bridged("person")]),
        (
            ["busy", "answer"],
            [RINGS[0], FarEndOutcome("busy"), RINGS[1], FarEndOutcome("answer"), Bridged("person")],
        ),
        (["failed", "no-answer"], [RINGS[0], FarEndOutcome("failed"), RINGS[1], FarEndOutcome("no-answer")]),
    ],
)
def test_the_police_are_rung_at_each_of_their_numbers_until_one_is_reached_and_never_after_a_talk(
    line, outcomes, happens
):
    events, asked = played(line, line.municipalities["voorbeeldstad"], outcomes)
    assert events[1:-2] == happens
    assert isinstance(events[-2], CallerHears)
    assert "Dit gesprek is klaar." in events[-2].text
    assert (events[-1], asked) == (CallEnds("line"), 1)


def test_a_contact_at_a_sip_address_cannot_be_dialled_by_hand_and_is_left_out(line):
    text = played(line, line.municipalities["dorp"], ["answer"])[0][0].text
    assert "de balie Zorg" not in text
    assert "the Care desk" not in text
    assert (text.count("het wijkteam"), text.count("the neighbourhood team")) == (1, 1)


def changed(line, **settings):
    """A line with other settings."""
    return replace(line, settings=line.settings.model_copy(update=settings))


def read(line):
    """The document of Voorbeeldstad, as Twilio reads it."""
    return grammar.read(document(line, line.municipalities["voorbeeldstad"]).encode(), "text/xml")


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("nl", ("De lijn werkt nu niet.", "Blijf aan de lijn voor de politie.")),
        ("en", ("The line does not work now.", "Stay on the line for the police.")),
    ],
)
def test_it_says_that_the_line_is_down_and_that_the_police_will_be_rung(line, language, sentences):
    text = " ".join(verb.text for verb in read(changed(line, language=language)) if hasattr(verb, "text"))
    assert [sentence for sentence in sentences if sentence not in text] == []


def test_before_each_number_there_is_a_second_to_write(line):
    told = [after.text for before, after in pairwise(read(line)) if before == verbs.Pause(1)]
    assert [text.partition(":")[0] for text in told] == [
        *("… de aandachtsfunctionaris mensenhandel", "… het piket van Veiligheid"),
        *("… de politie", "… Meld Misdaad Anoniem"),
        *("… the human trafficking officer", "… the duty officer of the Safety department"),
        *("… the police", "… the anonymous tip line, Meld Misdaad Anoniem"),
    ]


def test_the_police_ring_as_long_as_the_configuration_says(line):
    police = line.settings.destinations["police"].model_copy(update={"ring": 40})
    destinations = {**line.settings.destinations, "police": police}
    assert [
        verb.timeout
        for verb in read(changed(line, destinations=destinations))
        if isinstance(verb, verbs.Dial)
    ] == [40]


def test_an_anonymous_destination_is_told_whatever_its_name(line):
    destinations = dict(line.settings.destinations)
    destinations["letter-box"] = destinations.pop("tip-line")
    assert read(changed(line, destinations=destinations)) == read(line)


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]),
    min_size=1,
    max_size=NAME_CHARACTERS,
)
numbers = st.one_of(
    st.integers(0, 9999).map(lambda n: f"020-000 {n:04}"),
    st.just("sip:a@b.example"),
    st.just("+32 2 555 12 12"),
)
municipalities = st.fixed_dictionaries(
    {
        "name": words,
        "dialled": st.just("+31 20 000 00 01"),
        "contacts": st.lists(st.fixed_dictionaries({"name": words, "number": numbers}), max_size=CONTACTS),
    }
)


@settings(deadline=None, max_examples=100)
@given(municipalities, st.sampled_from(list(LANGUAGES)))
def test_whatever_the_municipality_twilio_takes_it_and_nothing_in_it_asks_us(line, told, language):
    municipality, found = shapes.read(source.Source("x.yaml", told), Municipality)
    if found:
        assert {finding.code for finding in found} <= {"empty", "sign-loose"}
        return
    made = replace(line, settings=line.settings.model_copy(update={"language": language}))
    text = document(made, municipality).encode()
    assert len(text) < DOCUMENT_BYTES
    *_, dial, _, last, hangup = grammar.read(text, "text/xml")
    assert (dial.action, dial.time_limit, dial.noun, dial.others, dial.caller_id) == (
        None,
        3600,
        verbs.DialNoun("+319008844", None),
        (verbs.DialNoun("+31343578844", None),),
        "+31200000001",
    )
    assert (type(last), hangup) == (verbs.Say, verbs.Hangup())
    elements = list(ET.fromstring(text).iter())  # noqa: S314 - our own document
    assert {element.tag for element in elements} <= {
        "Response",
        "Say",
        "break",
        "Pause",
        "Dial",
        "Number",
        "Hangup",
    }
    asks = {name for element in elements for name in element.attrib}
    assert asks <= {"voice", "time", "length", "callerId", "timeout", "timeLimit", "sequential"}


@pytest.mark.parametrize("sign", ["…", "&", "📞"])
def test_neither_many_contacts_nor_long_names_make_it_too_large(line, sign):
    contacts = tuple(
        Contact.model_construct(
            name=dict.fromkeys(("nl", "en"), sign * NAME_CHARACTERS), number=f"+3120000{place:04}"
        )
        for place in range(CONTACTS)
    )
    more = {"name": sign * NAME_CHARACTERS, "contacts": contacts}
    text = document(line, line.municipalities["dorp"].model_copy(update=more)).encode()
    assert len(text) < DOCUMENT_BYTES
    assert grammar.read(text, "text/xml")[-1] == verbs.Hangup()


@pytest.fixture
def ivr(home):
    return lambda *arguments: typed("--home", str(home.root), *arguments)


def test_it_writes_one_document_for_each_municipality_and_tells_how_to_put_it_at_twilio(ivr, line, tmp_path):
    folder = tmp_path / "made" / "here"
    done = ivr("fallback", "--output", str(folder))
    assert done.exit_code == 0
    written = {path.stem: path.read_text("utf-8") for path in folder.iterdir()}
    assert written == {word: document(line, each) for word, each in line.municipalities.items()}
    for word in ("TwiML Bin", "fallback:", "ivr provision --apply"):
        assert word in done.output
    assert done.output.count("Dit is een voorbeeld") == len(written)


def test_one_municipality_alone_is_printed_and_nothing_else(ivr, line):
    assert (
        ivr("fallback", "--to", "020-000 01 01").output == document(line, line.municipalities["dorp"]) + "\n"
    )
    assert ivr("fallback", "--to", "020-111 11 11").exit_code == 2


def test_what_twilio_would_refuse_is_told_and_not_written(ivr, home, tmp_path):
    edit(home, "fallback-stay: ", f"fallback-stay: {'…' * 2_900}", "prompts/nl.yaml")
    done = ivr("fallback", "--output", str(tmp_path / "made"))
    assert (done.exit_code, "11750" in done.output) == (1, True)
    assert not (tmp_path / "made").exists()
