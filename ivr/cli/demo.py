"""What `ivr serve --demo` has of its own."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Final

import click

from ivr.cli.common import Context

LOOPBACK: Final = "127.0.0.1"
TOKEN_FILE: Final = ".demo-token"  # noqa: S105 - the file's name, not what is in it
_REAL: Final = frozenset({"IVR_DATABASE_URL", "IVR_LIMITS_URL"})
"""What a demo leaves alone."""


@contextmanager
def demo_at(context: Context, port: int) -> Iterator[tuple[Context, str, str]]:
    """Give a demo's own surroundings for as long as it runs: its context, token and address.

    The token is one that only who can read this home knows. What it counts has a place of its own: none of it
    happened.
    """
    url = f"http://{LOOPBACK}:{port}"
    token, path = secrets.token_hex(16), context.home.root / TOKEN_FILE
    with TemporaryDirectory(prefix="balielijn-", ignore_cleanup_errors=True) as state:
        env = {name: value for name, value in context.env.items() if name not in _REAL} | {"IVR_STATE": state}
        path.unlink(missing_ok=True)
        try:
            path.touch(mode=0o600)
            path.write_text(token, "utf-8")
            click.echo(context.say("demo", url=url, program=sys.argv[0]))
            yield replace(context, env=env), token, url
        finally:
            path.unlink(missing_ok=True)
