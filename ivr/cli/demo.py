"""The settings of `ivr serve --demo`."""

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
"""Settings that a demo ignores, so that it never writes to a real database."""


@contextmanager
def demo_at(context: Context, port: int) -> Iterator[tuple[Context, str, str]]:
    """Yield context, auth token and URL of a demo, while it runs.

    The token is random, in a file that only the owner of the home can read. The state folder is temporary,
    because the calls of a demo must not appear in the counts.
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
