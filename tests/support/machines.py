"""Machines for the tests, all on loopback: PostgreSQL, lines, and the proxies of `deploy/`."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import randbelow

import pytest
import requests
import trustme

DEPLOY = Path(__file__).parents[2] / "deploy"
PATIENCE = 60
"""Seconds for what must come, on a machine that is busy with other things."""
CLAIMED = []
"""For each port that was given out, a name that no other process of tests can have meanwhile."""
atexit.register(lambda: [claim.close() for claim in CLAIMED])
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
POSTGRES = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=Path("none/initdb")).parent
USER = "balielijn"


def needed(program, package):
    """Where a program is, or a test that says which Debian package it wants."""
    found = shutil.which(program, path=f"{POSTGRES}:{PATH}")
    if not found:
        pytest.skip(f"{program} is not installed here (Debian: {package})")
    return found


def own_network():
    """How a command starts that is root of a network of its own. Skips where the kernel refuses."""
    command = [needed("unshare", "util-linux"), "--map-root-user", "--net"]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("the kernel gives no network of its own here")
    return command


def free_port(count=1):
    """The first of so many ports in a row to listen on later.

    No other test gets one meanwhile, no connection (32768 and up), and no telephone's sound (up to 20000).
    """
    while True:
        first = 20_001 + randbelow(12_000)
        with ExitStack() as claims, suppress(OSError):
            for port in range(first, first + count):
                claims.enter_context(socket.socket(socket.AF_UNIX)).bind(f"\0balielijn-tests-{port}")
                with socket.socket() as door:
                    door.bind(("127.0.0.1", port))
            CLAIMED.append(claims.pop_all())
            return first


def workers(pid):
    """The processes that answer for a server (a pid): its children, but for multiprocessing's own helper."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = {child: command_line(child) for child in children}
    return [child for child, command in found.items() if command and b"resource_tracker" not in command]


