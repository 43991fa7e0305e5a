"""Whatever size a file or a name has, it is told in a moment, and no Say is longer than Twilio takes."""

import time
from datetime import datetime, timedelta
from itertools import product

import phonenumbers
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.homes import NOON, TOWN, alone, edit, make_home

from ivr import translations
from ivr.config.reading import Cache, read
from ivr.dialogue import flow
from ivr.dialogue.call import At, Call, Offer
from ivr.exchange import grammar, verbs
from ivr.model import limits, spoken
from ivr.model.files import CLOSURE, MENU, SETTINGS, prompts
from ivr.model.languages import LANGUAGES
from ivr.twiml import documents, fallback

DORP = "config/municipalities/dorp.yaml"


def append(home, lines, file):
    path = home.root / file
    path.write_text(path.read_text("utf-8") + "\n".join(lines) + "\n", "utf-8")


def told(home):
    """A home's findings, and the seconds of processor that it takes to read it and to tell them."""
    began = time.process_time()
    findings = read(home, NOON).findings
    for finding in findings:
        assert len(translations.fact(finding, "nl") + translations.remedy(finding, "nl")) < 1000
    return findings, time.process_time() - began


FULL_FILES = {
    "unknown settings of a municipality": (TOWN, "k{}: 1"),
    "unknown settings of the line": (SETTINGS, "k{}: 1"),
    "one setting again and again": (SETTINGS, "tries: 3"),
    "prompts that nothing says": (prompts("nl"), "k{}: x"),
    "items that lead nowhere": (MENU, "k{}: {{say: x, go: y{}}}"),
    "items that lead on": (MENU, "k{}: {{say: welcome, go: main}}"),
    "contacts": (TOWN, "  - {{name: x, number: +31 20 {:07}}}"),
}


@pytest.mark.parametrize(("file", "line"), FULL_FILES.values(), ids=FULL_FILES)
def test_a_file_as_large_as_may_be_is_told_in_a_moment(home, file, line):
    if "name" in line:
        edit(home, "closed: [2026-12-24]", "")
    room = limits.FILE_BYTES - (home.root / file).stat().st_size
    lines = [line.format(number, number) for number in range(30_000)]
    append(home, lines[: room // (len(lines[-1]) + 2)], file)
    findings, seconds = told(home)
    assert findings
    assert "file-large" not in {finding.code for finding in findings}
    assert len(findings) <= limits.FINDINGS_SHOWN + 10
    assert seconds < 3


def test_more_findings_of_a_file_than_a_person_reads_are_counted(home):
    append(home, (f"k{number}: 1" for number in range(250)), TOWN)
    findings = [each for each in read(home, NOON).findings if each.file == TOWN]
    assert [each.code for each in findings] == ["setting-unknown"] * 100 + ["findings-more"]
    assert "150" in translations.fact(findings[-1], "nl")


def test_an_error_is_told_however_many_warnings_there_are_before_it(home):
    edit(home, "wrong-key:", "wrong-kye:", prompts("nl"))
    text = (home.root / prompts("nl")).read_text("utf-8")
    unused = "".join(f"unused-{number}: x\n" for number in range(250))
    (home.root / prompts("nl")).write_text(unused + text, "utf-8")
    reading = read(home, NOON)
    assert [each.code for each in reading.errors] == ["prompt-missing"]
    assert reading.line is None


def test_lists_have_a_most(home):
    edit(home, "closed: [2026-12-24]", f"closed: [{', '.join(['2026-12-24'] * 2500)}]")
    edit(home, "hours: [ma-vr 08:30-17:00]", f"hours: [{', '.join(['ma-vr 08:30-17:00'] * 11)}]")
    assert [each.code for each in read(home, NOON).errors] == ["list-long", "list-long"]


def test_a_name_of_ten_thousand_signs_is_a_finding(home):
    edit(home, "gemeente Voorbeeldstad", "x" * 10_000)
    edit(home, "nl: de aandachtsfunctionaris mensenhandel", f"nl: {'y' * 10_000}")
    edit(home, "name: FairWork", f"name: {'z' * 10_000}", SETTINGS)
    codes = [(each.code, each.file) for each in read(home, NOON).errors]
    assert codes == [("value-long", SETTINGS), ("value-long", TOWN), ("value-long", TOWN)]


@pytest.fixture
def wordy(home):
    """Names as long as they may be."""
    long = "n" * limits.NAME_CHARACTERS
    edit(home, "gemeente Voorbeeldstad", long)
    edit(home, "nl: de aandachtsfunctionaris mensenhandel", f"nl: {long}")
    edit(home, "nl: Meld Misdaad Anoniem", f"nl: {long}", SETTINGS)
    return alone(home)


def test_no_say_is_longer_than_twilio_takes_whatever_the_names(wordy):
    pickup = "Een collega aan de balie van {municipality} wil overleggen. "
    edit(wordy, pickup.strip(), pickup * 13, prompts("nl"))
    line = read(wordy, NOON).line
    for item, language in product(line.menu.items, LANGUAGES):
        reply = flow.answer(line, Call("+31200000199", "+31200000001", Offer(At(language, item))), NOON)
        document = documents.write(reply, line.settings.voices, lambda _: None, "")
        grammar.read(document.encode(), "text/xml")
    grammar.read(fallback.document(line, line.municipalities["voorbeeldstad"]).encode(), "text/xml")


def test_a_prompt_that_its_names_make_too_long_is_a_finding(wordy):
    edit(wordy, "Dat lukte niet. Ik probeer nu {contact}.", "Bel {contact} " * 40, prompts("nl"))
    (finding,) = read(wordy, NOON).errors
    assert (finding.code, finding.values["size"]) == ("text-long", 40 * 105 - 1)


@given(
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31)),
    st.sampled_from(list(LANGUAGES)),
)
def test_what_is_spoken_of_a_number_or_a_moment_has_a_most(region, moment, language):
    number = phonenumbers.example_number(region)
    address = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert len(spoken.digits(address, language)) <= limits.SPOKEN_CHARACTERS
    assert len(spoken.until(moment, moment - timedelta(days=30), language)) <= limits.SPOKEN_CHARACTERS


