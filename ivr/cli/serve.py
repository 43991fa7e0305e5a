"""`ivr serve`: the line for real, or on loopback for the desk phone."""

import logging.config
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from tempfile import mkdtemp
from typing import Any

import click
from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from ivr.account.client import client, configured
from ivr.account.erase import erase
from ivr.cli.common import Context, database_or_exit, in_context, now, public_address, state_folder
from ivr.cli.reading import live_or_exit
from ivr.config.kept import Kept
from ivr.config.live import Live
from ivr.store.keeping import Store
from ivr.store.wishes import Spool
from ivr.web.log import logging_as
from ivr.web.signature import Doors

LOOPBACK = "127.0.0.1"
DEMO_TOKEN = ".demo-token"  # noqa: S105 - the file's name, not what is in it


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on."
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that answer."
)
@click.option("--demo", is_flag=True, help="On loopback, with a token of its own, for the desk phone.")
@click.option("--public-url", help="The line's public address.  [default: IVR_PUBLIC_URL, or public_url]")
@in_context
def serve(context: Context, host: str, port: int, workers: int, demo: bool, public_url: str | None) -> None:
    """Answer calls.

    Needs TWILIO_AUTH_TOKEN in the environment or in .env, and a public address: IVR_PUBLIC_URL or
    public_url in config/line.yaml. With TWILIO_ACCOUNT_SID and a key as well, calls to an anonymous
    destination are erased at Twilio afterwards.
    """
    logs = logging_as(json=not demo)
    logging.config.dictConfig(logs)
    _prepare(context)
    # The calls of a demo are none of Twilio's.
    erases = configured(context.env) and not demo
    # Who tries files in a demo wants to see these, and none that were good once.
    kept = None if demo else Kept(state_folder(context))
    live = live_or_exit(context, public=not demo, erases=erases, kept=kept)
    with _demo_doors(context, port) if demo else nullcontext(_doors(context, live, public_url)) as doors:
        _run(
            context,
            live,
            doors,
            erases=erases,
            demo=demo,
            bind=f"{LOOPBACK if demo else host}:{port}",
            workers=workers,
            logconfig_dict=logs,
        )


def _prepare(context: Context) -> None:
    """See to it that what must be kept can be."""
    database_or_exit(context)
    os.umask(0o077)  # what it keeps is nobody else's to read
    try:
        state_folder(context).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(context.say("state-unwritable", why=error.strerror or "")) from None


def _doors(context: Context, live: Live, public_url: str | None) -> Doors:
    token = context.env.get("TWILIO_AUTH_TOKEN", "")
    address = public_address(context, live.snapshot.line, public_url)
    for missing, name in ((not token, "token-missing"), (not address, "public-url-missing")):
        if missing:
            raise click.UsageError(context.say(name))
    return Doors(token, address)


@contextmanager
def _demo_doors(context: Context, port: int) -> Iterator[Doors]:
    """Doors for a token that only who can read this home knows, for as long as the demo runs."""
    token, path = secrets.token_hex(16), context.home.root / DEMO_TOKEN
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(token, "utf-8")
    with _undone(partial(path.unlink, missing_ok=True)):
        url = f"http://{LOOPBACK}:{port}"
        click.echo(context.say("demo", url=url, program=sys.argv[0]))
        yield Doors(token, url)


def _run(context: Context, live: Live, doors: Doors, *, erases: bool, demo: bool, **options: Any) -> None:
    folder = mkdtemp(prefix="balielijn-")
    with _undone(partial(shutil.rmtree, folder, ignore_errors=True)):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        # Only now: it looks into the environment as it is imported.
        from ivr.web.metrics import Prometheus  # noqa: PLC0415
        from ivr.web.serve import Outside, Server  # noqa: PLC0415

        outside = Outside(
            live=live,
            store=lambda: _store(context, erases=erases),
            watch=Prometheus,
            doors=doors,
            clock=now,
            limits_url=_limits(context),
            proxies=0 if demo else _proxies(context),
        )
        Server(outside, **options).run()


def _proxies(context: Context) -> int:
    text = context.env.get("IVR_PROXIES", "1")
    if not re.fullmatch(r"\d", text, re.ASCII):
        raise click.UsageError(context.say("proxies-unreadable", text=text))
    return int(text)


def _limits(context: Context) -> str:
    url = context.env.get("IVR_LIMITS_URL", "memory://")
    try:
        storage_from_string(url)
    except (ConfigurationError, ValueError):
        # Without the address itself: it may hold a password.
        raise click.UsageError(context.say("limits-unreadable")) from None
    return url


def _store(context: Context, *, erases: bool) -> Store:
    return Store(
        database_or_exit(context),
        Spool(state_folder(context) / "spool", time.time),
        time.time,
        partial(erase, client(context.env)) if erases else None,
    )


@contextmanager
def _undone(undo: Callable[[], None]) -> Iterator[None]:
    """Undo something at the end, but not at the end of a worker, which comes by here too."""
    own = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == own:
            undo()
