"""How many connections a worker has, and for how long each may keep it waiting."""

import asyncio
import socket
import threading
import time

import pytest
from uvicorn import Config, Server

from ivr.serving import connection
from ivr.serving.asgi import respond
from ivr.serving.connection import Connection, end_late_connections

pytestmark = pytest.mark.slow

MOST, PATIENCE = 5, 10


async def app(scope, receive, send):
    if scope["path"] == "/slow":
        await asyncio.sleep(PATIENCE)
    await respond(send, 200, b"well")


@pytest.fixture
def port(monkeypatch):
    """A server in this process that takes few connections."""
    monkeypatch.setattr(connection, "CONNECTIONS", MOST)
    monkeypatch.setattr(Connection, "all_open", set())
    options = {"http": Connection, "loop": "asyncio", "lifespan": "off", "ws": "none", "log_config": None}
    server = Server(Config(app, **options, timeout_graceful_shutdown=1))
    listening = socket.create_server(("127.0.0.1", 0))
    serving = threading.Thread(target=server.run, args=([listening],))
    serving.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    serving.join()


@pytest.fixture
def opened(port):
    """Opens connections, and closes them."""
    lines = []

    def open_one(sent=b""):
        lines.append(socket.create_connection(("127.0.0.1", port), PATIENCE))
        lines[-1].sendall(sent)
        return lines[-1]

    yield open_one
    for line in lines:
        line.close()


def request(path):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def is_open(line):
    """Whether the server has not ended it."""
    line.settimeout(0.2)
    try:
        return line.recv(1, socket.MSG_PEEK) != b""
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)


def test_with_one_more_than_it_takes_the_connection_that_waits_longest_is_ended(opened):
    lines = []
    for number in range(MOST):
        lines.append(opened())
        until(lambda number=number: len(Connection.all_open) == number + 1)
    newest = opened(request("/"))
    assert newest.recv(12) == b"HTTP/1.1 200"
    assert [is_open(line) for line in lines] == [False] + [True] * (MOST - 1)


def test_no_connection_is_ended_while_its_request_is_answered(opened):
    lines = [opened(request("/slow")) for _ in range(MOST)]
    until(lambda: sum(each.waits_since is None for each in list(Connection.all_open)) == MOST)
    newest = opened(request("/"))
    until(lambda: not is_open(newest))
    assert all(is_open(line) for line in lines)


@pytest.mark.parametrize(
    ("sent", "limit"),
    [
        (b"", "HEAD"),
        (b"GET / HTTP/1.1\r\nHo", "HEAD"),
        (b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx", "BODY"),
        (request("/slow"), "ANSWER"),
    ],
    ids=["nothing", "head", "body", "answer"],
)
def test_a_connection_is_ended_once_it_has_kept_the_worker_waiting_for_too_long(
    opened, monkeypatch, sent, limit
):
    line = opened(sent)
    phase = connection.Phase[limit]
    until(lambda: [each._phase for each in list(Connection.all_open)] == [phase])
    end_late_connections()
    assert is_open(line)
    monkeypatch.setitem(connection._SECONDS, phase, -1)
    for each in list(Connection.all_open):
        each.loop.call_soon_threadsafe(end_late_connections)
    until(lambda: not is_open(line))
