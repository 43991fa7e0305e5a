"""config/telephone.yaml is read as the other files are, and takes no line out of use."""

import json
import re
from ipaddress import IPv4Address, IPv4Network

import pytest
from support.homes import NOON, TOWN, edit, typed

from ivr import translations
from ivr.config.reading import read
from ivr.config.shipped import shipped
from ivr.config.telephone import read_telephone
from ivr.model.files import TELEPHONE
from ivr.model.findings import Severity
from ivr.model.telephone import Place

GOOD = """\
listen: 0.0.0.0:5070
peers:
  - 127.0.0.1
  - {address: 192.0.2.0/24, as: 020-000 01 99}
lines: {6000: voorbeeldstad}
routes:
  0900-8844: sip:Police@127.0.0.1:5071;transport=udp
register: {account: sip:600@pbx.example:5080, login: line}
calls: 4
practice: nee
"""


def told(home, text):
    (home.root / TELEPHONE).write_text(text, "utf-8")
    return read_telephone(home, read(home, NOON).line)


def test_what_the_file_says_is_read(home):
    settings, findings = told(home, GOOD)
    assert findings == ()
    assert settings.listen == Place(IPv4Address("0.0.0.0"), 5070)  # noqa: S104 - what an office may write
    assert [each.address for each in settings.peers] == [
        IPv4Network("127.0.0.1/32"),
        IPv4Network("192.0.2.0/24"),
    ]
    assert settings.peers[1].known_as == "+31200000199"
    assert settings.lines == {"6000": "voorbeeldstad"}
    assert settings.routes == {"+319008844": "sip:Police@127.0.0.1:5071"}
    assert settings.registration.account == "sip:600@pbx.example:5080"
    assert (settings.registration.login, settings.calls, settings.practice) == ("line", 4, False)


def test_the_example_of_the_guide_is_good(home):
    (example,) = re.findall(
        r"```yaml\n(.*?)```", (shipped() / "docs/telephony.md").read_text("utf-8"), re.DOTALL
    )
    settings, findings = told(home, example)
    assert findings == ()
    assert settings.practice


def test_without_the_file_only_this_computer_calls_nobody_rings_and_it_is_practice(home):
    settings, findings = read_telephone(home, read(home, NOON).line)
    assert (findings, settings.routes, settings.practice) == ((), {}, True)
    assert settings.listen == Place(IPv4Address("127.0.0.1"), 5060)
    assert [str(each.address) for each in settings.peers] == ["127.0.0.0/8"]


ERROR, WARNING = Severity.ERROR, Severity.WARNING
BROKEN = [
    ("listen: localhost", "listen-unreadable", 1, "listen", ERROR),
    ("listen: 127.0.0.1:99999", "listen-unreadable", 1, "listen", ERROR),
    ("peers: [kantoor]", "peer-unreadable", 1, "peers[0].address", ERROR),
    ("calls: 2\npeers: [127.0.0.1, 0.0.0.0/0]", "peer-unreadable", 2, "peers[1].address", ERROR),
    ("peers: []", "list-empty", 1, "peers", ERROR),
    ("peers: [{address: 127.0.0.1, als: 1}]", "setting-unknown", 1, "peers[0].als", ERROR),
    ("peers:\n  - {address: 127.0.0.1, as: 06-12345678}", "peer-stranger", 2, "peers[0].as", WARNING),
    ("lines:\n  6000: elders", "value-unknown", 2, "lines.6000", ERROR),
    ("lines: {a b: voorbeeldstad}", "sip-unreadable", 1, "lines.a b", ERROR),
    ("routes:\n  112: sip:a@127.0.0.1", "number-emergency", 2, "routes.112", ERROR),
    ("routes:\n  0900-8844: 020-000 00 09", "sip-unreadable", 2, "routes.0900-8844", ERROR),
    ("routes:\n  0900-8844: sip:a@127.0.0.1", "route-to-line", 2, "routes.0900-8844", ERROR),
    ("routes:\n  020-000 09 99: sip:a@127.0.0.1:7000", "route-unused", 2, "routes.020-000 09 99", WARNING),
    ("register: sip:600@pbx.example", "shape-mapping", 1, "register", ERROR),
    ("register: {account: 600}", "sip-unreadable", 1, "register.account", ERROR),
    ("calls: 0", "out-of-range", 1, "calls", ERROR),
    ("practice: misschien", "not-yes-or-no", 1, "practice", ERROR),
    ("luister: 127.0.0.1", "setting-unknown", 1, "luister", ERROR),
    ("calls: 2\ncalls: 3", "setting-double", 2, "calls", ERROR),
]


