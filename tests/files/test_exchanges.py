"""docs/exchanges.md: what can be known of its examples without an exchange."""

import re

import pytest
import yaml

from ivr.config.shipped import shipped

GUIDE = (shipped() / "docs/exchanges.md").read_text("utf-8")
SETTINGS = yaml.safe_load(
    re.search(r"```yaml\n(.*?)```", (shipped() / "docs/telephony.md").read_text("utf-8"), re.DOTALL)[1]
)
SIP, DIALPLAN, REGISTERED = re.findall(r"```ini\n(.*?)```", GUIDE, re.DOTALL)
TYPE_OF = {
    "auth": "auth",
    "outbound_auth": "auth",
    "aors": "aor",
    "transport": "transport",
    "endpoint": "endpoint",
}
"""A setting of pjsip.conf that names a section → that section's type."""


def sections_of(text):
    """The sections of a pjsip.conf, templates filled in: (name, settings) of each."""
    found, templates = [], {}
    text = re.sub(r"^;.*\n", "", text, flags=re.MULTILINE)
    for name, marks, body in re.findall(r"^\[(.+?)\](?:\((.+?)\))?\n([^\[]*)", text, re.MULTILINE):
        parents = [each for each in marks.split(",") if each not in ("", "!")]
        settings = {key: value for each in parents for key, value in templates[each].items()}
        settings |= dict(re.findall(r"^(\w+)=(.+)$", body, re.MULTILINE))
        if "!" in marks:
            templates[name] = settings
        else:
            found.append((name, settings))
    return found


TRUNK = sections_of(SIP)
REGISTERING = [each for each in TRUNK if each[0] != "practice"] + sections_of(
    SIP[SIP.index("[g711]") : SIP.index("; Telephones")] + REGISTERED
)


@pytest.mark.parametrize("sections", [TRUNK, REGISTERING], ids=["trunk", "registered"])
def test_each_section_that_the_example_for_asterisk_names_is_in_it(sections):
    there = {(settings["type"], name) for name, settings in sections}
    assert len(there) == len(sections)
    for _, settings in sections:
        for key in TYPE_OF.keys() & settings.keys():
            assert (TYPE_OF[key], settings[key]) in there
        assert f"\n[{settings.get('context', 'desks')}]\n" in DIALPLAN


def test_the_example_for_asterisk_dials_endpoints_that_it_has_and_no_pattern():
    endpoints = {name for name, settings in TRUNK if settings["type"] == "endpoint"}
    dialled = re.findall(r"^;?exten => (.+?),1,Dial\(PJSIP/(?:\w+@)?(\w+)\)$", DIALPLAN, re.MULTILINE)
    assert len(dialled) == DIALPLAN.count("exten =>")
    assert {endpoint for _, endpoint in dialled} == {"twilio", "practice", "2001", "2002"} <= endpoints
    assert {number for number, _ in dialled} == {"6000", "2001", "2002"}


def test_the_example_for_asterisk_offers_what_the_line_understands():
    for _, settings in TRUNK + REGISTERING:
        if settings["type"] == "endpoint":
            assert (settings["disallow"], settings["allow"]) == ("all", "alaw,ulaw")
            assert settings["dtmf_mode"] == "rfc4733"


def test_the_examples_for_exchanges_are_of_the_same_office_as_the_lines_own():
    (contact,) = (
        settings["contact"] for name, settings in TRUNK if (name, settings["type"]) == ("practice", "aor")
    )
    (exchange,) = (settings["bind"] for _, settings in TRUNK if settings["type"] == "transport")
    assert contact == f"sip:{SETTINGS['listen']}"
    assert exchange.partition(":")[0] == SETTINGS["peers"][0]["address"]
    assert [*SETTINGS["lines"]] == [6000]
    assert sorted(SETTINGS["routes"].values()) == [
        f"sip:{each}@{SETTINGS['peers'][0]['address']}" for each in (2001, 2002)
    ]
