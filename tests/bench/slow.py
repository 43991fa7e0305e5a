"""Clients that keep a server waiting: each holds a connection, and sends or reads a byte now and then.

As a program: so many slow writers at a URL, until it is ended.
"""

import signal
import socket
import ssl
import subprocess
import sys
from contextlib import contextmanager, suppress
from threading import Event, Thread
from urllib.parse import urlsplit

SECONDS = 0.5
"""Between two bytes of each client."""
BODY = 4_000
"""Bytes that a slow writer says its body has."""


def writer(url):
    """What is sent first by who then sends a body a byte at a time; with a signature, it is waited for."""
    place = urlsplit(url)
    return (
        f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nX-Twilio-Signature: x\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {BODY}\r\n\r\n"
    ).encode()


def reader(url):
    """What is sent by who then reads the answer a byte at a time."""
    place = urlsplit(url)
    return f"GET {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode()


IDLE = b""


class Slow:
    """One such client, which begins anew where the server ends its connection."""

    def __init__(self, place, head, context, source):
        self._place, self._head, self._context, self._source = place, head, context, source
        self._open()

    def _open(self):
        address = (self._place.hostname, self._place.port)
        self.line = socket.create_connection(address, 5, source_address=(self._source, 0))
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if self._context:
            self.line = self._context.wrap_socket(self.line, server_hostname=self._place.hostname)
        self.line.sendall(self._head)
        self.line.settimeout(0)

    def drip(self):
        try:
            if self._head.startswith(b"POST"):
                self.line.send(b"x")
            elif self._head and not self.line.recv(1):
                self._again()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self._again()

    def _again(self):
        self.line.close()
        with suppress(OSError):
            self._open()


@contextmanager
def slow_clients(url, heads, authority=None, sources=("127.0.0.1",)):
    """A client for each of these heads, from these addresses in turn."""
    place, stop = urlsplit(url), Event()
    context = ssl.create_default_context(cafile=authority) if authority else None
    clients = [Slow(place, head, context, sources[n % len(sources)]) for n, head in enumerate(heads)]

    def drip():
        while not stop.is_set():
            for client in clients:
                client.drip()
                stop.wait(SECONDS / len(clients))

    worker = Thread(target=drip, daemon=True)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()
        for client in clients:
            client.line.close()


@contextmanager
def slow_writers(url, count):
    """So many slow writers, in a process of their own: they must not slow down who measures."""
    clients = subprocess.Popen([sys.executable, __file__, url, str(count)], stdout=subprocess.PIPE)  # noqa: S603
    try:
        clients.stdout.readline()
        yield
    finally:
        clients.kill()
        clients.wait()
        clients.stdout.close()


if __name__ == "__main__":
    with slow_clients(sys.argv[1], [writer(sys.argv[1])] * int(sys.argv[2])):
        print("ready", flush=True)
        signal.pause()
