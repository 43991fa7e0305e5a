"""Stands in, on loopback, for the service that gTTS asks: its address, its form, its answers, its moods."""

import base64
import json
import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from urllib.parse import parse_qs

import numpy as np
import soundfile

RATE = 24000


def mp3(seconds=0.3):
    tone = 0.5 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * RATE)) / RATE)
    file = BytesIO()
    soundfile.write(file, tone, RATE, format="MP3")
    return file.getvalue()


class Service:
    """Remembers what it was asked; each mood is for one request, after the last it answers well."""

    def __init__(self):
        self.texts = []
        self.moods = []
        self.address = ""

    def answer(self, handler):
        form = parse_qs(handler.rfile.read(int(handler.headers["Content-Length"])).decode())
        ((rpc, parameter, *_),) = json.loads(form["f.req"][0])[0]
        text, language, *_ = json.loads(parameter)
        assert (handler.path, rpc) == ("/_/TranslateWebserverUi/data/batchexecute", "jQ1olc")
        self.texts.append((language, text))
        match self.moods.pop(0) if self.moods else "well":
            case "well":
                self._send(handler, 200, self._spoken(mp3()))
            case "noise":
                self._send(handler, 200, self._spoken(b"no sound at all"))
            case "silent":
                self._send(handler, 200, b")]}'\n\n[]\n")
            case "cut":
                handler.send_response(200)
                handler.send_header("Content-Length", "100000")
                handler.end_headers()
                handler.wfile.write(b")]}'\n")
                handler.connection.shutdown(socket.SHUT_RDWR)
            case (status, headers):
                self._send(handler, status, b"", headers)

    def _spoken(self, sound):
        inner = json.dumps([base64.b64encode(sound).decode()])
        row = json.dumps([["wrb.fr", "jQ1olc", inner, None, None, None, "generic"]])
        return f")]}}'\n\n{len(row)}\n{row}\n".replace('", "', '","').encode()

    def _send(self, handler, status, body, headers=()):
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def stand_in():
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            service.answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
