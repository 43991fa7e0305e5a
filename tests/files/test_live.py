"""The reading in use: the last good one, whole, and within two seconds of a change."""

import time
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from support.homes import NOON, TOWN, contact, edit
from support.machines import PATIENCE

from ivr.config.live import Live, NoLine
from ivr.disk import reading
from ivr.model.limits import RELOAD_SECONDS
from ivr.speech.wav import as_wav


@pytest.fixture
def live(home):
    return Live(home, lambda: NOON, public=False)


def spoken(clips):
    """What the built files that can be played hold, as their names tell it."""
    return {clip.path.stem.rpartition("-")[2] for clip in clips.by_name.values()}


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
        "name: gemeente Nieuw\nexample: true\ndialled: 020-000 09 01\ncontacts: []\n", "utf-8"
    )
    (home.root / "config/municipalities/dorp.yaml").unlink()
    live.refresh()
    assert live.snapshot.line.municipality_dialled("+31200000901").name == "gemeente Nieuw"
    assert live.snapshot.line.municipality_dialled("+31200000101") is None


def test_new_audio_is_live_at_the_next_look(live, home):
    before = live.snapshot.clips
    folder = home.audio / "built/nl"
    folder.mkdir(parents=True)
    (folder / "0000000000000000-gtts-1111111111111111.wav").write_bytes(as_wav(b"\0\0"))
    live.refresh()
    assert "1111111111111111" in spoken(live.snapshot.clips)
    assert "1111111111111111" not in spoken(before)


def test_audio_that_was_being_copied_at_one_look_is_live_at_the_next(live, home):
    folder = home.audio / "built/nl"
    folder.mkdir(parents=True)
    clip = folder / "0000000000000000-gtts-1111111111111111.wav"
    clip.write_bytes(as_wav(b"\0\1" * 800)[:100])
    live.refresh()
    live.refresh()
    assert "1111111111111111" not in spoken(live.snapshot.clips)
    clip.write_bytes(as_wav(b"\0\1" * 800))
    live.refresh()
    assert "1111111111111111" in spoken(live.snapshot.clips)


def test_a_change_is_live_by_itself_and_looks_lie_half_of_the_two_promised_seconds_apart(live, home):
    assert RELOAD_SECONDS <= 1
    stop = Event()
    watch = Thread(target=live.watch, args=(stop,))
    watch.start()
    try:
        edit(home, "020-000 00 03", "020-000 00 07")
        end = time.monotonic() + PATIENCE
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


def test_while_the_files_cannot_be_looked_at_health_tells_so_until_they_can_again(live, home, monkeypatch):
    def away(_):
        raise PermissionError

    with monkeypatch.context() as broken:
        broken.setattr("ivr.config.home.Home.fingerprint", away)
        live.look()
        live.look()
    assert [finding.code for finding in live.snapshot.findings if finding.severity == "error"] == [
        "home-unseen"
    ]
    assert live.snapshot.degraded
    live.look()
    assert not live.snapshot.degraded


def test_a_file_whose_permissions_are_mended_is_read_again(live, home, monkeypatch):
    read = reading.read

    def refused(path, most):
        if path == home.root / TOWN:
            raise PermissionError(13, "Permission denied")
        return read(path, most)

    with monkeypatch.context() as shut:
        shut.setattr("ivr.disk.reading.read", refused)
        edit(home, "020-000 00 03", "020-000 00 07")
        live.refresh()
        assert "file-unreadable" in {finding.code for finding in live.snapshot.findings}
    live.refresh()
    assert contact(live) == "+31200000007"
    assert not live.snapshot.degraded


def test_today_is_the_day_in_the_lines_time_zone(home):
    """At half past midnight in the Netherlands it is still yesterday in UTC."""
    edit(home, "confirmed: 2026-11-02", "confirmed: 2026-11-25")
    Live(home, lambda: datetime(2026, 11, 24, 23, 30, tzinfo=UTC), public=False)
    with pytest.raises(NoLine, match="confirmed-ahead"):
        Live(home, lambda: datetime(2026, 11, 24, 22, 30, tzinfo=UTC), public=False)


def test_a_finding_that_comes_with_a_new_day_comes_without_a_change_to_a_file(home):
    moment = [NOON]
    live = Live(home, lambda: moment[0], public=False)
    assert "contact-stale" not in {finding.code for finding in live.snapshot.findings}
    moment[0] += timedelta(days=90)
    live.look()
    assert "contact-stale" in {finding.code for finding in live.snapshot.findings}


def test_while_a_file_has_an_error_the_time_of_the_reading_in_use_stays_and_new_audio_is_used(home):
    moment = [NOON]
    live = Live(home, lambda: moment[0], public=False)
    edit(home, "020-000 00 03", "020-000 00 0")
    folder = home.audio / "built/nl"
    folder.mkdir(parents=True)
    (folder / "0000000000000000-gtts-1111111111111111.wav").write_bytes(as_wav(b"\0\0"))
    moment[0] += timedelta(minutes=5)
    live.look()
    assert live.snapshot.read_at == NOON
    assert "1111111111111111" in spoken(live.snapshot.clips)


def test_the_reading_knows_whether_anonymous_calls_are_erased(home):
    assert Live(home, lambda: NOON, public=False, erases=True).snapshot.line.erases
    assert not Live(home, lambda: NOON, public=False).snapshot.line.erases


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
