"""What could silence the line, and does not: slow clients, frozen workers, a full disk, a restart."""

import asyncio
import http.client
import itertools
import os
import re
import resource
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
import requests
from bench.slow import writer
from support.homes import NOON, TOKEN
from support.machines import command_line, free_port, needed, nginx
from support.ways import FORM, LONGEST, WAYS, Served, bare, behind_caddy, beset, call, is_there, make_spoken
from twilio.request_validator import RequestValidator

from ivr.model.limits import HEAD_BYTES, HEAD_SECONDS
from ivr.serving import serve as serving

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("silence")]

PATIENCE = 30


@pytest.fixture(scope="module")
def real_home(tmp_path_factory):
    return make_spoken(tmp_path_factory.mktemp("silence") / "home", NOON)


@pytest.fixture
def serve(real_home, tmp_path):
    with Served(real_home, tmp_path) as serving:
        yield serving


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_slow_readers_writers_and_idle_connections_keep_no_call_from_an_answer(
    way, serve, tmp_path, monkeypatch
):
    with way(serve, tmp_path) as (url, authority):
        if authority:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        answers = beset(url, authority)
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < LONGEST  # `make bench` tells how long they take


class _Answers(BaseHTTPRequestHandler):
    """A line that answers anything with 200."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def answering(port):
    with ThreadingHTTPServer(("127.0.0.1", port), _Answers) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_a_proxy_asks_lines_that_failed_a_moment_ago_rather_than_none(tmp_path):
    port, ports = free_port(), [free_port(), free_port()]
    with ExitStack() as proxy:
        with answering(ports[0]), answering(ports[1]):
            url, authority = proxy.enter_context(nginx(tmp_path, port, ports))

        def status():
            return requests.get(f"{url}/voice", verify=str(authority), timeout=20).status_code

        assert status() == 502
        with answering(ports[1]):
            assert status() == 200


def asked(line):
    """Ask on a connection that is open; the status of the answer, read to its end."""
    line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = http.client.HTTPResponse(line)
    answer.begin()
    answer.read()
    return answer.status


def test_a_connection_that_sends_nothing_or_too_slowly_is_closed(serve):
    program = is_there(serve())
    place = ("127.0.0.1", program.port)
    idle, half, body, answered = (socket.create_connection(place, PATIENCE) for _ in range(4))
    half.sendall(b"GET /health HTTP/1.1\r\nHost: ")
    body.sendall(writer(f"{program.url}/voice"))
    assert asked(answered) == 200
    began = time.monotonic()
    assert idle.recv(1) == half.recv(1) == body.recv(1) == b""
    assert time.monotonic() - began < HEAD_SECONDS + 5
    assert asked(answered) == 200  # this one is kept for longer
    for each in (idle, half, body, answered):
        each.close()


@pytest.mark.parametrize(
    "head",
    [b"X: " + b"x" * 2 * HEAD_BYTES, b"X: x\r\n" * 80 + b"\r\n", b"X: " + b"x" * 5_000 + b"\r\n\r\n"],
    ids=["endless", "many", "long"],
)
def test_headers_beyond_all_need_are_refused_before_they_end(serve, head):
    program = is_there(serve())
    with socket.create_connection(("127.0.0.1", program.port), PATIENCE) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n" + head)
        assert line.recv(1000).startswith(b"HTTP/1.1 431")
    assert call(program.url).status_code == 200
    assert "Invalid" not in program.said()


def test_a_worker_that_stands_still_is_replaced(serve):
    program = is_there(serve())
    before = set(program.workers())
    os.kill(int(min(before)), signal.SIGSTOP)
    program.until(lambda: not before <= set(program.workers()))
    program.until(lambda: len(program.workers()) == len(before))
    assert call(program.url).status_code == 200
    assert "has ended or does not respond" in program.said()


def test_a_worker_that_dies_is_replaced_and_the_others_answer_meanwhile(serve):
    program = is_there(serve())
    before = program.workers()
    os.kill(int(before[0]), signal.SIGKILL)
    assert {call(program.url).status_code for _ in range(20)} == {200}
    program.until(lambda: len(set(program.workers()) - {before[0]}) == len(before))


def runs(pid):
    """Whether a process is there, and not only its exit code for a parent that does not ask."""
    return command_line(pid) != b""


def test_workers_whose_supervisor_was_killed_end_and_leave_the_port_to_the_next(serve):
    program = is_there(serve())
    orphans = program.workers()
    program.process.kill()
    program.process.wait(PATIENCE)
    end = time.monotonic() + PATIENCE
    while any(map(runs, orphans)):
        assert time.monotonic() < end, "a worker lives on"
        time.sleep(0.1)
    assert call(is_there(serve(port=program.port)).url).status_code == 200


def test_an_event_loop_that_stands_still_ends_its_worker_and_a_machine_that_stood_still_does_not(monkeypatch):
    ended, looks, moment = [], [], itertools.count(step=60)

    def sleep(seconds):
        looks.append(seconds)
        if len(looks) <= 30:
            serving._Loop.beats += 1

    monkeypatch.setattr(serving, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: next(moment)))
    monkeypatch.setattr("os.kill", lambda pid, how: ended.append((pid, how)))
    serving._watchdog()
    assert ended == [(os.getpid(), signal.SIGKILL)]
    assert sum(looks[30:]) == serving.BLOCKED_SECONDS


def test_a_worker_shows_that_its_event_loop_runs_whatever_the_clock_says(monkeypatch):
    """uvicorn's callback stands still after the clock was set back, and the worker would look blocked."""
    monkeypatch.setattr(serving, "_watchdog", lambda: None)

    async def lifespan():
        before, received, sent = serving._Loop.beats, asyncio.Queue(), asyncio.Queue()
        app = serving.WorkerApplication(None)
        served = asyncio.create_task(app({"type": "lifespan"}, received.get, sent.put))
        await received.put({"type": "lifespan.startup"})
        await sent.get()
        await asyncio.sleep(0)
        await received.put({"type": "lifespan.shutdown"})
        await served
        return serving._Loop.beats - before

    assert asyncio.run(lifespan())


