"""`ivr serve`: the line for real, or on loopback for the desk phone."""

import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ivr.account.confirmed import InFolder
from ivr.cli.common import Desk, desk, now, print_findings, public_address
from ivr.cli.ring_check import RINGS, state
from ivr.config.live import Live, NoLine
from ivr.config.reading import Reading
from ivr.web.serve import Server
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
@desk
def serve(desk: Desk, host: str, port: int, workers: int, demo: bool, public_url: str | None) -> None:
    """Answer calls.

    Needs TWILIO_AUTH_TOKEN in the environment or in .env, and a public address: IVR_PUBLIC_URL or
    public_url in config/line.yaml.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    live = live_or_exit(desk, public=not demo)
    if demo:
        with _demo_token(desk.home.root) as own:
            url = f"http://{LOOPBACK}:{port}"
            click.echo(desk.say("demo", url=url, program=sys.argv[0]))
            _run(desk, Doors(own, url), LOOPBACK, port, workers, public=False)
        return
    token = desk.env.get("TWILIO_AUTH_TOKEN", "")
    address = public_address(desk, live.snapshot.line, public_url)
    for missing, name in ((not token, "token-missing"), (not address, "public-url-missing")):
        if missing:
            raise click.UsageError(desk.say(name))
    _run(desk, Doors(token, address), host, port, workers, public=True)


def _run(desk: Desk, doors: Doors, host: str, port: int, workers: int, *, public: bool) -> None:
    def make() -> Live:
        return Live(desk.home, now, public=public)

    Server(make, doors, now, InFolder(state(desk) / RINGS), bind=f"{host}:{port}", workers=workers).run()


def live_or_exit(desk: Desk, *, public: bool) -> Live:
    try:
        return Live(desk.home, now, public=public)
    except NoLine as error:
        print_findings(Reading(None, error.findings), desk.language, err=True)
        sys.exit(1)


@contextmanager
def _demo_token(root: Path) -> Iterator[str]:
    """A token that only who can read this home knows, for as long as the demo runs."""
    token, path = secrets.token_hex(16), root / DEMO_TOKEN
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(token, "utf-8")
    try:
        yield token
    finally:
        path.unlink(missing_ok=True)
