"""A bad network between a telephone and the line: packets are lost, or come late and out of order."""

import heapq
import random
import re
import selectors
import socket
import threading
import time
from contextlib import contextmanager, suppress

from support.machines import free_port

_MEDIA = re.compile(rb"m=audio (\d{5}) ")


class _Relay:
    """Hands SIP on as it is, with the relay's own ports in it; RTP only after what happened to it."""

    def __init__(self, telephone, line, loss, jitter):
        self._loss, self._jitter, self._chance = loss, jitter, random.Random(1)  # noqa: S311
        self.port, self._facing_line = free_port(), free_port()
        self._ways = {
            self._open(self.port): (self._facing_line, line, telephone),
            self._open(self._facing_line): (self.port, telephone, line),
        }
        self._by_port = {each.getsockname()[1]: each for each in self._ways}
        self._swaps = {
            self.port: ((telephone, self._facing_line), (self.port, line)),
            self._facing_line: ((line, self.port), (self._facing_line, telephone)),
        }
        self._sound, self._late, self.lost, self.sent = {}, [], 0, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _open(self, port=0):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind(("127.0.0.1", port))
        return opened

    def _run(self):
        with selectors.DefaultSelector() as ready:
            for each in self._ways:
                ready.register(each, selectors.EVENT_READ)
            self._ready = ready
            while not self._stop.is_set():
                due = self._late[0][0] - time.monotonic() if self._late else 0.05
                for key, _ in ready.select(min(max(due, 0), 0.05)):
                    with suppress(OSError):
                        self._take(key.fileobj)
                while self._late and self._late[0][0] <= time.monotonic():
                    _, _, through, packet, to = heapq.heappop(self._late)
                    through.sendto(packet, ("127.0.0.1", to))

    def _take(self, at):
        packet = at.recv(65536)
        if at in self._ways:
            self._signal(at, packet)
        elif self._chance.random() < self._loss:
            self.lost += 1
        else:
            self.sent += 1
            due = time.monotonic() + self._chance.uniform(0, self._jitter)
            heapq.heappush(self._late, (due, self.sent, at, packet, self._sound[at]))

    def _signal(self, at, message):
        through, to, _ = self._ways[at]
        for old, new in self._swaps[at.getsockname()[1]]:
            message = message.replace(b"127.0.0.1:%d" % old, b"127.0.0.1:%d" % new)
        message = _MEDIA.sub(lambda found: b"m=audio %d " % self._port_for(int(found[1])), message)
        self._by_port[through].sendto(message, ("127.0.0.1", to))

    def _port_for(self, port):
        """The relay's own port, of as many digits, whose packets go on to this one."""
        for each, to in self._sound.items():
            if to == port:
                return each.getsockname()[1]
        opened = self._open(free_port())
        self._sound[opened] = port
        self._ready.register(opened, selectors.EVENT_READ)
        return opened.getsockname()[1]

    def close(self):
        self._stop.set()
        self._thread.join()
        for each in (*self._ways, *self._sound):
            each.close()


@contextmanager
def relay(telephone, line, *, loss, jitter):
    """A relay between the SIP ports of a telephone and a line. Its `port` is for the telephone to call.

    `loss`: share of packets. `jitter`: seconds that a packet comes late, at most.
    """
    running = _Relay(telephone, line, loss, jitter)
    running._thread.start()
    try:
        yield running
    finally:
        running.close()
