"""The last good reading outlives the process that read it: a worker's death, and a restart."""

import os
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from support.homes import NOON, TOWN, contact, edit

from ivr.config.home import Home
from ivr.config.last_good import LastGood
from ivr.config.live import Live, NoLine

OLD, NEW, WRONG = "020-000 00 03", "020-000 00 07", "020-000 00 0"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "state"
    path.mkdir()
    return path


def started(home, folder, **more):
    return Live(home, lambda: NOON, public=False, last_good=LastGood(folder), **more)


def test_who_starts_while_a_file_has_an_error_starts_from_the_last_good_reading_and_says_so(
    home, folder, caplog
):
    edit(home, OLD, NEW)
    started(home, folder)
    edit(home, NEW, WRONG)
    live = started(home, folder)
    assert contact(live) == "+31200000007"
    assert live.snapshot.degraded
    assert "number-invalid" in caplog.text
    assert "what was good last is in use, of 20" in caplog.text


def test_a_process_that_is_born_while_a_file_has_an_error_has_what_another_read_well_last(home, folder):
    born, other = started(home, folder), started(home, folder)
    edit(home, OLD, NEW)
    other.refresh()
    edit(home, NEW, WRONG)
    born.look(forked=True)
    assert contact(born) == "+31200000007"
    assert born.snapshot.degraded


def test_a_process_that_missed_a_good_reading_has_what_another_read_meanwhile(home, folder):
    late, other = started(home, folder), started(home, folder)
    edit(home, OLD, NEW)
    other.refresh()
    edit(home, NEW, WRONG)
    late.look()
    assert contact(late) == "+31200000007"


def test_while_the_home_is_out_of_reach_a_line_starts_and_is_born_with_what_was_good_last(
    home, folder, monkeypatch
):
    born = started(home, folder)
    edit(home, OLD, NEW)
    started(home, folder)

    def away(_):
        raise PermissionError

    monkeypatch.setattr("ivr.config.home.Home.fingerprint", away)
    born.look(forked=True)
    assert (contact(born), contact(started(home, folder))) == ("+31200000007", "+31200000007")
    with pytest.raises(NoLine, match="home-unseen"):
        Live(home, lambda: NOON, public=False)


def test_a_reading_that_was_kept_knows_whether_anonymous_calls_are_erased(home, folder):
    started(home, folder, erases=True)
    edit(home, OLD, WRONG)
    assert started(home, folder, erases=True).snapshot.line.erases


def test_a_process_that_is_born_without_an_error_reads_the_files(home, folder):
    born = started(home, folder)
    edit(home, OLD, NEW)
    born.look(forked=True)
    assert contact(born) == "+31200000007"
    assert not born.snapshot.degraded


def test_a_reading_that_was_kept_tells_when_it_was_good(home, folder):
    started(home, folder)
    (kept,) = folder.iterdir()
    os.utime(kept, (1_790_000_000, 1_790_000_000))
    edit(home, OLD, WRONG)
    assert started(home, folder).snapshot.read_at == datetime.fromtimestamp(1_790_000_000, UTC)


def test_when_the_error_is_mended_the_files_are_in_use_again(home, folder):
    started(home, folder)
    edit(home, OLD, WRONG)
    live = started(home, folder)
    edit(home, f"{WRONG}\n", "020-000 00 08\n")
    live.refresh()
    assert contact(live) == "+31200000008"
    assert not live.snapshot.degraded


def test_a_line_starts_while_the_shared_folder_is_away(home, folder, tmp_path):
    started(home, folder)
    assert contact(started(Home(tmp_path / "nowhere"), folder)) == "+31200000003"


def test_what_was_kept_is_checked_like_any_other(home, folder):
    started(home, folder)  # with an example, as a demo may have it
    edit(home, OLD, WRONG)
    with pytest.raises(NoLine, match="number-invalid"):
        Live(home, lambda: NOON, public=True, last_good=LastGood(folder))


@pytest.mark.parametrize("place", [0, 4, 6, 8, 14, 26, 40, -40, -30, -12, -1])
def test_what_was_kept_and_is_damaged_fails_nothing(home, folder, place):
    started(home, folder)
    (kept,) = folder.iterdir()
    content = bytearray(kept.read_bytes())
    content[place] ^= 0xFF
    kept.write_bytes(content)
    edit(home, OLD, WRONG)
    with suppress(NoLine):  # or what was kept is there all the same
        assert contact(started(home, folder)) == "+31200000003"


def test_what_was_kept_by_halves_is_not_used(home, folder, caplog):
    started(home, folder)
    (kept,) = folder.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    edit(home, OLD, WRONG)
    with pytest.raises(NoLine):
        started(home, folder)
    assert "cannot be used: BadZipFile" in caplog.text


def test_nothing_is_written_where_nothing_changed(home, folder):
    live = started(home, folder)
    (kept,) = folder.iterdir()
    before = kept.stat().st_ino
    live.look()
    live.refresh()
    assert kept.stat().st_ino == before


def test_a_file_from_before_the_zip_format_is_kept_too(home, folder):
    os.utime(home.root / TOWN, (0, 0))
    started(home, folder)
    assert len(list(folder.iterdir())) == 1


def test_files_that_changed_while_they_were_read_are_not_kept(home, folder):
    seen = home.fingerprint()
    edit(home, OLD, WRONG)
    LastGood(folder).save(home, seen)
    assert list(folder.iterdir()) == []


def test_a_disk_that_keeps_nothing_is_told_and_the_line_runs(home, tmp_path, caplog):
    assert contact(started(home, tmp_path / "missing")) == "+31200000003"
    assert "could not be kept: FileNotFoundError" in caplog.text


def test_a_disk_that_was_full_keeps_the_reading_at_the_next_look(home, folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("ivr.config.last_good.write_whole", full)
        live = started(home, folder)
    assert list(folder.iterdir()) == []
    live.look()
    assert len(list(folder.iterdir())) == 1


def test_what_was_kept_never_takes_the_place_of_a_later_reading(home, folder, monkeypatch):
    started(home, folder)  # what the disk keeps
    edit(home, OLD, NEW)
    live = Live(home, lambda: NOON, public=False, last_good=LastGood(folder))
    (kept,) = folder.iterdir()
    os.utime(kept, (1_790_000_000, 1_790_000_000))
    edit(home, NEW, WRONG)
    live.look(forked=True)
    assert contact(live) == "+31200000007"


def test_what_is_kept_is_for_nobody_else_to_read(home, folder):
    started(home, folder)
    (kept,) = folder.iterdir()
    assert kept.stat().st_mode & 0o077 == 0
