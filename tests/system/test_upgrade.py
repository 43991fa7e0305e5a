"""`deploy/upgrade.sh`: a newer version, and the way back; `deploy/remove.sh`: no version at all.

systemd, pip and the line have stand-ins. git and the script are the real ones, and so is `ivr check` once.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from support.machines import DEPLOY, needed

from ivr.config.shipped import shipped

pytestmark = pytest.mark.slow

NEEDED = "trying-next"
"""A prompt without which `ivr check` finds an error."""
IVR = Path(sys.executable).with_name("ivr")
STANDS_IN = {
    "systemctl": """echo "$*" >> "$LOG"
case "$*" in
    show*) echo "127.0.0.1:$PORT (Stream)" ;;
    is-active*) [ "$3" = "$ACTIVE" ] && [ ! -e "$BALIELIJN_ROOT/opt/balielijn/deaf" ] || exit 3 ;;
esac""",
    "ivr": """[ "$3" = check ] || exit 0
grep -q ^trying-next: "$2/prompts/nl.yaml" && grep -q ^trying-next: "$2/prompts/en.yaml\"""",
    "runuser": 'shift 3; exec "$@"',
    "python3": """[ "$1 $2" = "-m venv" ] || exec "$PYTHON" "$@"
mkdir -p "$3/bin"
printf '#!/bin/sh\\nexec %s "$@"\\n' "$PYTHON" > "$3/bin/python"
printf '#!/bin/sh\\nexec %s "$@"\\n' "$IVR" > "$3/bin/ivr"
printf '#!/bin/sh\\necho "pip $*" >> "$LOG"\\nexec test ! -e unbuildable\\n' > "$3/bin/pip"
chmod +x "$3"/bin/*
""",
}


