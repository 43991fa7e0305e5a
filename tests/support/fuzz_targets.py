"""What fuzzing throws bytes at, and what must hold whatever they are. Each seed is also a test."""

import asyncio
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode

from httptools import HttpParserInvalidURLError, parse_url
from twilio.request_validator import RequestValidator

from ivr import translations
from ivr.config.live import Live
from ivr.config.reading import Cache, read
from ivr.exchange import grammar
from ivr.exchange.wire import ReachedLine
from ivr.model.files import CLOSURE
from ivr.model.limits import FORM_FIELDS
from ivr.web.webhooks import is_voice
from support.golden import CALLS, Golden
from support.homes import NOON, PUBLIC, TOKEN, make_home
from support.web import make_app, reach

SIGNED = RequestValidator(TOKEN)
LOOP = asyncio.new_event_loop()
SLOW = 2
"""Seconds of work for one reading of a small home, at most."""
SIGN_HERE = "good"
"""A signature that says so is replaced by the right one."""
ORDINARY = re.compile(r"/voice(/[\w.~-]+|/%[0-9A-F]{2})*(\?[\w.~=&+-]*)?", re.ASCII)
"""Addresses as Twilio sends them back to us; others may not fit their signature."""
METHOD = re.compile(r"[A-Z-]{3,20}", re.ASCII)
"""httptools lets no other in."""
REFUSED = {403, 429}
ELSEWHERE = {200, 304, 403, 404, 405, 413, 429}


class Voice:
    """A request as text: the method and the address, headers, an empty line, a body."""

    def __init__(self, folder):
        live = Live(make_home(folder), lambda: NOON, public=False)
        self._app = make_app(live)

    def __call__(self, data: bytes) -> None:
        head, _, body = data.partition(b"\n\n")
        first, *lines = head.decode("latin-1").split("\n")
        method, _, target = first.partition(" ")
        if not METHOD.fullmatch(method):
            return
        headers = dict(line.partition(": ")[::2] for line in lines)
        form = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        signed = headers.get("X-Twilio-Signature") == SIGN_HERE
        if signed:
            posted = dict(form) if method == "POST" else {}
            try:
                headers["X-Twilio-Signature"] = SIGNED.compute_signature(PUBLIC + target, posted)
            except (ValueError, UnicodeError):
                return  # Twilio could not sign it either
        try:
            scope = _scope(method, target, headers)
        except (HttpParserInvalidURLError, UnicodeDecodeError):
            return  # uvicorn answers 400, and asks nothing of ours
        status, content_type, answer = self._ask(scope, body)
        if not is_voice(scope["path"]):
            assert status in ELSEWHERE, status
        elif status == 200:
            assert signed, "answered without a good signature"
            grammar.read(answer, content_type)
        else:
            assert status in REFUSED, status
            assert answer == b""
            ordinary = ORDINARY.fullmatch(target) and method in {"GET", "POST"}
            clean = urlencode(form).encode() == body and len(dict(form)) == len(form) < FORM_FIELDS
            assert not (signed and ordinary and clean and _is_form(headers)), "a good signature was refused"

    def _ask(self, scope, body):
        sent = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        LOOP.run_until_complete(self._app(scope, receive, send))
        start, *parts = sent
        content_type = dict(start["headers"]).get(b"content-type", b"").decode("latin-1")
        return start["status"], content_type, b"".join(part["body"] for part in parts)

    @staticmethod
    def seeds() -> Iterator[bytes]:
        """Every different request of the golden calls, and some that Twilio would not send."""
        with tempfile.TemporaryDirectory() as folder:
            home = make_home(Path(folder))
            line = read(home, NOON).line
            found = []
            for file in CALLS:
                golden = Golden(file, line)
                reached = reach(home, golden.moment)
                golden.played_over(ReachedLine(Kept(reached.wire, found), TOKEN, PUBLIC))
        yield from dict.fromkeys(found)
        yield b"GET /voice\n\n"
        yield b"POST /health\nX-Twilio-Signature: x\n\n{}"
        yield b"GET /audio/0000000000000000.wav\nRange: bytes=0-1\n\n"
        yield b"PUT /metrics?a=b\nContent-Type: application/json\nContent-Length: 99999999\n\nx"


class Kept:
    """A wire that notes each request as the text that `Voice` reads."""

    def __init__(self, wire, found):
        self._wire, self._found = wire, found

    def send(self, method, url, form, headers):
        lines = [f"{method} {url.removeprefix(PUBLIC)}", "Content-Type: application/x-www-form-urlencoded"]
        lines.append(f"X-Twilio-Signature: {SIGN_HERE}")
        body = urlencode({**form, "CallSid": "CA" + "0" * 32} if form else {})
        self._found.append(("\n".join(lines) + "\n\n" + body).encode())
        return self._wire.send(method, url, form, headers)


def _scope(method, target, headers):
    """What uvicorn tells an application of a request. Raises where it would refuse the address."""
    url = parse_url(target.encode("latin-1"))
    path = (url.path or b"").decode("ascii")
    return {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": url.path or b"",
        "query_string": url.query or b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 1),
        "headers": [
            (name.lower().encode("latin-1"), each.encode("latin-1")) for name, each in headers.items()
        ],
    }


def _is_form(headers):
    return (
        headers.get("Content-Type") == "application/x-www-form-urlencoded" and "Content-Length" not in headers
    )


class Config:
    """The name of one of a home's files, a newline, and what stands in it instead."""

    def __init__(self, folder):
        self._home = closed_home(folder)
        self._right = {file: (folder / file).read_bytes() for file in self._home.files()}
        self._files = list(self._right)
        self._cache = Cache()

    def __call__(self, data: bytes) -> None:
        name, _, content = data.partition(b"\n")
        file = name.decode("latin-1")
        if file not in self._right:  # a name that was changed means one of them all the same
            file = self._files[sum(name) % len(self._files)]
        path = self._home.root / file
        path.write_bytes(content)
        self._cache.parts.pop(file, None)  # two writes within one tick of the clock look alike
        began = time.process_time()
        try:
            reading = read(self._home, NOON, self._cache)
            spent = time.process_time() - began
        finally:
            path.write_bytes(self._right[file])
            self._cache.parts.pop(file, None)
        assert (reading.line is None) == bool(reading.errors)
        for finding in reading.findings:
            assert finding.code != "reading-broken", finding.values["why"]
            for language in translations.LANGUAGES:
                assert translations.fact(finding, language)
                assert translations.remedy(finding, language)
        assert spent < SLOW, f"{spent:.1f} s"

    @staticmethod
    def seeds() -> Iterator[bytes]:
        """Every file as it should be."""
        with tempfile.TemporaryDirectory() as folder:
            home = closed_home(Path(folder))
            for file in home.files():
                yield file.encode() + b"\n" + (home.root / file).read_bytes()


def closed_home(folder):
    """A home with all the files that there can be."""
    home = make_home(folder)
    (folder / CLOSURE).write_text(
        "reason: Nieuwe server\nsince: 2026-11-24T09:00\nuntil: 2026-12-04T18:00\n", "utf-8"
    )
    return home


TARGETS = {"voice": Voice, "config": Config}
