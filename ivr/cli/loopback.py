"""The settings of a demo: everything on loopback, with a token and a state folder of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Final

from ivr.cli.common import Context

LOOPBACK: Final = "127.0.0.1"
TOKEN_FILE: Final = ".demo-token"  # noqa: S105 - the file's name, not what is in it
_REAL: Final = frozenset({"IVR_DATABASE_URL", "IVR_LIMITS_URL"})
"""Settings that a demo ignores, so that it never writes to a real database."""


@contextmanager
def demo_at(context: Context, port: int) -> Iterator[tuple[Context, str, str]]:
    """Yield context, auth token and URL of a demo of the line, while it runs.

    The token is random, in a file that only the owner of the home can read.
    """
    token, path = secrets.token_hex(16), context.home.root / TOKEN_FILE
    with state_of_demo(context) as own:
        path.unlink(missing_ok=True)
        try:
            path.touch(mode=0o600)
            path.write_text(token, "utf-8")
            yield own, token, f"http://{LOOPBACK}:{port}"
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def state_of_demo(context: Context) -> Iterator[Context]:
    """Yield the context of a demo, while it runs.

    Its state folder is temporary, because the calls of a demo must not appear in the counts.
    """
    with TemporaryDirectory(prefix="balielijn-", ignore_cleanup_errors=True) as state:
        env = {name: value for name, value in context.env.items() if name not in _REAL} | {"IVR_STATE": state}
        yield replace(context, env=env)
