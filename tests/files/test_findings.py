"""Every file of tests/broken breaks one thing, and the line says so, there, in words that help."""

import ast
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from flask import Flask, g
from support.homes import HERE, NOON, TOWN, alone, as_real, edit

import ivr
from ivr import translations
from ivr.config import shapes
from ivr.config.reading import read
from ivr.console.findings import shown
from ivr.model.files import CLOSURE
from ivr.model.findings import Severity

FILES = sorted((HERE / "broken").glob("*.yaml"))
WARNINGS = {
    *("accept-off", "anonymity-not-kept", "callers-missing", "closed-without-hours", "closure-over"),
    *("comment-in-value", "file-ignored", "file-misplaced", "number-changed"),
    *("contact-never", "contact-stale", "contact-unconfirmed", "contacts-none", "key-in-text"),
    *("line-closed", "number-abroad", "number-premium", "prompt-unused", "traces-untold"),
    *("away-outside", "away-overlap", "away-past", "contact-unrung", "gap", "gap-more", "gap-open"),
    "until-passed",
}
"""The files whose finding is a warning; all others are errors."""
WORDS = sorted((Path(translations.__file__).parent).glob("*.yaml"))
IN_FILES = {
    "nl": r"[0-9]{4}-[0-9]{2}|\b(away|caller_id|callers|confirmed|dialled|holidays|hours|ring|until)\b",
    "en": r"[0-9]{4}-[0-9]{2}|\bcaller_id\b",  # the others are words as well
}
"""Language → a day as files have it, or a setting that is called otherwise in the console."""
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def break_(home, told):
    """Do to a home what a file of tests/broken says; the line of the file where it is done."""
    path = home.root / told["file"]
    if "closed" in told:
        (home.root / CLOSURE).write_text(told["closed"], "utf-8")
    if told.get("real"):
        as_real(home)
    if {"remove", "folder", "fifo"} & told.keys():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if told.get("folder"):
        path.mkdir()
    if told.get("fifo"):
        os.mkfifo(path)
    times = told.get("times", 1)
    if "hex" in told:
        path.write_bytes(bytes.fromhex(told["hex"]) * times)
    if "text" in told:
        path.write_text(told["text"], "utf-8")
    if "replace" in told:
        before = path.read_text("utf-8")
        # A block of YAML ends with a newline; what it stands for need not.
        old, new = told["replace"].rstrip("\n"), told["with"].rstrip("\n") * times
        assert old in before, "the file no longer has what should be broken in it"
        path.write_text(before.replace(old, new, 1), "utf-8")


@pytest.fixture
def broken(file, home):
    told = yaml.safe_load(file.read_text("utf-8"))
    break_(home, told)
    return read(home, NOON, public=told.get("public", False)), told


@each_file
def test_a_broken_file_gives_its_finding_in_that_file(file, broken):
    reading, told = broken
    assert file.stem in {finding.code for finding in reading.findings}
    places = {finding.file for finding in reading.findings if finding.code == file.stem}
    assert any(place.startswith(told.get("found", told["file"])) for place in places)


@each_file
@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_what_a_coordinator_reads_in_the_console_has_days_and_names_as_the_form_has_them(
    file, broken, language
):
    reading, _ = broken
    with Flask(__name__).test_request_context():
        g.language = language
        found = [shown(each, {}) for each in reading.findings]
    of_form = [
        f"{each.fact} {each.remedy}"
        for each in found
        if each.slug and each.field and each.code != "setting-unknown"  # which is about the file alone
    ]
    assert [text for text in of_form if re.search(IN_FILES[language], text)] == []


@each_file
def test_an_error_keeps_the_line_from_going_live_and_a_warning_does_not(file, broken):
    reading, _ = broken
    severities = {finding.severity for finding in reading.findings if finding.code == file.stem}
    assert severities == {Severity.WARNING if file.stem in WARNINGS else Severity.ERROR}
    assert (reading.line is None) == (file.stem not in WARNINGS)


@each_file
@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_a_finding_says_what_is_wrong_and_what_to_do(file, broken, language):
    reading, _ = broken
    finding = next(finding for finding in reading.findings if finding.code == file.stem)
    assert translations.fact(finding, language).endswith((".", "?"))
    assert len(translations.remedy(finding, language)) > 10


