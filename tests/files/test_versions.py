"""What a file once was is never lost: every good reading is a version, and an older one can be put back."""

import errno
import os
import shutil
from datetime import timedelta
from threading import Event, Thread

import pytest
from dulwich import porcelain
from dulwich.objects import Blob
from support.homes import NOON, TODAY, TOWN, edit, make_home, typed

from ivr.cli.common import Context
from ivr.cli.versioned import kept_as_version, person
from ivr.config import repository
from ivr.config.keeper import AGAIN_SECONDS, LATE_SECONDS, Keeper
from ivr.config.live import Live
from ivr.config.versions import Busy, Kind, Outdated, Unrecorded, Version, Versions
from ivr.disk.locking import locked

DORP = "config/municipalities/dorp.yaml"
FIRST, SECOND, WRONG = "020-000 00 02", "020-000 00 07", "020-000 00 0"
ANNA = Version(Kind.CONSOLE, "Anna", NOON, "new officer")


@pytest.fixture
def versions(home):
    return Versions(home)


@pytest.fixture
def keeper(home):
    return Keeper(home, lambda: NOON, monotonic=lambda: 0)


def keep(home, moment=NOON):
    """What a line does with a good reading."""
    Versions(home).keep(moment, lambda: True)


def changed(home, *changes, file=TOWN):
    """Each change a version, after the first one."""
    keep(home)
    for old, new in changes:
        edit(home, old, new, file)
        keep(home)


def told(versions, slug=None):
    return [(each.kind, each.author, each.files) for each in versions.listed(slug)]


def written(home, file=TOWN):
    return (home.root / file).read_text("utf-8")


