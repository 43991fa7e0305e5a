"""What a caller waits for is asked of us as seldom as can be."""

import pytest
from bench.asked import asked

pytestmark = pytest.mark.xdist_group("speech")

BOTH = ["document", "audio"]


def test_before_the_first_sound_one_document_and_one_file(spoken_home):
    assert asked(spoken_home, "") == [BOTH]


@pytest.mark.parametrize("keys", ["1", "5", "9", "2", "4", "8"])
def test_between_a_key_and_the_next_sound_one_document_and_one_file(spoken_home, keys):
    assert asked(spoken_home, keys) == [BOTH, BOTH]


def test_between_the_key_for_the_police_and_the_ring_one_document(spoken_home):
    assert asked(spoken_home, "33")[-1] == ["document"]


def test_a_file_that_was_heard_before_in_a_call_is_not_asked_for_again(spoken_home):
    assert asked(spoken_home, "10")[-1] == ["document"]
