"""`ivr console`: the pages for coordinators, in a process of their own."""

import logging
import logging.config
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from typing import Final
from urllib.parse import urlsplit

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.account.credentials import configured
from ivr.cli.common import Context, database_or_exit, in_context, state_folder
from ivr.cli.listening import listening_on, proxies
from ivr.cli.loopback import LOOPBACK, state_of_demo
from ivr.config.live import Clock, Fixed, snapshot_of
from ivr.console import Surroundings, create_console
from ivr.console.asgi import as_asgi
from ivr.console.oidc import Provider, SettingsUnreadable, provider_of
from ivr.disk.reading import read
from ivr.model.limits import TEXT_BYTES
from ivr.model.line import Line
from ivr.serving.asgi import Application
from ivr.serving.log import logging_as
from ivr.serving.serve import WorkerApplication, serve
from ivr.speech.clips import Clips
from ivr.store.accounts import Accounts
from ivr.store.opening import migrate
from ivr.store.sealing import Seal
from ivr.web import create_app
from ivr.web.signature import SignatureCheck

log = logging.getLogger(__name__)

PORT: Final = 8001
_TABLES_SECONDS: Final = 5
"""Pause before it is tried again to make the tables."""
_SECRET_FILE: Final = "console.key"  # noqa: S105 - the file's name
_SECRET_BYTES: Final = 32
_OTHERS: Final = 0o077
"""Permission bits of everybody but a file's owner."""


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True)
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--demo", is_flag=True)
@in_context
def console(context: Context, host: str, port: int, workers: int, demo: bool) -> None:
    """Serve the pages for coordinators."""
    logs = logging_as(json=not demo)
    logging.config.dictConfig(logs)
    if demo:
        with listening_on(context, LOOPBACK, port) as listening, state_of_demo(context) as own:
            url = f"http://{LOOPBACK}:{port}"
            click.echo(context.say("demo-console", url=url))
            serve(ConsoleFactory(own, url, demo=True), listening, workers, logs)
        return
    factory = _factory(context)
    with listening_on(context, host, port) as listening:
        serve(factory, listening, workers, logs)


@dataclass(frozen=True, slots=True)
class ConsoleFactory:
    """Makes a worker's application when called. It is pickled, and called in the worker's process."""

    context: Context
    url: str
    """At which browsers reach the console, without a path."""
    demo: bool = False
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(_SECRET_BYTES), repr=False)
    """Signs the session cookies. The workers share it, because it is pickled with the factory."""
    line_url: str = "http://127.0.0.1:8000"

    def __call__(self) -> WorkerApplication:
        outside = self.surroundings()
        # Its own tables must be there; while the database is away, pages say so, and the thread tries again.
        return WorkerApplication(
            as_asgi(create_console(outside)), {"tables": partial(make_tables, outside.engine, outside.seal)}
        )

    def surroundings(self) -> Surroundings:
        return Surroundings(
            home=self.context.home,
            clock=self.context.now,
            engine=database_or_exit(self.context),
            state=state_folder(self.context),
            url=self.url,
            secret=self.secret,
            make_line=line_for_trying,
            line_url=self.line_url,
            env=self.context.env,
            public=not self.demo,
            # The account's key is the line's alone. A real line is believed to have one.
            erases=not self.demo or configured(self.context.env),
            demo=self.demo,
            provider=None if self.demo else _provider(self.context),
            seal=Seal() if self.demo else seal_of(self.context),
            contact=self.context.env.get("IVR_CONTACT", ""),
            proxies=0 if self.demo else proxies(self.context),
        )


def make_tables(engine: Engine, seal: Seal, stop: Event) -> None:
    """Make the tables that are not there yet, and seal the secrets in them anew.

    Tries until it succeeds, or until `stop` is set.
    """
    while True:
        try:
            migrate(engine)
            lost = Accounts(engine).seal_all(seal)
        except SQLAlchemyError as error:
            log.error("the tables could not be made: %s", type(error).__name__)  # noqa: TRY400
        else:
            if lost:
                log.error("the authenticator apps of %d accounts cannot be used: no key opens them", lost)
            return
        if stop.wait(_TABLES_SECONDS):
            return


def line_for_trying(line: Line, clips: Clips, clock: Clock, token: str, url: str) -> Application:
    """Make a line's web application that counts nothing (see `ivr.console.surroundings.MakeLine`)."""
    return create_app(Fixed(snapshot_of(line, clips, clock())), SignatureCheck(token, lambda: [url]), clock)


def _factory(context: Context) -> ConsoleFactory:
    """Make the factory of a real console. Raises click.UsageError if something is missing."""
    url = console_url(context)
    proxies(context)
    _provider(context)
    seal_of(context)
    if database_or_exit(context).dialect.name == "sqlite":
        log.warning("the console has a database of its own: no report, and no backup with the line's")
    os.umask(0o077)  # no other user may read its files
    state = state_folder(context)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = _secret(state / _SECRET_FILE)
    except OSError as error:
        raise click.UsageError(context.say("state-unwritable", why=error.strerror or "")) from None
    line_url = context.env.get("IVR_LINE_URL", "").rstrip("/")
    factory = ConsoleFactory(context, url, secret=secret)
    return replace(factory, line_url=line_url) if line_url else factory


def _provider(context: Context) -> Provider | None:
    try:
        return provider_of(context.env)
    except SettingsUnreadable as error:
        raise click.UsageError(context.say("oidc-unreadable", name=error)) from None


def seal_of(context: Context) -> Seal:
    """Return what seals secrets, with the keys in the file IVR_SEAL_KEYS. Raises click.UsageError."""
    file = context.env.get("IVR_SEAL_KEYS", "")
    if not file:
        raise click.UsageError(context.say("seal-missing"))
    try:
        if Path(file).stat().st_mode & _OTHERS:
            raise click.UsageError(context.say("seal-open", file=file))
        return Seal.read(read(Path(file), TEXT_BYTES).decode("ascii"))
    except (OSError, ValueError):
        raise click.UsageError(context.say("seal-unreadable", file=file)) from None


def console_url(context: Context) -> str:
    """Return IVR_CONSOLE_URL, which is https or leads to this computer. Raises click.UsageError."""
    url = context.env.get("IVR_CONSOLE_URL", "").rstrip("/")
    if not url:
        raise click.UsageError(context.say("console-url-missing"))
    parts = urlsplit(url)
    loopback = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if parts.path or not parts.hostname or not (parts.scheme == "https" or loopback):
        raise click.UsageError(context.say("console-url-unreadable", url=url))
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(path: Path) -> bytes:
    """Return the secret in a file; make it at the first start. Raises OSError."""
    with suppress(FileExistsError), open(path, "xb", opener=_for_owner) as file:
        file.write(secrets.token_bytes(_SECRET_BYTES))
    return path.read_bytes()


def _for_owner(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