def test_a_disk_that_is_full_takes_no_call_along_nor_a_worker_that_is_born_then(serve):
    def full():
        """No file can be written any more: as on a full disk, for whoever runs the tests."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    listening = is_there(serve(preexec_fn=full))
    before = set(listening.workers())
    for worker in before:
        os.kill(int(worker), signal.SIGKILL)
    time.sleep(1)
    is_there(listening)
    assert not before & set(listening.workers())
    assert {call(listening.url).status_code for _ in range(20)} == {200}
    assert requests.get(f"{listening.url}/metrics", timeout=5).status_code == 200


class Handed:
    """A socket that is opened for the line, as systemd does it, and stays open while the line restarts."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", free_port()), backlog=2048)
        self.port = self.socket.getsockname()[1]
        fd = self.socket.fileno()
        self.command = [needed("bash", "bash"), "-c", f'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@" 3<&{fd}']
        self.more = {"port": self.port, "pass_fds": (fd,)}


@pytest.fixture
def handed():
    opened = Handed()
    yield opened
    opened.socket.close()


def test_a_restart_under_load_refuses_nobody(serve, handed):
    program = is_there(serve(command=handed.command, **handed.more))
    stop, answers = time.monotonic() + 12, []

    def clerk(_):
        while time.monotonic() < stop:
            form = FORM | {"CallSid": f"CA{len(answers):032}"}
            signature = RequestValidator(TOKEN).compute_signature(f"{program.url}/voice", form)
            headers = {"X-Twilio-Signature": signature}
            answers.append(requests.post(f"{program.url}/voice", data=form, headers=headers, timeout=15))

    with ThreadPoolExecutor(8) as clerks:
        calling = [clerks.submit(clerk, number) for number in range(8)]
        time.sleep(2)
        began = time.monotonic()
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(PATIENCE) == 0
        assert time.monotonic() - began < 10
        again = serve(command=handed.command, **handed.more)
        for each in calling:
            each.result()
    assert {answer.status_code for answer in answers} == {200}
    assert len(answers) > 100
    assert again.process.poll() is None


def both_are_ready(program):
    """Wait until both workers have read the configuration, as the program did before them."""
    program.until(lambda: program.said().count("configuration read") == 3)
    return is_there(program)


def test_new_workers_take_the_place_of_all_old_ones_at_sighup_and_no_call_notices(serve):
    program = is_there(serve())
    before, statuses = set(program.workers()), set()

    def replaced():
        statuses.add(call(program.url).status_code)
        return not before & set(program.workers())

    program.process.send_signal(signal.SIGHUP)
    program.until(lambda: set(program.workers()) - before)
    (new,) = set(program.workers()) - before
    os.kill(int(new), signal.SIGKILL)  # before it is ready
    program.until(replaced)
    assert statuses | {call(program.url).status_code} == {200}
    assert f"worker {new} could not start" in program.said()


