"""What is backed up comes back; what has been erased does not live on in a copy."""

import os
import shutil
import sqlite3
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError
from support.homes import NOON, TOWN, make_home
from support.machines import DEPLOY, needed

from ivr.config.home import Home
from ivr.config.versions import Versions
from ivr.console.stores import make_stores
from ivr.dialogue.usage import Anonymous, Count, Outcome
from ivr.store import erasures, tokens
from ivr.store.acts import Action, Filter, Result
from ivr.store.counts import PendingCounts, by_month
from ivr.store.erasures import Spool
from ivr.store.opening import database_url, migrate, open_database
from ivr.store.sessions import Stage
from ivr.store.tables import ACTS, ATTEMPTS, METADATA

JANUARY = date(2026, 1, 1)
SID = "CA0123456789abcdef0123456789abcdef"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("backup")]


class Machine:
    """A home, a state and a store, as an operator has them."""

    def __init__(self, folder, url=None):
        self.home, self.state, self.kept = (folder / name for name in ("home", "state", "kept"))
        self.kept.mkdir()
        self.state.mkdir()
        make_home(self.home)
        (self.home / "audio/recordings/nl").mkdir(parents=True)
        (self.home / "audio/recordings/nl/welcome.wav").write_bytes(b"RIFF")
        self.store = open_database(database_url(url, self.state))
        self.env = {**os.environ, "IVR_HOME": str(self.home), "IVR_STATE": str(self.state)}
        if url:
            self.env["IVR_DATABASE_URL"] = url

    def fill(self):
        migrate(self.store)
        counts = PendingCounts()
        counts.add([Count("voorbeeldstad", "police", Outcome.TALKED)] * 3, date(2026, 1, 24))
        counts.add([Anonymous(Outcome.USED)] * 5, date(2026, 1, 24))
        counts.add([Anonymous(Outcome.USED)] * 7, datetime.now(UTC).date())
        counts.store(self.store)
        Versions(Home(self.home)).keep(NOON, lambda: True)
        erasures.add(self.store, SID, 0)
        Spool(self.state / "spool", lambda: 0).put(SID)
        console = make_stores(self.store, lambda: 0, b"key")
        anna = console.accounts.add("Anna", "anna@x.nl", 0, municipalities=["dorp"])
        console.acts.add("Anna", Action.SIGN_IN, "Anna", Result.DONE, origin="192.0.2.1")
        console.drafts.save("a.yaml", "x: 1", base="b", author="Anna", account=anna)
        self.opens = [console.links.make(anna), console.sessions.begin(anna, Stage.FULL)]
        console.attempts.fail("anna@x.nl", "192.0.2.1")

    def counted(self):
        return [(each.month, each.item, each.times) for each in by_month(self.store)]

    def run(self, script, argument):
        command = [needed("bash", "bash"), str(DEPLOY / script), str(argument)]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)  # noqa: S603

    def destroy(self):
        shutil.rmtree(self.home)
        shutil.rmtree(self.state)
        if self.store.dialect.name == "postgresql":
            with self.store.begin() as store:
                METADATA.drop_all(store)
                store.execute(text("DROP TABLE alembic_version"))
                store.execute(text("DROP FUNCTION acts_append_only"))
        self.store.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def machine(request, folder):
    url = request.getfixturevalue("postgres").url if request.param == "postgres" else None
    machine = Machine(folder, url)
    machine.fill()
    yield machine
    machine.store.dispose()


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def backed_up(machine):
    done = machine.run("backup.sh", machine.kept)
    assert done.returncode == 0, done.stderr
    (archive,) = machine.kept.iterdir()
    assert done.stdout.strip() == str(archive)
    return archive


def test_what_was_backed_up_destroyed_and_restored_is_there_again(machine):
    before = files(machine.home)
    archive = backed_up(machine)
    machine.destroy()
    done = machine.run("restore.sh", archive)
    assert done.returncode == 0, done.stderr
    assert files(machine.home) == before
    (version,) = Versions(Home(machine.home)).listed()
    assert TOWN in version.files
    assert machine.counted() == [(JANUARY, "police", 3), (JANUARY, None, 5)]
    assert erasures.waiting(machine.store) == {}
    migrate(machine.store)  # and it is of the version that the line wants


def test_accounts_acts_and_drafts_come_back_and_nothing_that_lets_somebody_in(machine):
    archive = backed_up(machine)
    machine.destroy()
    assert machine.run("restore.sh", archive).returncode == 0
    console = make_stores(machine.store, lambda: 0, b"key")
    (anna,) = console.accounts.all()
    assert anna.municipalities == {"dorp"}
    assert [act.who for act in console.acts.find(Filter())] == ["Anna"]
    assert [draft.content for draft in console.drafts.all()] == ["x: 1"]
    assert console.links.account(tokens.hashed(machine.opens[0])) is None
    assert console.sessions.find(machine.opens[1]) is None
    with machine.store.connect() as store:
        assert store.execute(select(ATTEMPTS)).all() == []
    with pytest.raises(DatabaseError, match="append-only"), machine.store.begin() as store:
        store.execute(update(ACTS).values(who="Mallory"))


