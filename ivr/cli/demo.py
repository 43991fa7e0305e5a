"""What `ivr serve --demo` has of its own."""

import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from tempfile import mkdtemp
from typing import Final

import click

from ivr.cli.common import Context, undone
from ivr.web.signature import Doors

LOOPBACK: Final = "127.0.0.1"
TOKEN_FILE: Final = ".demo-token"  # noqa: S105 - the file's name, not what is in it
_REAL: Final = frozenset({"IVR_DATABASE_URL", "IVR_LIMITS_URL"})
"""What a demo leaves alone."""


@contextmanager
def demo_at(context: Context, port: int) -> Iterator[tuple[Context, Doors]]:
    """A demo's own surroundings, for as long as it runs.

    A token that only who can read this home knows, and a place for what it counts: none of it happened.
    """
    url = f"http://{LOOPBACK}:{port}"
    _refuse_what_is_taken(context, port)
    state, token, path = mkdtemp(prefix="balielijn-"), secrets.token_hex(16), context.home.root / TOKEN_FILE
    with (
        undone(partial(shutil.rmtree, state, ignore_errors=True)),
        undone(partial(path.unlink, missing_ok=True)),
    ):
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(token, "utf-8")
        env = {name: value for name, value in context.env.items() if name not in _REAL} | {"IVR_STATE": state}
        click.echo(context.say("demo", url=url, program=sys.argv[0]))
        yield replace(context, env=env), Doors(token, lambda: [url])


def _refuse_what_is_taken(context: Context, port: int) -> None:
    """A second demo would take the first one's token away."""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((LOOPBACK, port))
        except OSError:
            raise click.UsageError(context.say("port-taken", port=port)) from None
