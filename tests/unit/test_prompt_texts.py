"""A text is changed in its place in the file, and each text has a place in the menu."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.config import source
from ivr.config.editing import Unwritable
from ivr.config.editing.prompts import with_prompt
from ivr.console.texts.calls import routes
from ivr.dialogue.menu_graph import reached
from ivr.report.prompt_places import groups, items_of

FILE = """# Wat de lijn zegt
welcome: Welkom.   # het eerst
long: >-
  Eén.
  Twee.
quoted: 'Ja: nee'
last: "Dag…"
"""
NAMES = ("welcome", "long", "quoted", "last")
WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)
SENTENCES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)


@given(SENTENCES, st.sampled_from(NAMES))
def test_any_words_come_back_equal_and_no_other_text_changes(words, name):
    after = with_prompt(FILE, name, words)
    assert source.parse(after, "").value == {**source.parse(FILE, "").value, name: words}
    assert after.startswith("# Wat de lijn zegt\n")
    assert "# het eerst" in after


def test_a_text_that_the_file_does_not_have_is_not_added():
    with pytest.raises(Unwritable):
        with_prompt(FILE, "another", "Dag")


def test_line_endings_and_what_stands_before_the_text_stay():
    windows = "\ufeff" + FILE.replace("\n", "\r\n")
    after = with_prompt(windows, "welcome", "Hallo.")
    assert after == windows.replace("Welkom.", "Hallo.")


def test_each_text_stands_in_one_place(line):
    listed = [prompt for group in groups(line) for prompt in group.prompts]
    assert sorted(listed) == sorted(line.prompts["nl"])
    assert groups(line)[0].item == line.menu.start
    assert groups(line)[-1].item == ""


def test_a_text_is_said_in_each_item_that_names_it(line):
    assert items_of(line)["choose-steps"] == ("main", "signs", "doubts", "stranger", "closed")
    assert items_of(line)["another-phone"] == ("tip-line",)


def test_there_is_a_way_to_each_item_that_a_caller_reaches_by_keys_or_because_nobody_answers(line):
    found = routes(line.menu, line.menu.start)
    assert reached(line.menu) - found.keys() == {"closed", "farewell", "stranger", "unknown-line"}
    assert found["step-5"] == ("1", "#", "#", "#", "#")
    assert found["contact-unreached"] == ("2", "unreached")