class Site:
    """A machine of an operator: a repository to fetch from, an installed version, a home, and units."""

    def __init__(self, folder, port):
        self.waiting = 0
        self.origin, self.log, self.root = (folder / name for name in ("origin", "log", "root"))
        self.app, self.home, self.units, settings = (
            self.root / name
            for name in ("opt/balielijn", "srv/balielijn", "etc/systemd/system", "etc/balielijn")
        )
        programs = folder / "programs"
        for each in (programs, self.units, settings, self.origin / "deploy", self.app.parent):
            each.mkdir(parents=True)
        for name, text in STANDS_IN.items():
            (programs / name).write_text(f"#!/bin/sh\n{text}\n", "utf-8")
            (programs / name).chmod(0o755)
        (settings / "balielijn.env").write_text(f"IVR_HOME={self.home}\n", "utf-8")
        self.env = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "LOG": str(self.log),
            "PORT": str(port),
            "PYTHON": sys.executable,
            "IVR": str(programs / "ivr"),
            "BALIELIJN_ROOT": str(self.root),
            "BALIELIJN_USER": "root",
            "BALIELIJN_PATIENCE": "2",
            "ACTIVE": "",
            **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        self._first()

    def _first(self):
        """The first version: its texts lack a prompt, as a home does that was made before there was one."""
        for part in ("config", "prompts"):
            shutil.copytree(shipped() / part, self.origin / part)
        (self.origin / "constraints.txt").touch()
        self.write("deploy/balielijn.service", "first\n")
        self.write("deploy/balielijn-doctor.timer", "first\n")
        self.texts = {
            code: (self.origin / f"prompts/{code}.yaml").read_text("utf-8") for code in ("nl", "en")
        }
        for code, text in self.texts.items():
            lines = [line for line in text.splitlines(keepends=True) if not line.startswith(f"{NEEDED}:")]
            assert len(lines) == len(text.splitlines()) - 1
            self.write(f"prompts/{code}.yaml", "".join(lines))
        self.git("init", "-q", "-b", "main")
        self.commit("first")
        self.run(needed("git", "git"), "clone", "-q", self.origin, self.app)
        self.run("python3", "-m", "venv", self.app / ".venv")
        for part in ("config", "prompts"):
            shutil.copytree(self.origin / part, self.home / part)
        for unit in (self.app / "deploy").iterdir():
            shutil.copy(unit, self.units)

    def write(self, file, text):
        (self.origin / file).write_text(text, "utf-8")

    def git(self, *command):
        return self.run(needed("git", "git"), "-C", self.origin, *command)

    def commit(self, tag):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", tag)
        self.git("tag", tag)

    def second(self, **more):
        """A newer version that has the prompt, and what `more` says of its files."""
        for code, text in self.texts.items():
            self.write(f"prompts/{code}.yaml", text)
        self.write("deploy/balielijn.service", "second\n")
        self.write("deploy/balielijn-doctor.timer", "second\n")
        self.write("deploy/balielijn-new.timer", "second\n")
        for file, text in more.items():
            self.write(file, text)
        self.commit("second")

    def run(self, *command):
        done = subprocess.run(  # noqa: S603
            [*map(str, command)], env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def script(self, name, *arguments, typed=""):
        done = subprocess.run(  # noqa: S603
            [needed("bash", "bash"), str(DEPLOY / name), *arguments],
            input=typed,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def upgrade(self, *arguments):
        return self.script("upgrade.sh", *arguments)

    @property
    def version(self):
        """The tag of the version that the link leads to."""
        return self.run(needed("git", "git"), "-C", self.app.resolve(), "describe", "--tags").strip()

    @property
    def state(self):
        """All that an upgrade may change: version, home and units."""
        return self.version, files(self.home), files(self.units)

    @property
    def asked(self):
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []


def files(folder):
    return {path.relative_to(folder): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def site(tmp_path):
    """A machine whose line answers by /health; a version with a file `deaf` does not."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self):
            assert self.path == "/health"
            deaf = (site.app / "deaf").exists()
            self.send_response(500 if deaf else 200)
            self.end_headers()
            told = {"status": "ok", "erasures": {"waiting": site.waiting}}
            self.wfile.write(b"" if deaf else json.dumps(told).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        site = Site(tmp_path, server.server_port)
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_upgrade_brings_code_units_and_the_texts_that_a_home_lacks(site):
    site.env["IVR"] = str(IVR)
    site.second()
    code, told = site.upgrade()
    assert code == 0, told
    version, home, units = site.state
    assert version == "second"
    assert NEEDED in home[Path("prompts/nl.yaml")]
    assert units == {
        Path("balielijn.service"): "second\n",
        Path("balielijn-doctor.timer"): "second\n",
        Path("balielijn-new.timer"): "second\n",
    }
    assert "New, and not started: balielijn-new.timer" in told
    asked = [each for each in site.asked if not each.startswith(("show", "is-active"))]
    (pip,) = (each for each in asked if each.startswith("pip"))
    assert asked == [pip, "daemon-reload", "restart balielijn.service"]
    assert re.search(r"-c constraints.txt \.\[[\w,]*piper", pip)  # a part that the version before had


def test_the_way_back_leads_to_what_was(site):
    before = site.state
    site.second()
    assert site.upgrade()[0] == 0
    code, told = site.upgrade("--back")
    assert (code, site.state) == (0, before), told


def test_what_is_edited_here_stays_and_is_told(site):
    (site.units / "balielijn.service").write_text("ours\n", "utf-8")
    text = (site.home / "prompts/nl.yaml").read_text("utf-8")
    (site.home / "prompts/nl.yaml").write_text(f"# onze teksten\n{text}", "utf-8")
    site.second()
    code, told = site.upgrade()
    _, home, units = site.state
    assert (code, units[Path("balielijn.service")]) == (0, "ours\n"), told
    assert "was edited here" in told
    assert home[Path("prompts/nl.yaml")] == f"# onze teksten\n{site.texts['nl']}"


def test_what_was_changed_after_an_upgrade_stays_on_the_way_back(site):
    site.second()
    assert site.upgrade()[0] == 0
    text = (site.home / "prompts/en.yaml").read_text("utf-8")
    (site.home / "prompts/en.yaml").write_text(f"{text}# later\n", "utf-8")
    code, told = site.upgrade("--back")
    assert (code, site.version) == (0, "first"), told
    assert (site.home / "prompts/en.yaml").read_text("utf-8").endswith("# later\n")
    assert "was changed since" in told


def test_where_both_changed_the_same_line_the_homes_own_stays(site):
    path = site.home / "prompts/nl.yaml"
    first = path.read_text("utf-8").splitlines(keepends=True)
    place = next(number for number, line in enumerate(first) if line.startswith("farewell:"))
    ours = [*first]
    ours[place] = "farewell: Tot ziens van ons.\n"
    path.write_text("".join(ours), "utf-8")
    theirs = site.texts["nl"].replace(first[place], "farewell: Dag van de nieuwe.\n")
    assert theirs != site.texts["nl"]
    site.texts["nl"] = theirs
    site.second()
    code, told = site.upgrade()
    assert (code, "yours stay" in told) == (0, True), told
    text = path.read_text("utf-8")
    assert "Tot ziens van ons." in text
    assert "Dag van de nieuwe." not in text
    assert NEEDED in text


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"unbuildable": ""}, ""),
        ({"prompts/nl.yaml": "welcome: Hallo\n"}, "Nothing was changed"),
    ],
    ids=["pip fails", "check fails"],
)
def test_what_fails_before_the_change_leaves_all_as_it_was_and_restarts_nothing(site, more, why):
    before = site.state
    site.second(**more)
    code, told = site.upgrade()
    assert (code != 0, site.state) == (True, before), told
    assert why in told
    assert not any(each.startswith("restart") for each in site.asked)
    assert not [path for path in site.app.with_name("balielijn-releases").iterdir() if path.is_dir()]


def test_a_version_that_does_not_answer_gives_way_to_the_one_before(site):
    before = site.state
    site.second(deaf="")
    code, told = site.upgrade()
    assert (code, site.state) == (1, before), told
    assert "the old one comes back" in told
    assert site.asked.count("restart balielijn.service") == 2
    assert site.upgrade("--back")[0] == 1  # there is no version before it


PRACTICE = "balielijn-telephone.service"


def restarted(site):
    return [each.removeprefix("restart ") for each in site.asked if each.startswith("restart")]


def test_a_practice_line_that_runs_is_restarted_too(site):
    site.env["ACTIVE"] = PRACTICE
    site.second()
    assert site.upgrade()[0] == 0
    assert restarted(site) == ["balielijn.service", PRACTICE]


@pytest.mark.parametrize(("files", "version"), [({}, "second"), ({"deaf": ""}, "first")])
def test_a_practice_line_alone_is_upgraded_and_gives_way_where_it_does_not_run(site, files, version):
    (site.units / "balielijn.service").unlink()
    site.env["ACTIVE"] = PRACTICE
    site.second(**files)
    code, told = site.upgrade()
    assert (code, site.version) == (int(version == "first"), version), told
    assert set(restarted(site)) == {PRACTICE}


def test_a_version_can_be_named_and_one_that_runs_is_not_built_again(site):
    site.second()
    code, told = site.upgrade("first")
    assert (code, site.version) == (0, "first")
    assert "runs already" in told
    code, told = site.upgrade("no-such-version")
    assert (code, "There is no version no-such-version" in told) == (1, True)


def test_of_many_versions_the_last_two_are_kept(site):
    site.second()
    assert site.upgrade()[0] == 0
    for tag in ("third", "fourth"):
        site.write("deploy/balielijn.service", f"{tag}\n")
        site.commit(tag)
        code, told = site.upgrade()
        assert (code, site.version) == (0, tag), told
    assert len(list(site.app.with_name("balielijn-releases").glob("*/deploy"))) == 2
    code, told = site.upgrade("--back")
    assert (code, site.version) == (0, "third"), told


def left(site):
    return {str(path.relative_to(site.root)) for path in site.root.rglob("*") if not path.is_dir()}


@pytest.fixture
def running(site):
    """A line that has run: state, a backup, a part of nginx, an edited unit, the link to the command."""
    for file in (
        "var/lib/balielijn/balielijn.db",
        "var/backups/balielijn/balielijn-1.tar.gz",
        "etc/nginx/conf.d/balielijn.conf",
        "etc/nginx/conf.d/other.conf",
        "etc/systemd/system/balielijn.socket.d/override.conf",
        "etc/systemd/system/other.service",
        "usr/local/bin/ivr",
    ):
        path = site.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return site


OTHERS = {"etc/nginx/conf.d/other.conf", "etc/systemd/system/other.service"}


def test_what_is_removed_leaves_what_was_kept_and_what_is_not_the_lines(running):
    kept = {str(path.relative_to(running.root)) for path in running.home.rglob("*") if path.is_file()}
    kept |= {"var/lib/balielijn/balielijn.db", "var/backups/balielijn/balielijn-1.tar.gz"}
    code, told = running.script("remove.sh")
    assert (code, left(running)) == (0, kept | OTHERS | {"etc/balielijn/balielijn.env"}), told
    assert str(running.home) in told
    assert {"disable --now balielijn.service", "daemon-reload", "reload nginx"} <= set(running.asked)


def test_what_was_kept_goes_only_when_that_is_typed(running):
    before = left(running)
    for typed in ("", "yes\n"):
        code, told = running.script("remove.sh", "--data", typed=typed)
        assert (code, left(running)) == (1, before), told
    code, told = running.script("remove.sh", "--data", typed="remove\n")
    assert (code, left(running)) == (0, OTHERS), told


def test_of_a_database_elsewhere_it_is_said_that_it_stays_and_no_password(running):
    settings = running.root / "etc/balielijn/balielijn.env"
    with settings.open("a", encoding="utf-8") as file:
        file.write("IVR_DATABASE_URL=postgresql+psycopg://line:geheim@10.0.0.20/line\n")
    _, told = running.script("remove.sh", "--data", typed="remove\n")
    assert "The database in PostgreSQL stays" in told
    assert "geheim" not in told


@pytest.mark.parametrize("where", ["table", "spool"])
def test_nothing_is_removed_while_records_at_twilio_wait_to_be_erased(running, where):
    if where == "table":
        running.waiting = 1
    else:
        (running.root / "var/lib/balielijn/spool").mkdir()
        (running.root / "var/lib/balielijn/spool/a.erasure").touch()
    before = left(running)
    code, told = running.script("remove.sh", "--data", typed="remove\n")
    assert (code, left(running)) == (1, before)
    assert "wait to be erased" in told


def test_a_home_that_is_none_is_never_removed(running):
    (running.home / "config/line.yaml").unlink()
    assert running.script("remove.sh", "--data", typed="remove\n")[0] == 0
    assert (running.home / "config/menu.yaml").exists()