@contextmanager
def full_pipe():
    """The writing end of a pipe that nobody reads, and that takes nothing more."""
    reading, writing = os.pipe()
    try:
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, b"x" * 1000)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, b"x")
        os.set_blocking(writing, True)
        yield writing
    finally:
        os.close(reading)
        os.close(writing)


def test_a_log_that_nobody_reads_keeps_no_call_no_reload_and_no_stop_waiting(serve):
    with full_pipe() as log:
        command = ("bash", "-c", f'exec "$@" >&{log} 2>&1', "bash")
        program = is_there(serve(command=command, pass_fds=(log,)))
        program.until(lambda: len(program.workers()) == 2)
        before = set(program.workers())
        program.process.send_signal(signal.SIGHUP)
        program.until(lambda: not before & set(program.workers()), seconds=60)
        assert call(program.url).status_code == 200
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(PATIENCE) == 0


def test_sighup_is_for_the_supervisor_alone_and_a_worker_that_gets_it_goes_on(serve):
    program = both_are_ready(serve())
    before = set(program.workers())
    for worker in before:
        os.kill(int(worker), signal.SIGHUP)
    assert call(program.url).status_code == 200
    assert set(program.workers()) == before


def test_a_stop_in_the_middle_of_a_reload_is_done_in_ten_seconds_and_leaves_nobody(serve):
    program = is_there(serve())
    before = set(program.workers())
    program.process.send_signal(signal.SIGHUP)
    program.until(lambda: set(program.workers()) - before)
    everybody = program.workers()
    began = time.monotonic()
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 10
    assert not any(map(runs, everybody))


def test_a_stop_is_done_in_ten_seconds_with_a_connection_that_is_stuck(serve):
    program = is_there(serve())
    with socket.create_connection(("127.0.0.1", program.port), PATIENCE) as stuck:
        stuck.sendall(writer(f"{program.url}/voice")[:-2] + b"\r\nx")
        time.sleep(0.5)
        began = time.monotonic()
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(PATIENCE) == 0
        assert time.monotonic() - began < 10


def test_systemd_is_told_that_the_line_is_ready_and_goes_on(serve, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        program = serve()
        while (told := systemd.recv(1000)) == b"WATCHDOG=1":
            pass
        assert told == b"READY=1"
        assert call(program.url).status_code == 200  # it says so only once it answers
        assert [systemd.recv(1000) for _ in range(3)] == [b"WATCHDOG=1"] * 3


def test_a_line_listens_on_a_descriptor_that_it_is_given(serve, handed):
    fd = handed.socket.fileno()
    program = serve(command=["sh", "-c", f'exec "$0" "$@" --fd {fd}'], **handed.more)
    assert call(is_there(program).url).status_code == 200


@pytest.mark.parametrize("way", [bare, behind_caddy], ids=lambda way: way.__name__)
def test_no_header_makes_the_page_from_inside_of_another_address(way, serve, tmp_path, monkeypatch):
    with way(serve, tmp_path) as (url, authority):
        if authority:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        for name in ("SCRIPT_NAME", "Script-Name", "X-Forwarded-Prefix", "PATH_INFO"):
            for page in ("health", "metrics"):
                assert requests.get(f"{url}/x/{page}", headers={name: "/x"}, timeout=5).status_code == 404


def test_requests_that_are_refused_leave_a_line_in_the_log_and_nothing_of_theirs(serve):
    program = is_there(serve())
    before = len(program.said().splitlines())
    for number in range(300):
        path = f"/voice/nl/tip-line/ended?number=%2B31612345678&n={number}"
        requests.post(f"{program.url}{path}", data=FORM, headers={"X-Twilio-Signature": "x"}, timeout=5)
        with socket.create_connection(("127.0.0.1", program.port), PATIENCE) as odd:
            odd.sendall(b"G\x00ET /voice/31612345678 HTTP/9\r\n\r\n")
            odd.recv(100)
    said_ = program.said()
    assert not re.search("tip-line|31612345678", said_)
    assert len(said_.splitlines()) - before <= 2 * 2  # a line for each kind and worker
