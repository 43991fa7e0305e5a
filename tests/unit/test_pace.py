"""A whispering, nervous clerk soon hears what she can do: seconds of sound at the pace of espeak-ng."""

from dataclasses import replace
from itertools import pairwise

import pytest
from support.homes import NOON
from support.pace import ends, heard_by

from ivr.dialogue import flow
from ivr.dialogue.call import At, Call, Offer
from ivr.model.languages import LANGUAGES
from ivr.model.limits import PLAY_BYTES
from ivr.speech.wav import FRAME, RATE

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def says(line, item, language):
    event = Offer(At(language, item))
    return flow.answer(line, Call("+31200000199", "+31200000001", event), NOON).says


def prompts(line, item, language):
    return [phrase.prompt for phrase in says(line, item, language)]


def test_the_main_menu_names_its_first_choice_within_9_seconds_the_police_within_13_and_all_within_40(
    line, language
):
    main = says(line, "main", language)
    assert heard_by(main, "choose-steps") < 9
    assert heard_by(main, "choose-police") < 13
    assert ends(main)[-1] < 40


def test_danger_comes_first_and_right_behind_it_the_other_language(line, language):
    main = says(line, "main", language)
    assert {"nl": "hang op en bel één, één, twee.", "en": "hang up and dial one, one, two."}[language] in (
        main[0].text
    )
    assert (main[1].prompt, main[1].language == language) == ("choose-language", False)


def test_that_she_need_not_speak_and_can_leave_is_said_before_22_seconds_and_after_the_urgent_choices(
    line, language
):
    main = says(line, "main", language)
    order = [phrase.prompt for phrase in main]
    assert order.index("no-need-to-speak") == order.index("choose-tip-line") + 1
    assert {"choose-police", "choose-contact"} < set(order[: order.index("no-need-to-speak")])
    assert heard_by(main, "no-need-to-speak") < 22


def test_that_she_need_not_speak_is_said_once_and_not_with_the_choices_again(line, language):
    again = flow.answer(
        line, Call("+31200000199", "+31200000001", Offer(At(language, "main", silences=1))), NOON
    )
    assert "choose-tip-line" in {phrase.prompt for phrase in again.says}
    assert "no-need-to-speak" not in {phrase.prompt for phrase in again.says}


def test_step_5_names_the_contact_and_the_police_within_12_seconds(line, language):
    step = says(line, "step-5", language)
    assert heard_by(step, "choose-contact") < heard_by(step, "choose-police-urgent") < 12


def test_step_5_names_addresses_on_the_internet_behind_its_keys(line, language):
    order = prompts(line, "step-5", language)
    for behind in ("step-5-police", "step-5-tip-line", "fairwork-online"):
        assert order.index(behind) > order.index("choose-main")


@pytest.mark.parametrize("erases", [False, True], ids=["kept", "erased"])
def test_from_the_key_for_the_tip_line_to_its_ring_there_are_at_most_12_seconds_of_speech(
    line, language, erases
):
    assert ends(says(replace(line, erases=erases), "tip-line", language))[-1] <= 12


def test_step_1_tells_once_the_keys_that_work_everywhere(line, language):
    assert [prompt for prompt in prompts(line, "step-1", language) if prompt.startswith("choose")] == [
        "choose-next",
        "choose-again",
        "choose-police-always",
        "choose-main",
    ]
    for step in ("step-2", "step-3", "step-4"):
        assert [prompt for prompt in prompts(line, step, language) if prompt.startswith("choose")] == [
            "choose-next",
            "choose-again",
            "choose-previous",
        ]


def test_the_way_to_the_main_menu_is_said_with_key_0_and_only_steps_go_back_and_on(line, language):
    last = {"nl": ("kies 0.", "het sterretje.", "het hekje."), "en": ("press 0.", "star.", "hash.")}[language]
    for name, item in line.menu.items.items():
        if item.keys:
            said = {phrase.prompt: phrase.text for phrase in says(line, name, language)}
            ways = [said.get(f"choose-{way}", "") for way in ("main", "previous", "next")]
            assert all(not text or text.endswith(end) for text, end in zip(ways, last, strict=True)), name
            assert name.startswith("step-") or not set(item.keys) & {"*", "#"}
            assert "*" not in item.keys or item.keys["*"].go.startswith("step-")
            assert "#" not in item.keys or item.keys["#"].go.startswith("step-")


def test_steps_lead_to_each_other_and_to_nothing_else_by_star_and_hash(line, language):
    steps = [f"step-{number}" for number in range(1, 6)]
    items = line.menu.items
    assert [items[here].keys["#"].go for here in steps[:-1]] == steps[1:]
    assert [items[there].keys["*"].go for _, there in pairwise(steps)] == steps[:-1]
    assert "#" not in items["step-5"].keys
    assert "*" not in items["step-1"].keys


def test_every_reply_of_the_shipped_menu_can_be_played_as_one_file(line, language):
    for item in line.menu.items:
        assert ends(says(line, item, language))[-1] * RATE * FRAME <= PLAY_BYTES, item
