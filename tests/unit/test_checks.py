"""Promises that no wrong file of today can break: shown here on a line whose core is broken on purpose."""

from dataclasses import replace

import pytest
from support.homes import TODAY

from ivr.checks import documents, menu, municipalities, prompts
from ivr.dialogue import all_phrases, flow
from ivr.dialogue.call import End
from ivr.dialogue.prompts import IN_ANNOUNCEMENT, IN_MENU, OWN
from ivr.model.languages import LANGUAGES
from ivr.model.menu import Item


def test_a_moment_at_which_a_caller_gets_no_way_on_would_be_found(line, monkeypatch):
    monkeypatch.setattr(flow, "answer", lambda *_: End((), ()))
    found = list(documents.every_moment_has_a_way_on(line, TODAY))
    assert {finding.code for finding in found} == {"moment-without-way"}
    assert {finding.file for finding in found} == {
        f"config/municipalities/{word}.yaml" for word in line.municipalities
    }


def test_the_line_as_shipped_has_a_way_on_at_every_moment(line):
    assert list(documents.every_moment_has_a_way_on(line, TODAY)) == []


def test_what_is_kept_of_an_anonymous_call_is_warned_of_unless_it_is_erased(line):
    (finding,) = menu.anonymity_is_kept(line, public=True)
    assert finding.path == ("destinations", "tip-line", "anonymous")
    assert list(menu.anonymity_is_kept(replace(line, erases=True), public=True)) == []


def test_who_only_tries_the_line_is_not_warned_of_what_an_account_is_needed_for(line):
    assert list(menu.anonymity_is_kept(line, public=False)) == []


def test_every_brace_that_a_prompt_may_have_is_filled(line):
    texts = {
        prompt: " ".join(f"{{{brace}}}" for brace in sorted(braces))
        for prompt, braces in prompts.used(line).items()
    }
    told = all_phrases.everything(replace(line, prompts=dict.fromkeys(LANGUAGES, texts)))
    assert {phrase.prompt for phrase in told if "{" in phrase.text} == set()


def test_an_item_for_strangers_that_leads_to_what_is_refused_to_them_is_a_circle(line):
    for leading in ({"go": "police"}, {"dial": "police", "unreached": "main"}):
        items = {**line.menu.items, "stranger": Item.model_validate({"say": ("stranger",), **leading})}
        changed = type(line.menu)(start=line.menu.start, always=line.menu.always, **items)
        found = menu.no_way_goes_round_without_a_key(replace(line, menu=changed), TODAY)
        assert {each.code for each in found} == {"circle"}


@pytest.mark.parametrize("minute", ["08:29", "08:30", "16:59", "17:00", "00:00"])
def test_the_moments_that_are_proven_are_those_at_which_something_changes(line, minute):
    moments = municipalities.moments(line.municipalities["voorbeeldstad"], line, TODAY)
    assert minute in {f"{moment:%H:%M}" for moment in moments}


def test_a_holiday_and_the_closed_days_are_among_the_moments_proven(line):
    moments = municipalities.moments(line.municipalities["voorbeeldstad"], line, TODAY)
    assert {"2026-12-24", "2026-12-25"} <= {f"{moment:%Y-%m-%d}" for moment in moments}


def test_of_every_name_in_braces_the_longest_value_is_known():
    names = IN_MENU | IN_ANNOUNCEMENT | frozenset().union(*OWN.values())
    # A choice is a prompt, whose own length is counted.
    assert names - {"choice"} == documents._LONGEST.keys()