@pytest.mark.parametrize(("text", "code", "line", "field", "severity"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_mistake_is_told_at_its_line_and_field_with_what_to_do(home, text, code, line, field, severity):
    settings, (finding,) = told(home, f"{text}\n")
    assert (finding.file, finding.code, finding.line, finding.field) == (TELEPHONE, code, line, field)
    assert finding.severity is severity
    assert (settings is None) == (severity is ERROR)
    for language in translations.LANGUAGES:
        assert "{" not in translations.fact(finding, language)
        assert len(translations.remedy(finding, language)) > 10


def test_a_setting_that_is_misspelt_is_told_with_the_one_that_was_meant(home):
    _, (finding,) = told(home, "centrales: [127.0.0.1]\n")
    assert "Bedoelt u peers?" in translations.fact(finding, "nl")


def test_an_error_in_it_takes_no_line_out_of_use_and_ivr_check_tells_it(home):
    (home.root / TELEPHONE).write_text("calls: 0\n", "utf-8")
    assert read(home, NOON).line
    done = typed("--home", home.root, "check", "--json")
    entries = [each for each in json.loads(done.output) if each["file"] == TELEPHONE]
    assert (done.exit_code, [each["code"] for each in entries]) == (1, ["out-of-range"])


def test_a_peer_is_a_stranger_only_where_no_municipality_puts_its_number_through(home):
    edit(home, "callers: ", "#callers: ", TOWN)
    assert told(home, "peers: [{address: 127.0.0.1, as: 06-12345678}]\n")[1] == ()


def ran(home, *arguments):
    return typed("--home", home.root, "telephone", *arguments)


def test_without_the_extra_the_command_says_how_to_get_it(home, monkeypatch):
    monkeypatch.setattr("ivr.cli.telephone.find_spec", lambda _: None)
    done = ran(home)
    assert (done.exit_code, "'.[telephone]'" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--listen", "hier"], "hier is geen adres om op te luisteren"),
        (["--route", "0900-8844"], "0900-8844 is geen route"),
        (["--route", "112=sip:a@127.0.0.1"], "112=sip:a@127.0.0.1 is geen route"),
        (["--url", "http://127.0.0.1:1"], "ivr serve --demo"),
    ],
)
def test_an_option_that_cannot_be_is_told(home, monkeypatch, arguments, text):
    monkeypatch.setattr("ivr.cli.telephone.find_spec", lambda _: True)
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    done = ran(home, *arguments)
    assert (done.exit_code, text in " ".join(done.output.split())) == (2, True), done.output


def test_a_registration_without_its_password_in_the_environment_is_told(home, monkeypatch):
    monkeypatch.setattr("ivr.cli.telephone.find_spec", lambda _: True)
    monkeypatch.delenv("IVR_SIP_PASSWORD", raising=False)
    (home.root / TELEPHONE).write_text("register: {account: sip:600@127.0.0.1}\n", "utf-8")
    done = ran(home)
    assert (done.exit_code, "IVR_SIP_PASSWORD ontbreekt" in done.output) == (2, True)


def test_an_error_in_the_file_ends_the_command_with_its_findings(home, monkeypatch):
    monkeypatch.setattr("ivr.cli.telephone.find_spec", lambda _: True)
    (home.root / TELEPHONE).write_text("calls: 0\n", "utf-8")
    done = ran(home)
    assert (done.exit_code, "config/telephone.yaml:1" in done.output) == (1, True)