def test_no_code_is_without_a_broken_file():
    # Shown in test_checks.py, test_speech.py, test_live.py, test_odd_files.py, test_limits.py,
    # test_confirmations.py, test_commands.py, test_versions.py and test_telephone_settings.py.
    played = {"moment-without-way", "audio-broken", "audio-stale", "home-unseen", "findings-more"}
    played |= {"audio-damaged", "audio-long", "folder-large", "reading-broken", "version-unkept"}
    played |= {"number-changed", "home-wrong"}
    played |= {"listen-unreadable", "peer-stranger", "peer-unreadable", "route-to-line", "route-unused"}
    assert translations.codes("nl") - played == {file.stem for file in FILES}


def test_an_example_that_was_forgotten_among_real_municipalities_is_told_before_it_is_live(home):
    edit(home, "example: true", "example: false", "config/municipalities/dorp.yaml")
    codes = {(finding.code, finding.file) for finding in read(home, NOON).errors}
    assert codes == {("example-live", TOWN), ("example-live", "config/municipalities/nacht.yaml")}


def keys(words, *place):
    """Every place in the words of a language, as the names that lead there."""
    if not isinstance(words, dict):
        return {place}
    return {each for name, inner in words.items() for each in keys(inner, *place, name)}


def test_every_language_of_the_findings_has_words_at_the_same_places():
    # What click says is English already.
    first, *others = (
        {place for place in keys(yaml.safe_load(file.read_text("utf-8"))) if place[0] != "click"}
        for file in WORDS
    )
    assert {place[0] for place in first} == {"findings", "doctor", "sentences", "help", "metavars"}
    assert {place for other in others for place in first ^ other} == set()


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_word_is_text_and_none_a_yes_or_a_number_of_yaml(language):
    def odd(content):
        if isinstance(content, dict):
            return [each for value in content.values() for each in odd(value)]
        if isinstance(content, list):
            return [each for value in content for each in odd(value)]
        return [] if isinstance(content, str) else [content]

    assert odd(translations._words(language)) == []


def test_a_warning_of_these_tests_is_a_code():
    assert translations.codes("nl") >= WARNINGS


def takers(tree):
    """The functions of a module that take a code, each with the place of that argument in a call."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = [each.arg for each in function.args.args if each.arg != "self"]
            if "code" in names:
                yield function.name, names.index("code")


def given(tree, places):
    """The codes that a module hands, as they stand in its text, to a finding or to such a function."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            place = places.get(getattr(call.func, "id", getattr(call.func, "attr", "")))
            if place is not None and isinstance(call.args[place], ast.Constant):
                yield call.args[place].value


def test_every_code_that_the_program_gives_a_finding_has_words():
    program = Path(ivr.__file__).parent
    trees = [
        ast.parse(file.read_text("utf-8"))
        for folder in ("model", "config", "checks", "speech")
        for file in (program / folder).rglob("*.py")
    ]
    codes = set(shapes._CODES.values())
    for tree in trees:
        codes |= set(given(tree, {"Finding": 0, **dict(takers(tree)), "refuse": 0}))
    assert {"item-missing", "number-invalid", "yaml-deep", "text-sign", "audio-long", "list-empty"} < codes
    assert codes - translations.codes("nl") == set()


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_what_is_counted_is_said_in_its_own_plural(language):
    folder = Path(translations.__file__).parent
    text = "".join(file.read_text("utf-8") for file in folder.rglob(f"{language}.yaml"))
    assert re.findall(r"\w\((?:s|n|en|es|ies)\)", text) == []
    one, two = (translations.say("with-warnings", language, warnings=count) for count in (1, 2))
    assert {"nl": ("1 punt ", "2 punten "), "en": ("1 point ", "2 points ")}[language] == tuple(
        re.search(r"\d \w+ ", each)[0] for each in (one, two)
    )


@pytest.mark.parametrize(
    ("broken_as", "hint"),
    [
        ("setting-unknown", "confirmed"),
        ("item-missing", "step-2"),
        ("destination-unknown", "tip-line"),
        ("value-unknown", "Europe/Amsterdam"),
        ("prompt-missing", "wrong-kye"),
        ("brace-unknown", "contact"),
    ],
)
def test_a_word_that_is_nearly_right_gets_a_hint(home, broken_as, hint):
    break_(home, yaml.safe_load((FILES[0].parent / f"{broken_as}.yaml").read_text("utf-8")))
    finding = next(each for each in read(home, NOON).findings if each.code == broken_as)
    assert hint in translations.fact(finding, "nl")


