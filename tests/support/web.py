"""The line as a web application, and webhooks as Twilio signs them."""

from twilio.request_validator import RequestValidator
from werkzeug.test import Client

from ivr.config.live import Live
from ivr.dialogue import flow
from ivr.exchange.in_process import as_wsgi
from ivr.exchange.wire import InProcess, ReachedLine
from ivr.web import create_app
from ivr.web.metrics import NoMetrics
from ivr.web.signature import SignatureCheck
from support.homes import NOON, PUBLIC, TOKEN


def make_app(live, answer=flow.answer, *, moment=NOON, token=TOKEN, url=PUBLIC, **more):
    """The web application of a reading, as all tests have it."""
    return create_app(live, SignatureCheck(token, lambda: [url]), lambda: moment, answer, **more)


def reach(home, moment=NOON, *, erases=False, **more):
    """The line of a home as the exchange reaches it."""
    live = Live(home, lambda: NOON, public=False, erases=erases)
    app = make_app(live, moment=moment, **more)
    return ReachedLine(InProcess(app), TOKEN, PUBLIC)


def client_of(app):
    """Somebody who asks an application in this process, without an exchange between."""
    return Client(as_wsgi(app))


FORM = {"To": "+31200000001", "From": "+31200000199", "CallSid": "CA" + "0" * 32}


SIGNED = RequestValidator(TOKEN)


class Seen(NoMetrics):
    """A Watch that remembers what went wrong."""

    def __init__(self):
        self.told = []

    def failed(self):
        self.told.append("failed")

    def refused(self):
        self.told.append("refused")


def post(client, path="/voice", form=FORM, signature=None):
    signature = SIGNED.compute_signature(PUBLIC + path, dict(form)) if signature is None else signature
    return client.post(path, data=dict(form), headers={"X-Twilio-Signature": signature})
