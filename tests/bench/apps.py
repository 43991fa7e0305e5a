"""What our answer is held against: a constant, and a plain view of Flask that checks nothing."""

import os
import sys
from pathlib import Path

from flask import Flask, Response
from gunicorn.app.base import BaseApplication
from twilio.twiml.voice_response import VoiceResponse

DOCUMENT = "BENCH_DOCUMENT"
"""In the environment: a file with the document that the constant is."""
WORKERS = 2


def constant():
    body = Path(os.environ[DOCUMENT]).read_bytes()
    headers = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body)))]

    def app(environ, start_response):
        start_response("200 OK", headers)
        return [body]

    return app


def plain():
    app = Flask(__name__)
    choices = ["Voor het stappenplan, kies 1.", "Om te overleggen binnen uw gemeente, kies 2."] * 4

    @app.post("/voice")
    def voice():
        document = VoiceResponse()
        gather = document.gather(num_digits=1, finish_on_key="", timeout=5, action="/voice/nl/main/key")
        gather.say("Balielijn mensenhandel. Is er nu gevaar? Hang op en bel één, één, twee.")
        for choice in choices:
            gather.say(choice, voice="Polly.Laura-Neural")
        document.redirect("/voice/nl/main?silences=1")
        return Response(str(document), mimetype="text/xml")

    return app


APPS = {"constant": constant, "plain": plain}


class Gunicorn(BaseApplication):
    """An application on gunicorn: threads for slow connections, and no connection kept."""

    def __init__(self, app, port):
        self._app = app
        self._options = {
            "bind": f"127.0.0.1:{port}",
            "workers": WORKERS,
            "worker_class": "gthread",
            "threads": 4,
            "keepalive": 0,
            "control_socket_disable": True,
            "loglevel": "warning",
        }
        super().__init__()

    def load_config(self):
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self):
        return APPS[self._app]()


if __name__ == "__main__":
    Gunicorn(sys.argv[1], int(sys.argv[2])).run()