@pytest.mark.parametrize(
    "voice",
    [
        "Polly.Lara-Neural",
        "Polly.Lotte-Neural",
        "Polly.Amy-Neural",
        "Laura",
        "man",
        "Google.de-DE-Wavenet-A",
        "x" * 400,
    ],
)
def test_a_voice_that_cannot_speak_the_language_is_a_finding(home, voice):
    edit(home, "nl: Polly.Laura-Neural", f"nl: {voice}", SETTINGS)
    assert [each.code for each in read(home, NOON).errors] == ["voice-unknown"]


@pytest.mark.parametrize(
    "voice", ["Polly.Lotte", "Polly.Ruben", "Google.nl-NL-Wavenet-F", "Google.nl-NL-Chirp3-HD-Zephyr"]
)
def test_the_voices_of_twilio_are_taken_here_and_by_the_exchange(home, voice):
    edit(home, "nl: Polly.Laura-Neural", f"nl: {voice}", SETTINGS)
    assert read(home, NOON).errors == ()
    grammar.read(f'<Response><Say voice="{voice}">x</Say></Response>'.encode(), "text/xml")


def test_every_forwarding_ends_after_as_many_minutes_as_the_configuration_says(home):
    edit(home, "talk: 60 ", "talk: 15 ", SETTINGS)
    line = read(home, NOON).line
    dialling = [name for name, item in line.menu.items.items() if item.dial]
    written = [
        *(fallback.document(line, municipality) for municipality in line.municipalities.values()),
        *(
            documents.write(
                flow.answer(line, Call("+31200000199", "+31200000001", Offer(At("nl", name))), NOON),
                line.settings.voices,
                lambda _: None,
                "",
            )
            for name in dialling
        ),
    ]
    dials = [
        [
            verb.time_limit
            for verb in grammar.read(document.encode(), "text/xml")
            if isinstance(verb, verbs.Dial)
        ]
        for document in written
    ]
    assert dials == [[15 * 60]] * (len(line.municipalities) + len(dialling))


@pytest.mark.parametrize("minutes", ["0", "241", "1.5", "een uur"])
def test_a_talk_lasts_between_one_minute_and_four_hours(home, minutes):
    edit(home, "talk: 60 ", f"talk: {minutes} ", SETTINGS)
    assert [each.code for each in read(home, NOON).errors] == ["out-of-range"]


def test_a_municipality_that_puts_anybody_through_is_told_and_live(home):
    edit(home, "callers: [+31 20 *, +31 10 *]\n", "", DORP)
    reading = read(home, NOON)
    assert ("callers-missing", DORP) in {(each.code, each.file) for each in reading.findings}
    assert reading.line.municipalities["dorp"].forwards("+32471000000")


