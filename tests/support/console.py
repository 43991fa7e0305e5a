"""The console as a test has it: on a home of the test, with a client for each kind of person."""

from dataclasses import dataclass

from ivr.cli.console import line_for_trying
from ivr.console import Surroundings, create_console
from support.homes import NOON
from support.stores import database

URL = "https://console.example"


@dataclass
class Console:
    """A console and its outside world. `client()` is a browser that nobody has used yet."""

    app: object
    outside: Surroundings

    def client(self):
        return Browser(self.app.test_client(), self.outside.url)


class Browser:
    """A test client that sends what browsers send: the host, and with a form the Origin."""

    def __init__(self, client, url):
        self.client = client
        self.url = url

    def get(self, path, **more):
        return self.client.get(path, base_url=self.url, **more)

    def post(self, path, data=None, *, origin=None, **more):
        headers = {"Origin": origin or self.url} if origin != "" else {}
        return self.client.post(path, data=data, base_url=self.url, headers=headers, **more)


def make_console(home, state, *, moment=NOON, **more):
    """`moment`: the time of all requests, or a function that returns it."""
    clock = moment if callable(moment) else lambda: moment
    settings = {
        "home": home,
        "clock": clock,
        "engine": database(state),
        "state": state,
        "url": URL,
        "secret": b"of the tests",
        "make_line": line_for_trying,
        "public": False,
    }
    outside = Surroundings(**{**settings, **more})
    return Console(create_console(outside), outside)
