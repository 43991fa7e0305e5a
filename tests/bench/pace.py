"""A load at a constant rate, for latencies: wrk has none, and waits for a slow answer before it asks again.

Each request has a moment at which it is due, whatever became of those before it. Its latency counts from that
moment: a server that stops for a while is charged for all who would have called meanwhile.
"""

import gc
import re
import selectors
import socket
import time
from urllib.parse import urlsplit

LATE = 5.0
"""Seconds after the last request, in which its answer must come."""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class NotMeasured(Exception):
    """A server did not start, or did not answer all that it was asked, so it has no figures."""


def paced(url, messages, rate, seconds):
    """The latencies (ms), in order of size, of `rate` requests a second; each message (bytes) in turn."""
    place = urlsplit(url)
    waiting = selectors.DefaultSelector()
    latencies, asked, total, began = [], 0, int(rate * seconds), time.perf_counter()
    gc.disable()  # its pauses would be taken for the server's
    try:
        while len(latencies) < total:
            now = time.perf_counter()
            while asked < total and began + asked / rate <= now:
                connection = socket.create_connection((place.hostname, place.port))
                connection.sendall(messages[asked % len(messages)])
                waiting.register(connection, selectors.EVENT_READ, (began + asked / rate, bytearray()))
                asked += 1
            if now > began + seconds + LATE:
                raise NotMeasured(f"{url}: {total - len(latencies)} of {total} were not answered")
            for key, _ in waiting.select(max(began + asked / rate - time.perf_counter(), 0)):
                due, answer = key.data
                more = key.fileobj.recv(65536)
                answer += more
                if _whole(url, answer, more):
                    latencies.append((time.perf_counter() - due) * 1000)
                    waiting.unregister(key.fileobj)
                    key.fileobj.close()
    finally:
        gc.enable()
        for key in list(waiting.get_map().values()):
            key.fileobj.close()
        waiting.close()
    return sorted(latencies)


def part(latencies, share):
    """The latency that this share of all requests did not exceed."""
    return latencies[min(int(len(latencies) * share), len(latencies) - 1)]


def _whole(url, answer, more):
    head, end, body = bytes(answer).partition(b"\r\n\r\n")
    if not more or not head.startswith(b"HTTP/1.1 200"[: len(head)]):
        raise NotMeasured(f"{url}: {head[:60]!r}")
    return bool(end) and len(body) >= int(_LENGTH.search(head)[1])
