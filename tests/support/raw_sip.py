"""A caller for what no telephone does: no sound, no ACK, hundreds of calls, a false name. UDP on loopback."""

import re
import socket
import time
from contextlib import suppress
from itertools import cycle
from secrets import token_hex

from support.machines import PATIENCE

_HEADERS = """Via: SIP/2.0/UDP {claimed}:{port};branch=z9hG4bK{branch};rport
From: <sip:caller@{host}:{port}>;tag={tag}
To: <sip:{user}@127.0.0.1:{there}>{to_tag}
Call-ID: {call}
CSeq: {number} {method}
Contact: <sip:caller@{host}:{port}>
Max-Forwards: 70
"""
_SHORT = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m"}
_SOUND = """v=0
o=caller 1 1 IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=audio {sound} RTP/AVP 8 101
a=rtpmap:101 telephone-event/8000
"""


class RawCaller:
    """A caller that sends no sound. One call at a time, or a flood.

    `claims`: the hosts that its Vias name, one after another; its own where there are none.
    `compact`: the names of its headers are short ones (RFC 3261, 7.3.3).
    """

    def __init__(self, there, host="127.0.0.1", *, claims=(), compact=False):
        self._there, self._claims, self._compact = there, cycle(claims or [host]), compact
        self._socket, self._sound = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._socket.bind((host, 0))
        self._sound.bind((host, 0))
        self._host, self._port = self._socket.getsockname()
        self.sound_ports = []
        """Where the line wanted the sound of each call."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        self._sound.close()

    def flood(self, count, rate):
        """So many INVITEs of new calls a second. Whatever is answered is ignored."""
        began = time.monotonic()
        for each in range(count):
            time.sleep(max(began + each / rate - time.monotonic(), 0))
            self._call, self._to_tag = token_hex(8), ""
            self._send("INVITE", body=self._offer())

    def call(self, user="voorbeeldstad"):
        """Make a call and hear it out, until the line hangs up; the status of the INVITE."""
        self._call, self._to_tag = token_hex(8), ""
        self._send("INVITE", body=self._offer())
        status = 0
        for message in self._messages():
            first = message.split("\r\n", 1)[0]
            if re.match(r"SIP/2.0 [2-6]", first) and " INVITE" in _header(message, "CSeq"):
                status = int(first[8:11])
                self._to_tag = ";tag=" + _header(message, "(?:To|t)").partition("tag=")[2]
                self._send("ACK")
                if status >= 300:
                    return status
                self.sound_ports += map(int, re.findall(r"^m=audio (\d+)", message, re.MULTILINE))
            elif first.startswith("INVITE"):
                self._answer(message, self._offer())
            elif first.startswith("BYE"):
                self._answer(message, "")
                return status
        raise AssertionError("the line did not hang up")

    def _messages(self):
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            with suppress(TimeoutError):
                message = self._socket.recv(65536).decode()
                if self._call in message:
                    yield message

    def _offer(self):
        return _SOUND.format(host=self._host, sound=self._sound.getsockname()[1])

    def _send(self, method, body=""):
        names = {"host": self._host, "port": self._port, "there": self._there, "user": "voorbeeldstad"}
        names |= {"branch": token_hex(8), "tag": self._call, "to_tag": self._to_tag, "call": self._call}
        names["claimed"] = next(self._claims)
        headers = _HEADERS.format(number=1, method=method, **names)
        for name, short in _SHORT.items() if self._compact else ():
            headers = headers.replace(f"{name}:", f"{short}:")
        self._out(f"{method} sip:voorbeeldstad@127.0.0.1:{self._there} SIP/2.0\n{headers}", body)

    def _answer(self, request, body):
        kept = "".join(
            f"{each}\n"
            for each in request.split("\r\n\r\n")[0].split("\r\n")[1:]
            if re.match("(Via|From|To|Call-ID|CSeq):", each, re.IGNORECASE)
        )
        self._out(f"SIP/2.0 200 OK\n{kept}Contact: <sip:caller@{self._host}:{self._port}>\n", body)

    def _out(self, head, body):
        kind = "Content-Type: application/sdp\n" if body else ""
        text = f"{head}{kind}Content-Length: {len(body.replace(chr(10), chr(13) + chr(10)))}\n\n{body}"
        self._socket.sendto(text.replace("\n", "\r\n").encode(), ("127.0.0.1", self._there))


def _header(message, name):
    return re.search(rf"^{name}: *(.*?)\r$", message, re.IGNORECASE | re.MULTILINE)[1]
