"""`ivr serve`: the line for real, or on loopback for the desk phone."""

import logging.config
import os
import re
import shutil
import time
from contextlib import suppress
from functools import partial
from tempfile import mkdtemp
from typing import Any

import click
from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from ivr.account.client import client
from ivr.account.credentials import configured
from ivr.account.erase import erase
from ivr.cli.common import Context, database_or_exit, in_context, now, public_address, state_folder, undone
from ivr.cli.demo import LOOPBACK, demo_at
from ivr.cli.reading import live_or_exit
from ivr.config.last_good import LastGood
from ivr.config.live import Live
from ivr.store.keeping import Store
from ivr.store.wishes import Spool
from ivr.web.log import logging_as
from ivr.web.signature import Doors


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
    options = {"bind": f"{LOOPBACK if demo else host}:{port}", "workers": workers, "logconfig_dict": logs}
    if demo:
        live = live_or_exit(context, public=False, erases=False)
        with demo_at(context, port) as (own, doors):
            _run(own, live, doors, erases=False, proxies=0, **options)
        return
    _prepare(context)
    erases = configured(context.env)
    live = live_or_exit(context, public=True, erases=erases, last_good=LastGood(state_folder(context)))
    doors = _doors(context, live, public_url)
    _run(context, live, doors, erases=erases, proxies=_proxies(context), **options)


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
    first = public_address(context, live.snapshot.line, public_url)
    for missing, name in ((not token, "token-missing"), (not first, "public-url-missing")):
        if missing:
            raise click.UsageError(context.say(name))
    known = [first]

    def addresses() -> list[str]:
        # Twilio knows a new address only after `ivr provision`; until then it signs for an old one.
        address = public_address(context, live.snapshot.line, public_url)
        if address and address not in known:
            known.insert(0, address)
        return known

    return Doors(token, addresses)


def _run(context: Context, live: Live, doors: Doors, *, erases: bool, proxies: int, **options: Any) -> None:
    folder = mkdtemp(prefix="balielijn-")
    with undone(partial(shutil.rmtree, folder, ignore_errors=True)):
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
            proxies=proxies,
        )
        Server(outside, **options).run()


def _proxies(context: Context) -> int:
    text = context.env.get("IVR_PROXIES", "1")
    if not re.fullmatch(r"\d", text, re.ASCII):
        raise click.UsageError(context.say("proxies-unreadable", text=text))
    return int(text)


def _limits(context: Context) -> str:
    url = context.env.get("IVR_LIMITS_URL", "memory://")
    if re.match(r"(memory|rediss?)://", url):
        with suppress(ConfigurationError, ValueError):
            storage_from_string(url)
            return url
    # Without the address itself: it may hold a password.
    raise click.UsageError(context.say("limits-unreadable"))


def _store(context: Context, *, erases: bool) -> Store:
    return Store(
        database_or_exit(context),
        Spool(state_folder(context) / "spool", time.time),
        time.time,
        partial(erase, client(context.env)) if erases else None,
    )