def test_one_wrong_digit_is_told_with_its_line(home):
    edit(home, "020-000 00 03", "020-000 00 033")
    (finding,) = read(home, NOON).errors
    assert finding.code == "number-invalid"
    assert "020-000 00 033" in (home.root / TOWN).read_text("utf-8").splitlines()[finding.line - 1]


def test_a_wrong_digit_in_the_only_municipality_is_one_finding(home):
    edit(alone(home), "020-000 00 02", "020-000 00 022")
    assert [finding.code for finding in read(home, NOON, erases=True).findings] == ["number-invalid"]


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("number: 020-000 00 03", "number: 020-000 00 0", "number-invalid", "contacts[1].number"),
        ("closed: [2026-12-24]", "closed: [2026-12-24, x]", "date-unreadable", "closed[1]"),
        ("closed: [2026-12-24]", "closed: x", "date-unreadable", "closed"),
        ("    number: 020-000 00 03\n", "", "setting-missing", "contacts[1].number"),
        ("callers: ", "#", "callers-missing", "callers"),
    ],
)
def test_a_finding_names_its_field_as_the_file_has_it(home, old, new, code, field):
    edit(home, old, new)
    assert {(each.code, each.field) for each in read(home, NOON).findings if each.code == code} == {
        (code, field)
    }


def test_all_findings_come_at_once_in_the_order_of_files_and_lines(home):
    for code in ("number-of-line", "brace-open", "voice-missing", "item-missing"):
        break_(home, yaml.safe_load((FILES[0].parent / f"{code}.yaml").read_text("utf-8")))
    found = [finding.code for finding in read(home, NOON).errors]
    assert found == ["voice-missing", "item-missing", "brace-open", "number-of-line"]


def test_a_file_with_errors_of_its_own_is_named_as_what_keeps_the_rest_unproven(home):
    break_(home, yaml.safe_load((FILES[0].parent / "out-of-range.yaml").read_text("utf-8")))
    assert read(home, NOON).unproven == ("config/line.yaml",)


LINE_AT_SIP = "voorbeeldstad.sip.twilio.com"


@pytest.mark.parametrize(
    "spelt",
    [
        f"sip:meldlijn@{LINE_AT_SIP}",
        f"sip:meldlijn@{LINE_AT_SIP}.",
        "sip:meldlijn@voorbeeldstad.sip.ie1.twilio.com",
        "sip:meldlijn@voorbeeldstad.sip.dublin.ie1.twilio.com",
        f"sip:%6deldlijn@{LINE_AT_SIP}",
        "sip:+31200000001@carrier.example",
        "sip:0200000001@carrier.example",
    ],
)
def test_a_line_is_known_however_it_is_spelt(home, spelt):
    edit(home, "number: 020-000 00 02", f'number: "{spelt}"')
    edit(home, "number: 020-000 01 02", f'number: "{spelt}"', "config/municipalities/dorp.yaml")
    edit(home, "[020-760 08 09]", f'["{spelt}"]', "config/line.yaml")
    assert {(each.code, each.file) for each in read(home, NOON).errors} == {
        ("number-of-line", TOWN),
        ("number-of-other-line", "config/municipalities/dorp.yaml"),
        ("number-of-other-line", "config/line.yaml"),
    }


def test_one_dialled_address_spelt_in_two_ways_is_found(home):
    edit(
        home,
        "dialled: +31 20 000 01 01",
        f'dialled: [020 0000101, "sip:%6deldlijn@{LINE_AT_SIP}."]',
        "config/municipalities/dorp.yaml",
    )
    assert {each.code for each in read(home, NOON).errors} == {"dialled-twice"}


def test_a_call_to_any_edge_of_the_lines_domain_is_a_call_to_the_line(line):
    for spelt in (
        f"sip:meldlijn@{LINE_AT_SIP}:5061",
        "sip:Meldlijn@voorbeeldstad.sip.dublin.ie1.twilio.com.",
    ):
        assert line.municipality_dialled(spelt) is line.municipalities["voorbeeldstad"]
