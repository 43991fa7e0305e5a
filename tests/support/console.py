"""The console as a test has it: on a home of the test, with a browser for each kind of person."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import pyotp
from argon2 import PasswordHasher
from jinja2 import BytecodeCache

from ivr.cli.console import line_for_trying
from ivr.console import Surroundings, create_console
from ivr.console.stores import make_stores
from ivr.store.sessions import Stage
from support.homes import NOON
from support.stores import migrated

URL = "https://console.example"
PASSWORD = "twaalf losse eieren"
FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes in a millisecond."""


@dataclass
class Console:
    """A console and its outside world. `browser()` is a browser that nobody has used yet."""

    app: object
    outside: Surroundings
    numbers: object

    @property
    def stores(self):
        return make_stores(self.outside.engine, lambda: self.outside.clock().timestamp(), self.outside.secret)

    def browser(self):
        return Browser(self.app.test_client(), self.outside.url)

    def account(self, name=None, *, password=PASSWORD, secret=None, **rights):
        """The id of a new account with a password and an authenticator app. `rights`: of `Accounts.add`."""
        name = name or f"Persoon {next(self.numbers)}"
        mail = f"{name.lower().replace(' ', '.')}@voorbeeldstad.example"
        accounts = self.stores.accounts
        account = accounts.add(name, mail, self.outside.clock().timestamp(), **rights)
        if password:
            accounts.set_password(account, FAST.hash(password))
            accounts.set_totp(account, secret or pyotp.random_base32())
        return account

    def signed_in(self, account=None, **rights):
        """The browser of who is signed in: with an account, or with a new one that has these rights."""
        browser = self.browser()
        account = account or self.account(**rights)
        browser.set_session(self.stores.sessions.begin(account, Stage.FULL))
        return browser

    def manager(self):
        return self.signed_in(manager=True)

    def coordinator(self, *slugs):
        return self.signed_in(municipalities=slugs)


class Moment:
    """A clock that a test turns."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def later(self, **more):
        self.now += timedelta(**more)


class Browser:
    """A test client that sends what browsers send: the host, and with a form its token and the Origin."""

    def __init__(self, client, url):
        self.client = client
        self.url = url

    def get(self, path, **more):
        return self.client.get(path, base_url=self.url, **more)

    def post(self, path, data=None, *, origin=None, headers=(), **more):
        sent = {**({"Origin": origin or self.url} if origin != "" else {}), **dict(headers)}
        return self.client.post(path, data=data, base_url=self.url, headers=sent, **more)

    def submit(self, path, data=None, *, page=None, **more):
        """Open a page (by default the form's own URL), and send a form with the token that is in it."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page or path).text)
        assert token, f"{page or path} has no form"
        return self.post(path, {**(data or {}), "csrf_token": token[1]}, **more)

    def set_session(self, token):
        with self.client.session_transaction(base_url=self.url) as session:
            session["token"] = token

    def cookie(self, name):
        return self.client.get_cookie(name, domain=self.url.partition("//")[2].partition(":")[0])


def make_console(home, state, *, moment=NOON, **more):
    """`moment`: the time of all requests, or a function that returns it."""
    clock = moment if callable(moment) else lambda: moment
    settings = {
        "home": home,
        "clock": clock,
        "engine": migrated(state),
        "state": state,
        "url": URL,
        "secret": b"of the tests",
        "make_line": line_for_trying,
        "public": False,
        "hasher": FAST,
    }
    outside = Surroundings(**{**settings, **more})
    return Console(_application(outside), outside, count(1))


class _Compiled(BytecodeCache):
    """Templates that were compiled once in this process, for every console of it."""

    def __init__(self):
        self._known = {}

    def load_bytecode(self, bucket):
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket):
        self._known[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def _application(outside):
    app = create_console(outside)
    app.jinja_env.bytecode_cache = _COMPILED
    return app


def refused(answer):
    """Whether a form is shown again with what is wrong in it."""
    return answer.status_code == 200 and 'id="errors"' in answer.text


def like(console, **more):
    """Another process of the same console, with other settings."""
    outside = replace(console.outside, **more)
    return Console(_application(outside), outside, console.numbers)
