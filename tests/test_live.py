"""The reading in use: the last good one, whole, and within two seconds of a change."""

import time
from threading import Event, Thread

import pytest
from conftest import NOON, TOWN, edit

from ivr.config.live import Live, NoLine


@pytest.fixture
def live(home):
    return Live(home, lambda: NOON, public=False)


def contact(live):
    return live.snapshot.line.municipalities["voorbeeldstad"].contacts[1].number


def test_a_change_is_live_at_the_next_look(live, home):
    edit(home, "020-000 00 03", "020-000 00 07")
    live.refresh()
    assert contact(live) == "+31200000007"


def test_a_change_with_an_error_keeps_the_last_good_reading_and_says_so(live, home, caplog):
    edit(home, "020-000 00 03", "020-000 00 0")
    edit(home, "gemeente Voorbeeldstad", "gemeente Anders")
    live.refresh()
    assert contact(live) == "+31200000003"
    assert live.snapshot.line.municipalities["voorbeeldstad"].name == "gemeente Voorbeeldstad"
    assert live.snapshot.degraded
    assert f"{TOWN}:" in caplog.text
    assert "number-invalid" in caplog.text


def test_when_the_error_is_mended_the_new_reading_is_used(live, home):
    edit(home, "020-000 00 03", "020-000 00 0")
    live.refresh()
    edit(home, "020-000 00 0\n", "020-000 00 08\n")
    live.refresh()
    assert contact(live) == "+31200000008"
    assert not live.snapshot.degraded


def test_a_municipality_that_is_added_is_live_and_one_that_is_removed_is_gone(live, home):
    (home.root / "config/municipalities/nieuw.yaml").write_text(
        "name: gemeente Nieuw\ndialled: 020-000 09 01\ncontacts: []\n", "utf-8"
    )
    (home.root / "config/municipalities/dorp.yaml").unlink()
    live.refresh()
    assert live.snapshot.line.municipality_dialled("+31200000901").name == "gemeente Nieuw"
    assert live.snapshot.line.municipality_dialled("+31200000101") is None


def test_new_audio_is_live_at_the_next_look(live, home):
    before = live.snapshot.clips
    folder = home.audio / "built/nl"
    folder.mkdir(parents=True)
    (folder / "0000000000000000-gtts-1111111111111111.wav").write_bytes(b"")
    live.refresh()
    assert "1111111111111111" in live.snapshot.clips.by_name
    assert "1111111111111111" not in before.by_name


def test_a_change_is_live_within_two_seconds_by_itself(live, home):
    stop = Event()
    watch = Thread(target=live.watch, args=(stop,))
    watch.start()
    try:
        edit(home, "020-000 00 03", "020-000 00 07")
        end = time.monotonic() + 2
        while contact(live) != "+31200000007" and time.monotonic() < end:
            time.sleep(0.02)
        assert contact(live) == "+31200000007"
    finally:
        stop.set()
        watch.join()


def test_a_look_that_fails_is_told_and_the_reading_stays_in_use(home, caplog):
    moments = [NOON]
    live = Live(home, lambda: moments[-1], public=False)
    moments.clear()
    live.look()
    assert "could not be looked at: IndexError" in caplog.text
    assert contact(live) == "+31200000003"


def test_without_a_first_good_reading_there_is_no_line_and_the_reason_is_told(home):
    edit(home, "020-000 00 03", "112")
    with pytest.raises(NoLine, match="number-emergency"):
        Live(home, lambda: NOON, public=False)


def test_an_example_never_goes_live(home):
    with pytest.raises(NoLine, match="example-live"):
        Live(home, lambda: NOON, public=True)


def test_a_snapshot_does_not_change_under_an_answer(live, home):
    snapshot = live.snapshot
    edit(home, "020-000 00 03", "020-000 00 07")
    live.refresh()
    assert snapshot.line.municipalities["voorbeeldstad"].contacts[1].number == "+31200000003"