def everything(folder):
    return {
        path.relative_to(folder): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


# What becomes a version


def test_the_very_first_good_reading_is_a_version_and_each_change_is_one_more(home, keeper, versions):
    live = Live(home, lambda: NOON, public=False)
    keeper.keep(live._good_files)
    edit(home, FIRST, SECOND)
    live.look()
    keeper.keep(live._good_files)
    assert [(each.first, each.files) for each in versions.listed()] == [
        (False, (TOWN,)),
        (True, tuple(sorted(home.files()))),
    ]


def test_what_is_a_version_already_is_none_once_more(home, versions):
    keep(home)
    os.utime(home.root / TOWN)
    for process in (Keeper(home, lambda: NOON), Keeper(home, lambda: NOON)):
        process.keep(home.fingerprint())
    assert len(versions.listed()) == 1


def test_a_reading_with_an_error_is_no_version(home):
    live = Live(home, lambda: NOON, public=False)
    edit(home, FIRST, WRONG)
    live.look()
    assert live._good_files is None


def test_a_file_that_changed_after_it_was_read_is_no_version_yet(home, keeper, versions):
    seen = home.fingerprint()
    edit(home, FIRST, SECOND)
    keeper.keep(seen)
    assert not versions.listed()


def test_of_many_that_share_a_folder_one_keeps_a_change(home, versions):
    keep(home)
    edit(home, FIRST, SECOND)
    seen = home.fingerprint()
    keepers = [Keeper(home, lambda: NOON) for _ in range(8)]
    threads = [Thread(target=each.keep, args=(seen,)) for each in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in keepers:
        each.keep(seen)
        assert each.finding is None
    assert len(versions.listed()) == 2


def test_a_municipality_that_comes_or_goes_is_a_version(home, versions):
    keep(home)
    (home.root / DORP).rename(home.root / "config/municipalities/stad.yaml")
    keep(home)
    assert versions.listed()[0].slugs == ("dorp", "stad")
    assert [each.first for each in versions.listed("dorp")] == [False, True]


def test_versions_hold_what_a_reading_reads_and_nothing_else(home, versions):
    for name in (".env", "state/balielijn.db", "audio/recordings/nl/welcome.wav", "config/notes.txt"):
        path = home.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret", "utf-8")
    keep(home)
    (version,) = versions.listed()
    assert version.files == tuple(sorted(home.files()))
    assert all(versions.text(version, file) == (home.root / file).read_bytes() for file in version.files)


def test_only_who_runs_the_line_can_read_the_versions(home):
    keep(home)
    assert (home.root / ".versions").stat().st_mode & 0o077 == 0


# Where people use git themselves


@pytest.fixture
def checkout(tmp_path):
    """A repository of people's own whose subfolder is the home, with a change in its index."""
    with porcelain.open_repo_closing(porcelain.init(tmp_path / "checkout")) as repo:
        home = make_home(tmp_path / "checkout/deploy/home")
        porcelain.add(repo, [tmp_path / "checkout/deploy/home/prompts/nl.yaml"])
        porcelain.commit(repo, b"Begun", author=b"A <a@example.nl>", committer=b"A <a@example.nl>")
        edit(home, FIRST, SECOND)
        porcelain.add(repo, [home.root / TOWN])
        yield home, repo


def test_a_repository_of_peoples_own_is_left_as_it_is(checkout):
    home, repo = checkout
    keep(home)
    before = everything(home.root.parents[1] / ".git")
    edit(home, SECOND, FIRST)
    keep(home)
    typed("--home", home.root, "undo", "voorbeeldstad", "--yes")
    assert len(Versions(home).listed()) == 3
    assert everything(home.root.parents[1] / ".git") == before
    untracked = porcelain.status(repo, untracked_files="all").untracked
    assert untracked
    assert not [each for each in untracked if ".versions" in os.fsdecode(each)]


@pytest.mark.parametrize("git", ["gitdir: /nowhere/at/all\n", "rubbish"])
def test_it_does_not_matter_what_stands_in_the_place_of_a_repository(home, versions, git):
    (home.root / ".git").write_text(git, "utf-8")
    changed(home, (FIRST, SECOND))
    assert len(versions.listed()) == 2


def test_a_commit_that_somebody_makes_in_the_versions_counts_as_made_by_hand(home, versions):
    keep(home)
    with porcelain.open_repo_closing(home.root / ".versions/repository") as repo:
        tree = repo[repo.head()].tree
        repo.get_worktree().commit(
            b"By me\n", tree=tree, author=b"Me <me@example.nl>", committer=b"Me <me@example.nl>", sign=False
        )
    edit(home, FIRST, SECOND)
    keep(home)
    assert [(each.kind, each.author) for each in versions.listed()][1] == (Kind.HAND, "Me")


# What goes wrong


def test_locks_that_a_crash_left_stop_no_version(home, versions):
    keep(home)
    git = home.root / ".versions/repository"
    for name in ("HEAD.lock", "refs/heads/versions.lock", "packed-refs.lock"):
        (git / name).touch()
    edit(home, FIRST, SECOND)
    ident = Blob.from_string((home.root / TOWN).read_bytes()).id.decode()
    (git / "objects" / ident[:2]).mkdir(exist_ok=True)
    (git / "objects" / ident[:2] / f"{ident[2:]}.lock").touch()
    keep(home)
    assert len(versions.listed()) == 2
    assert not list(git.rglob("*.lock"))


def test_a_crash_while_the_repository_is_made_stops_no_version(home, versions):
    (home.root / ".versions/unfinished/objects").mkdir(parents=True)
    keep(home)
    assert len(versions.listed()) == 1


def test_another_process_at_work_is_not_waited_for_and_told_after_a_minute(home):
    now = [0.0]
    keeper = Keeper(home, lambda: NOON, monotonic=lambda: now[0])
    (home.root / ".versions").mkdir()
    with locked(home.root / ".versions/alone"):
        keeper.keep(home.fingerprint())
        assert keeper.finding is None
        now[0] = LATE_SECONDS + 1
        assert keeper.finding.values == {"why": "timeout"}
    keeper.keep(home.fingerprint())
    assert keeper.finding is None


def test_a_program_that_writes_waits_for_another_one(home, versions):
    keep(home)
    held, let_go = Event(), Event()

    def hold():
        with locked(home.root / ".versions/alone"):
            held.set()
            let_go.wait(30)

    holder = Thread(target=hold)
    writer = Thread(target=versions.record, args=({TOWN: b"x"}, ANNA))
    holder.start()
    assert held.wait(30)
    writer.start()
    try:
        with pytest.raises(Busy):
            versions.record({TOWN: b"y"}, ANNA, patience=0.1)
    finally:
        let_go.set()
        holder.join()
        writer.join()
    assert written(home) == "x"


def test_whatever_fails_inside_a_line_goes_on(home, keeper, monkeypatch):
    monkeypatch.setattr(Versions, "keep", lambda *_: 1 / 0)
    keeper.keep(home.fingerprint())
    assert keeper.finding.values == {"why": "ZeroDivisionError"}


def damage(home):
    for file in (home.root / ".versions/repository/objects").rglob("*"):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"")


def in_the_way(home):
    shutil.rmtree(home.root / ".versions")
    (home.root / ".versions").touch()


@pytest.mark.parametrize("broken", [damage, in_the_way])
def test_where_versions_cannot_be_kept_the_change_is_live_and_it_is_told_once(home, broken, caplog):
    now = [0.0]
    keeper = Keeper(home, lambda: NOON, monotonic=lambda: now[0])
    live = Live(home, lambda: NOON, public=False, keeper=keeper)
    keeper.keep(live._good_files)
    broken(home)
    edit(home, FIRST, SECOND)
    for _ in range(3):
        live.look()
        keeper.keep(live._good_files)
        live.look()
        now[0] += AGAIN_SECONDS + 1
    assert live.snapshot.line.municipalities["voorbeeldstad"].contacts[0].number == "+31200000007"
    assert not live.snapshot.degraded
    assert [each.code for each in live.snapshot.findings].count("version-unkept") == 1
    assert caplog.text.count("could not be kept as a version") == 1


def test_a_full_disk_is_told_in_the_systems_words(home, keeper, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(repository, "commit_tree", full)
    keeper.keep(home.fingerprint())
    assert keeper.finding.values == {"why": "No space left on device"}


def test_once_versions_can_be_kept_again_the_warning_is_gone_and_nothing_is_missed(home, versions):
    now = [0.0]
    keeper = Keeper(home, lambda: NOON, monotonic=lambda: now[0])
    live = Live(home, lambda: NOON, public=False, keeper=keeper)
    (home.root / ".versions").touch()
    keeper.keep(live._good_files)
    live.look()
    (home.root / ".versions").unlink()
    now[0] = AGAIN_SECONDS
    keeper.keep(live._good_files)
    live.look()
    assert "version-unkept" not in {each.code for each in live.snapshot.findings}
    assert len(versions.listed()) == 1


def test_a_look_waits_for_no_version(home, monkeypatch):
    live = Live(home, lambda: NOON, public=False, keeper=Keeper(home, lambda: NOON))
    begun, stop = Event(), Event()

    def hang(*_):
        begun.set()
        stop.wait(30)

    monkeypatch.setattr(Versions, "keep", hang)
    thread = Thread(target=live.keep_versions, args=(stop,))
    thread.start()
    try:
        assert begun.wait(30)
        edit(home, FIRST, SECOND)
        live.look()
        assert live.snapshot.line.municipalities["voorbeeldstad"].contacts[0].number == "+31200000007"
    finally:
        stop.set()
        thread.join()


def test_many_versions_take_few_files_and_are_all_there(home, versions, monkeypatch):
    monkeypatch.setattr(repository, "_LOOSE", 1)
    keep(home)
    for number in range(100, 130):
        edit(home, home.root.joinpath(TOWN).read_text("utf-8").splitlines()[0], f"name: nr {number}")
        keep(home)
    objects = home.root / ".versions/repository/objects"
    assert list((objects / "pack").glob("*.pack"))
    assert len([each for each in objects.rglob("*") if each.is_file()]) < 31 * 5
    assert [versions.text(each, TOWN)[:12] for each in versions.listed()[:2]] == [
        b"name: nr 129",
        b"name: nr 128",
    ]
    assert len(versions.listed()) == 31


# What a program writes


def test_what_the_console_writes_is_a_version_with_author_and_reason(home, versions):
    keep(home)
    text = written(home).replace(FIRST, SECOND).encode()
    version = versions.record({TOWN: text}, ANNA)
    assert (version.author, version.reason, version.kind, version.files) == (
        "Anna",
        "new officer",
        Kind.CONSOLE,
        (TOWN,),
    )
    assert versions.listed()[0] == version
    assert (home.root / TOWN).read_bytes() == text


def test_what_was_changed_by_hand_is_kept_before_anything_else_is_written(home, versions):
    keep(home)
    edit(home, FIRST, WRONG)
    by_hand = (home.root / TOWN).read_bytes()
    versions.record({TOWN: by_hand.replace(WRONG.encode(), SECOND.encode())}, ANNA)
    assert [kind for kind, _, _ in told(versions)] == [Kind.CONSOLE, Kind.HAND, Kind.HAND]
    assert versions.text(versions.listed()[1], TOWN) == by_hand


def test_what_changed_since_it_was_shown_is_not_written_over(home, versions):
    keep(home)
    shown = (home.root / TOWN).read_bytes()
    edit(home, FIRST, SECOND)
    with pytest.raises(Outdated, match=TOWN):
        versions.record({TOWN: b"mine"}, ANNA, expected={TOWN: shown})
    assert SECOND in written(home)


def test_a_file_can_be_made_and_taken_away_as_a_version(home, versions):
    keep(home)
    made = versions.record({"config/municipalities/stad.yaml": b"name: stad\n", DORP: None}, ANNA)
    assert made.slugs == ("dorp", "stad")
    assert not (home.root / DORP).exists()


def test_what_is_written_without_a_version_is_told_as_such(home, versions, monkeypatch):
    keep(home)
    monkeypatch.setattr(repository, "commit_tree", lambda *_: 1 / 0)
    with pytest.raises(Unrecorded, match="ZeroDivisionError"):
        versions.record({TOWN: b"name: x\n"}, ANNA)
    assert written(home) == "name: x\n"


def test_a_day_that_was_written_without_a_version_is_told_as_such(home, capsys, monkeypatch):
    keep(home)
    with kept_as_version(Context(home, "nl", {}, lambda: NOON), Kind.RING_CHECK, ""):
        edit(home, "confirmed: 2026-11-02", f"confirmed: {TODAY}")
        monkeypatch.setattr(repository, "commit_tree", lambda *_: 1 / 0)
    assert "geen versie" in capsys.readouterr().err


def test_who_has_no_name_on_this_computer_is_named_by_a_number(home, monkeypatch):
    monkeypatch.setattr("ivr.cli.versioned.getuser", lambda: {}["name"])
    assert person(Context(home, "nl", {})) == str(os.getuid())


@pytest.mark.parametrize(
    "text", ["<a>\n\nRestored: x", "\x00\x1b[31m", "é" * 500, "", "hand", "console", "\ud800"]
)
def test_an_author_and_a_reason_of_any_kind_are_one_line_and_nothing_else(home, versions, text):
    version = versions.record({TOWN: b"x"}, Version(Kind.CONSOLE, text, NOON, text))
    assert "\n" not in version.author + version.reason
    assert (version.restored, version.files, version.moment) == ("", versions.listed()[0].files, NOON)


def test_the_changes_of_municipalities_since_a_moment_are_told_with_who_made_them(home, versions):
    keep(home)
    edit(home, "gemeente Dorp", "gemeente Dorpje", DORP)
    keep(home, NOON + timedelta(hours=1))
    versions.record({TOWN: b"x"}, Version(Kind.CONSOLE, "Anna", NOON + timedelta(hours=2)))
    since = versions.municipality_changes(NOON - timedelta(days=1))
    assert [(each.slug, each.version.author) for each in since] == [("voorbeeldstad", "Anna"), ("dorp", "")]
    assert len(versions.municipality_changes(NOON + timedelta(hours=1))) == 1


def test_the_day_that_a_ring_check_writes_is_a_version_of_its_own(home, versions):
    keep(home)
    with kept_as_version(Context(home, "nl", {}, lambda: NOON), Kind.RING_CHECK, ""):
        edit(home, "confirmed: 2026-11-02", f"confirmed: {TODAY}")
    assert told(versions)[0] == (Kind.RING_CHECK, "", (TOWN,))


def test_where_no_version_can_be_made_a_ring_check_still_writes_the_day(home, capsys):
    (home.root / ".versions").touch()
    with kept_as_version(Context(home, "nl", {}, lambda: NOON), Kind.RING_CHECK, ""):
        edit(home, "confirmed: 2026-11-02", f"confirmed: {TODAY}")
    assert f"confirmed: {TODAY}" in written(home)
    assert "geen versie" in capsys.readouterr().err