@pytest.mark.parametrize("day", ["1999-12-31", "2101-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_or_moment_outside_of_this_century_is_a_finding(home, day):
    edit(home, "closed: [2026-12-24]", f"closed: [{day}]")
    edit(home, "confirmed: 2026-11-02", f"confirmed: {day}", DORP)
    (home.root / CLOSURE).write_text(f"reason: x\nsince: {day}T10:00\n", "utf-8")
    codes = {(each.code, each.file) for each in read(home, NOON).errors}
    assert codes == {("date-far", TOWN), ("date-far", DORP), ("date-far", CLOSURE)}


ODD = [
    *("", "\n", "\x00", "\ud800", "\u2028", "é" * 300, "x" * 70_000, "1" * 5_000, "ma \u0669:00-10:00"),
    *("\u0662026-12-24", "sip:a@b" + ";" * 5_000 + "\nx", "+31" * 90, "https://x/\\", " - "),
    *[
        "9999-12-31",
        "0001-01-01",
        "2026-02-30",
        "2100-12-31",
        "2000-01-01",
        "2026-12-24T24:00",
        "9999-12-31T23:59",
    ],
    *["0001-01-01T00:00", "2100-12-31T23:59", "2000-01-01T00:00", "2026-03-29T02:30", "2026-10-25T02:30"],
    *[
        "../../etc/passwd",
        "/etc/localtime",
        "Europe",
        "localtime",
        "posixrules",
        "zone.tab",
        "UTC",
        "Pacific/Kiritimati",
    ],
    *[
        "EUROPE/amsterdam",
        "SA",
        "CN",
        "XX",
        "https://[",
        "https://[::1]",
        "https://x:99999",
        "https://x:y",
        "https://é",
    ],
    *[
        "sip:%00@b",
        "sip:*@b",
        "+++",
        "00",
        "+",
        "*",
        "+31*",
        "true",
        "null",
        "~",
        "{}",
        "[]",
        "&a",
        "*a",
        "!!python/object:os.system",
        "1e400",
        "-0",
    ],
    *("ma-zo 00:00-24:00", "ma 99:99-99:99", "ma-vr 24:00-00:00", "zo 23:59-00:00", "-,- 1:00-2:00"),
]


def places(value, path=()):
    """Where a file has a value of its own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from places(inner, (*path, place))
    else:
        yield path


def put(value, path, odd):
    """The same value with something odd at a place, or as the name of that place."""
    if not path:
        return odd
    key, *rest = path
    if isinstance(value, list):
        return [put(each, rest, odd) if place == key else each for place, each in enumerate(value)]
    return {name: put(each, rest, odd) if name == key else each for name, each in value.items()}


MORE = {
    SETTINGS: {
        "public_url": "https://x",
        "ring_check": "ma 10:00-11:00",
        "talk": "60",
        "timezone": "Europe/Amsterdam",
    },
    TOWN: {
        "fallback": "https://x/y",
        "ring_check": "ma 10:00-11:00",
        "mail": ["coordinator@voorbeeldstad.example"],
        "contacts": [
            {
                "name": {"nl": "het piket", "en": "the duty officer"},
                "number": "020-000 00 03",
                "hours": ["ma-vr 08:30-17:00"],
                "holidays": "closed",
                "accept": "true",
                "ring": "20",
                "confirmed": "2026-11-02",
                "from": "2026-11-30",
                "until": "2027-03-31",
                "away": ["2026-12-21 - 2027-01-03"],
            }
        ],
    },
    CLOSURE: {"reason": "x", "since": "2026-11-24T09:00", "until": "2026-11-25T09:00"},
}
"""Settings that the shipped files leave out."""


@pytest.fixture(scope="module")
def odd_home(tmp_path_factory):
    return alone(make_home(tmp_path_factory.mktemp("odd"))), Cache()


def dumped(value):
    try:
        return yaml.dump(value, Dumper=yaml.CSafeDumper)
    except UnicodeEncodeError:  # libyaml writes no lone surrogate
        return yaml.safe_dump(value)


def read_with(odd_home, file, odd, chosen):
    """Read the home with something odd at each place of a file that is chosen, one after the other."""
    home, cache = odd_home
    path = home.root / file
    before = path.read_text("utf-8") if path.exists() else None
    value = yaml.load(before or "{}", yaml.BaseLoader) | MORE.get(file, {})  # noqa: S506
    try:
        for place in chosen(sorted(places(value), key=str)):
            path.write_text(dumped(put(value, place, odd)), "utf-8")
            reading = read(home, NOON, cache)
            assert reading.line is not None or reading.errors
            for finding in reading.findings:
                assert translations.fact(finding, "nl")
                assert translations.remedy(finding, "en")
    finally:
        path.unlink() if before is None else path.write_text(before, "utf-8")


def first_of_each(found):
    """Of a list only the first: the others are read alike."""
    return [place for place in found if all(part == 0 or isinstance(part, str) for part in place)]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_something_odd_at_any_setting_never_raises(odd_home, odd):
    for file in MORE:
        read_with(odd_home, file, odd, first_of_each)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.data(),
    file=st.sampled_from([SETTINGS, TOWN, CLOSURE, MENU, prompts("nl")]),
    odd=st.one_of(st.text(max_size=30), st.dates().map(str), st.integers().map(str)),
)
def test_any_text_at_any_place_of_a_file_never_raises(odd_home, data, file, odd):
    read_with(odd_home, file, odd, lambda found: [data.draw(st.sampled_from(found))])
