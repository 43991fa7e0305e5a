"""`ivr serve`: the line for real, or on loopback for the desk phone."""

import logging.config
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from socket import socket

import click
from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from ivr.account.client import client
from ivr.account.credentials import configured
from ivr.account.erase import erase
from ivr.cli.common import Context, database_or_exit, in_context, now, public_url_of, state_folder
from ivr.cli.listening import listening_on, proxies
from ivr.cli.loopback import LOOPBACK, demo_at
from ivr.cli.reading import live_or_exit
from ivr.config.keeper import Keeper
from ivr.config.last_good import LastGood
from ivr.config.live import Live
from ivr.serving.log import logging_as
from ivr.serving.serve import WorkerApplication
from ivr.serving.serve import serve as serve_with
from ivr.speech.clips import naming_secret
from ivr.store.background import Store
from ivr.store.erasures import Spool
from ivr.web.app import create_app
from ivr.web.metrics import share
from ivr.web.prometheus import Prometheus
from ivr.web.signature import SignatureCheck


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--fd", type=click.IntRange(3))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--demo", is_flag=True)
@click.option("--public-url")
@in_context
def serve(
    context: Context, host: str, port: int, fd: int | None, workers: int, demo: bool, public_url: str | None
) -> None:
    """Answer calls."""
    logs = logging_as(json=not demo)
    logging.config.dictConfig(logs)
    if demo:
        live_or_exit(context, public=False, erases=False)
        with (
            listening_on(context, LOOPBACK, port, fd) as listening,
            demo_at(context, port) as (own, token, url),
        ):
            click.echo(context.say("demo", url=url, program=sys.argv[0]))
            serve_line(WorkerFactory(own, token, url, demo=True), listening, workers, logs)
        return
    factory = _factory(context, public_url)
    with listening_on(context, host, port, fd) as listening:
        serve_line(factory, listening, workers, logs)


@dataclass(frozen=True, slots=True)
class WorkerFactory:
    """Makes a worker's application when called. It is pickled, and called in the worker's process."""

    context: Context
    token: str
    public_url: str | None
    """The value of --public-url."""
    demo: bool = False
    counts: Path = Path()
    """The folder in which the workers share their counters for Prometheus."""

    @property
    def erases(self) -> bool:
        """Whether the records of anonymous calls are deleted at Twilio."""
        return not self.demo and configured(self.context.env)

    @property
    def last_good(self) -> LastGood:
        return LastGood(state_folder(self.context))

    def __call__(self) -> WorkerApplication:
        live = Live(
            self.context.home,
            now,
            public=not self.demo,
            erases=self.erases,
            secret=naming_secret(self.token),
            last_good=self.last_good,
            keeper=None if self.demo else Keeper(self.context.home, now),
        )
        store, metrics = self._store(), Prometheus(self.counts)
        app = create_app(
            live,
            SignatureCheck(self.token, _addresses(self.context, live, self.public_url)),
            now,
            recorder=store,
            metrics=metrics,
            limits_url="memory://" if self.demo else _limits(self.context),
            proxies=0 if self.demo else proxies(self.context),
        )
        return WorkerApplication(
            app,
            {"files": live.watch, "versions": live.keep_versions, "metrics": partial(share, metrics)},
            start=store.start,
            stop=store.stop,
        )

    def _store(self) -> Store:
        return Store(
            database_or_exit(self.context),
            Spool(state_folder(self.context) / "spool", time.time),
            time.time,
            partial(erase, client(self.context.env)) if self.erases else None,
        )


def _factory(context: Context, public_url: str | None) -> WorkerFactory:
    """Make the factory of a production line. Raises click.UsageError if something is missing."""
    database_or_exit(context)
    _limits(context)
    proxies(context)
    os.umask(0o077)  # no other user may read its files
    try:
        state_folder(context).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(context.say("state-unwritable", why=error.strerror or "")) from None
    factory = WorkerFactory(context, context.env.get("TWILIO_AUTH_TOKEN", ""), public_url)
    live = live_or_exit(context, public=True, erases=factory.erases, last_good=factory.last_good)
    for there, name in (
        (factory.token, "token-missing"),
        (public_url_of(context, live.snapshot.line, public_url), "public-url-missing"),
    ):
        if not there:
            raise click.UsageError(context.say(name))
    return factory


def serve_line(factory: WorkerFactory, listening: socket, workers: int, logs: dict[str, object]) -> None:
    """Serve the line until SIGTERM or SIGINT."""
    # Not in the system's temporary folder, because no file can be created there once it is full.
    counts = state_folder(factory.context) / "counters"
    shutil.rmtree(counts, ignore_errors=True)
    with suppress(OSError):  # then /metrics has the counts of the answering worker alone
        counts.mkdir(mode=0o700)
    try:
        serve_with(replace(factory, counts=counts), listening, workers, logs)
    finally:
        shutil.rmtree(counts, ignore_errors=True)


def _addresses(context: Context, live: Live, public_url: str | None) -> Callable[[], list[str]]:
    """Make a function that returns the public URLs for which Twilio may sign: all since the start."""
    known: list[str] = []

    def addresses() -> list[str]:
        # Twilio knows a new address only after `ivr provision`; until then it signs for an old one.
        address = public_url_of(context, live.snapshot.line, public_url)
        if address and address not in known:
            known.insert(0, address)
        return known

    return addresses


def _limits(context: Context) -> str:
    url = context.env.get("IVR_LIMITS_URL", "memory://")
    if re.match(r"(memory|rediss?)://", url):
        with suppress(ConfigurationError, ValueError):
            storage_from_string(url)
            return url
    # The message omits the URL, which may contain a password.
    raise click.UsageError(context.say("limits-unreadable"))