def command_line(pid):
    """The command of a process; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def answers(url, **more):
    try:
        return requests.get(url, timeout=20, **more).ok
    except requests.RequestException:
        return False


class Program:
    """A program in a process group of its own, which can be ended as a whole.

    `ready`: what holds once it can be used. A program that never comes to that is ended.
    """

    def __init__(self, command, log, ready=None, **more):
        self.log = log.open("ab")
        self.process = subprocess.Popen(  # noqa: S603
            command, stdout=self.log, stderr=self.log, start_new_session=True, **more
        )
        if ready:
            try:
                self.until(ready)
            except BaseException:
                self.kill()
                raise

    def until(self, holds, seconds=PATIENCE):
        """Wait for what holds once it runs; where that never comes, what it said."""
        end = time.monotonic() + seconds
        while not holds():
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.said()}"
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def said(self):
        return Path(self.log.name).read_text("utf-8", errors="replace")

    def send(self, which):
        os.killpg(self.process.pid, which)

    def workers(self):
        return workers(self.process.pid)

    def kill(self, how=signal.SIGKILL):
        """End it and whoever is left of its group; its exit code."""
        if self.log.closed:
            return self.process.returncode
        try:
            if self.process.poll() is None:
                self.send(how)
            return self.process.wait(PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                self.send(signal.SIGKILL)
            self.process.wait()
            self.log.close()

    def stop(self, how=signal.SIGTERM):
        """Ask the program itself to end; whoever does not, is ended. Its exit code."""
        self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.kill()


@contextmanager
def program(command, log, **more):
    """A program for as long as the block lasts, whatever happens in it."""
    running = Program(command, log, **more)
    try:
        yield running
    finally:
        running.kill()


class Postgres:
    """A cluster of its own. It refuses to run as root, so root runs it as Debian's user."""

    def __init__(self, folder):
        self.folder, self.port = folder / "postgres", free_port()
        self.folder.mkdir(mode=0o700)
        self._as = {"cwd": self.folder}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self._as |= {"user": "postgres", "group": "postgres", "extra_groups": []}
        self.url = f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-U", USER, "-A", "trust", "-D", "data", "--no-sync")
        self.start()

    def _run(self, program, *arguments):
        done = subprocess.run(  # noqa: S603
            [needed(program, "postgresql"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            **self._as,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=40"
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")

    def hang(self, which=signal.SIGSTOP):
        """It takes connections and bytes, and never answers; with SIGCONT it does again."""
        pid = int((self.folder / "data/postmaster.pid").read_text().splitlines()[0])
        for each in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
            with suppress(ProcessLookupError):  # its session ended just now
                os.kill(each, which)

    def stop(self):
        """End it without a goodbye to anybody, as a machine that falls over does."""
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")


class Redis:
    """Where several lines count together who knocks."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        settings = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        log = folder / "redis.log"
        self.program = Program(
            [needed("redis-server", "redis-server"), *settings],
            log,
            lambda: "Ready to accept connections" in log.read_text("utf-8"),
        )


class ServedLine:
    """`ivr serve` as an operator starts it."""

    def __init__(self, folder, home, public_url, token, **env):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        mine = {"TWILIO_AUTH_TOKEN": token, "IVR_PUBLIC_URL": public_url}
        mine |= {"IVR_STATE": str(folder), "TMPDIR": str(folder)}  # a killed line leaves nothing elsewhere
        folder.mkdir()
        command = [sys.executable, "-m", "ivr", "--home", str(home.root), "serve", "--port", str(self.port)]
        self.program = Program(command, folder / "serve.log", env={**os.environ, **mine, **env})

    def wait(self):
        self.program.until(lambda: answers(f"{self.url}/health"))


class Certificates:
    """An authority of our own, and a certificate for the proxy."""

    def __init__(self, folder):
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1", "localhost")
        self.authority, self.chain, self.key = (folder / name for name in ("ca.pem", "chain.pem", "key.pem"))
        authority.cert_pem.write_to_path(self.authority)
        issued.cert_chain_pems[0].write_to_path(self.chain)
        issued.private_key_pem.write_to_path(self.key)


def filled_in(file, changes):
    """An example of `deploy/` with the addresses of this test; all else stays as it is."""
    text = (DEPLOY / file).read_text("utf-8")
    for old, new in changes.items():
        assert old in text, f"{file} no longer has {old}"
        text = text.replace(old, new)
    return text


@contextmanager
def nginx(folder, port, lines):
    program = needed("nginx", "nginx-light")
    certificates = Certificates(folder)
    site = folder / "balielijn.conf"
    live = "/etc/letsencrypt/live/lijn.voorbeeld.nl"
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        f"{live}/fullchain.pem": str(certificates.chain),
        f"{live}/privkey.pem": str(certificates.key),
        "/var/log/nginx/balielijn.log": str(folder / "balielijn.log"),
    }
    for address, line in zip(("10.0.0.11:8000", "10.0.0.12:8000"), lines, strict=True):
        changes[address] = f"127.0.0.1:{line}"
    site.write_text(filled_in("nginx.conf", changes), "utf-8")
    url = f"https://127.0.0.1:{port}"
    with _nginx(program, folder, site, lambda: answers(f"{url}/health", verify=str(certificates.authority))):
        yield url, certificates.authority


@contextmanager
def nginx_console(folder, port, console, more):
    """nginx in front of a console; yields the file of the authority. `more`: further changes of its file."""
    program = needed("nginx", "nginx-light")
    certificates = Certificates(folder)
    site = folder / "balielijn-console.conf"
    live = "/etc/letsencrypt/live/console.voorbeeld.nl"
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        f"{live}/fullchain.pem": str(certificates.chain),
        f"{live}/privkey.pem": str(certificates.key),
        "/var/log/nginx/balielijn-console.log": str(folder / "balielijn.log"),
        "proxy_set_header Host $host;": f"proxy_set_header Host $host:{port};",
        "127.0.0.1:8001": f"127.0.0.1:{console}",
        **more,
    }
    site.write_text(filled_in("nginx-console.conf", changes), "utf-8")

    def listens():
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    with _nginx(program, folder, site, listens):
        yield certificates.authority


@contextmanager
def _nginx(program, folder, site, ready):
    parts = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    paths = "\n".join(f"{part}_temp_path {folder}/{part};" for part in parts)
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 1024; }}\n"
        f"http {{ access_log {folder}/access.log;\n{paths}\ninclude {site};\n}}\n",
        "utf-8",
    )
    command = [program, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(main)]
    running = Program(command, folder / "nginx.log")
    try:
        running.until(ready)
        yield
    finally:
        running.kill(signal.SIGTERM)


@contextmanager
def caddy(folder, port, line):
    program = needed("caddy", "caddy")
    certificates = Certificates(folder)
    changes = {
        "lijn.voorbeeld.nl {": f"https://127.0.0.1:{port} {{\n\ttls {certificates.chain} {certificates.key}",
        "log default {": "auto_https disable_redirects\n\tadmin off\n\tlog default {",
        "127.0.0.1:8000": f"127.0.0.1:{line}",
    }
    file = folder / "Caddyfile"
    file.write_text(filled_in("Caddyfile", changes), "utf-8")
    env = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    running = Program([program, "run", "--config", str(file)], folder / "caddy.log", env=env)
    url = f"https://127.0.0.1:{port}"
    try:
        running.until(lambda: answers(f"{url}/health", verify=str(certificates.authority)))
        yield url, certificates.authority
    finally:
        running.kill(signal.SIGTERM)