def test_no_erasure_and_no_anonymous_count_of_this_month_is_in_a_backup(machine, tmp_path):
    with tarfile.open(backed_up(machine)) as archive:
        archive.extractall(tmp_path, filter="data")
    kept = files(tmp_path)
    assert "home/config/line.yaml" in kept
    assert not any("spool" in name for name in kept)
    assert not any(SID.encode() in each for each in kept.values())
    for file in tmp_path.rglob("balielijn.db"):
        with closing(sqlite3.connect(file)) as store:
            assert store.execute("SELECT month FROM anonymous_counts").fetchall() == [(str(JANUARY),)]
    for file in tmp_path.rglob("anonymous.copy"):
        assert [line.split("\t")[0] for line in file.read_text("utf-8").splitlines()] == [str(JANUARY)]
    # A dump of PostgreSQL is packed: what it holds of a table is asked of pg_restore.
    for file in tmp_path.rglob("store.pgdump"):
        command = [needed("pg_restore", "postgresql"), "--data-only", "--file=-", str(file)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
        assert "COPY public.counts" in told
        assert "COPY public.erasures" not in told
        assert "COPY public.anonymous_counts" not in told


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_half_made(machine):
    archive = backed_up(machine)
    assert archive.stat().st_mode & 0o077 == 0
    assert list(machine.kept.iterdir()) == [archive]


def test_nothing_is_restored_over_what_is_there(machine):
    archive = backed_up(machine)
    done = machine.run("restore.sh", archive)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    shutil.rmtree(machine.home)
    done = machine.run("restore.sh", archive)
    assert done.returncode == 1
    assert len(erasures.waiting(machine.store)) == 1
    assert not machine.home.exists()


@pytest.mark.parametrize("there", [True, False])
def test_a_restore_lets_the_console_still_enter_the_home(machine, there):
    archive = backed_up(machine)
    machine.destroy()
    if there:
        machine.home.mkdir()
        machine.home.chmod(0o755)
    assert machine.run("restore.sh", archive).returncode == 0
    assert machine.home.stat().st_mode & 0o777 == 0o755


def test_old_backups_go(machine):
    old = machine.kept / "balielijn-2020-01-01T000000Z.tar.gz"
    old.write_bytes(b"")
    os.utime(old, (0, 0))
    machine.run("backup.sh", machine.kept)
    assert not old.exists()


def test_backups_at_once_leave_each_other_alone_and_what_a_killed_one_left_goes(machine, tmp_path):
    (machine.kept / ".making.killed").mkdir()
    (machine.home / "audio/large").write_bytes(bytes(20_000_000))
    with ThreadPoolExecutor(3) as pool:
        several = list(pool.map(lambda _: machine.run("backup.sh", machine.kept), range(3)))
    assert [done.returncode for done in several] == [0] * 3, [done.stderr for done in several]
    made = {Path(done.stdout.strip()) for done in several}
    assert set(machine.kept.iterdir()) == made
    for archive in made:
        with tarfile.open(archive) as whole:
            assert "home/config/line.yaml" in whole.getnames()


def fetch(there, here):
    needed("rsync", "rsync")
    command = ["bash", DEPLOY / "fetch-backups.sh", there, here]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def backup_of(folder, day, hours, content=None):
    """Make a backup that is some hours old. `content`: in place of an archive."""
    path = folder / f"balielijn-2026-11-{day}T020000Z.tar.gz"
    if content is None:
        with tarfile.open(path, "w:gz") as archive:
            archive.add(DEPLOY / "backup.sh", "backup.sh")
    else:
        path.write_bytes(content)
    then = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(path, (then, then))
    return path


@pytest.fixture
def places(tmp_path):
    """The folder of the backups, and one on another machine."""
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    here.mkdir()
    return there, here


def test_backups_are_fetched_and_what_is_here_already_is_never_changed(places):
    there, here = places
    (there / "other").write_text("x")
    first = backup_of(there, 24, 25)
    assert fetch(there, here).returncode == 0
    kept = (here / first.name).read_bytes()
    first.write_bytes(b"changed by somebody who broke in")
    second = backup_of(there, 25, 1)
    done = fetch(there, here)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(each.name for each in here.iterdir()) == [first.name, second.name]
    assert (here / first.name).read_bytes() == kept


@pytest.mark.parametrize(
    ("hours", "content", "told"),
    [(27, None, "more than 26 hours old"), (1, b"\x1f\x8bhalf", "could not be unpacked")],
    ids=["old", "broken"],
)
def test_a_newest_backup_that_is_old_or_broken_is_told(places, hours, content, told):
    backup_of(places[0], 25, hours, content)
    done = fetch(*places)
    assert done.returncode == 1
    assert told in done.stderr


def test_a_folder_without_backups_is_told(places):
    done = fetch(*places)
    assert done.returncode == 1
    assert "There is no backup at" in done.stderr


def test_backups_that_have_been_kept_for_long_enough_go(places):
    there, here = places
    old = backup_of(here, 10, 91 * 24 + 1)
    new = backup_of(there, 25, 1)
    assert fetch(there, here).returncode == 0
    assert [each.name for each in here.iterdir()] == [new.name]
    assert not old.exists()
