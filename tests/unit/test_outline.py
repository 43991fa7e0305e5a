"""The menu as text says all that the picture shows."""

import pytest

from ivr.dialogue.menu_graph import edges
from ivr.model import spoken
from ivr.model.languages import LANGUAGES
from ivr.report.outline import describe, everywhere


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_and_every_way_of_the_menu_is_told(line, language):
    told = {item.name: item for item in describe(line, language)}
    always = {way.key: way.target for way in everywhere(line, language)}
    assert list(told) == list(line.menu.items)
    for edge in edges(line.menu):
        ways = {(way.key or way.by, way.target) for way in told[edge.source].ways}
        by = spoken.key(edge.by, language) if edge.waits else edge.by
        assert (by, edge.target) in ways or always.get(by) == edge.target


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_says_something_and_every_key_is_named_with_its_words(line, language):
    for item in describe(line, language):
        assert item.says, item.name
        assert all(way.key in way.words for way in item.ways if way.key), item.name


def test_what_is_said_behind_a_choice_stands_with_it(line):
    main = describe(line, "nl")[0]
    (tip_line,) = [way for way in main.ways if way.target == "tip-line"]
    assert tip_line.words == "Om anoniem te melden, kies 4."
    assert tip_line.after == (line.prompts["nl"]["no-need-to-speak"],)


def test_whom_an_item_rings_stands_with_it(line):
    items = {item.name: item for item in describe(line, "nl")}
    assert items["contact"].rings_contacts
    assert items["police"].rings[0] == ("de politie", "0900 8844")
    assert [item.name for item in items.values() if item.ends] == ["farewell", "unknown-line"]
