"""What the commands that serve have in common: the socket, and the proxies before it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EADDRINUSE
from socket import socket

import click

from ivr.cli.common import Context
from ivr.serving.serve import bind_socket, inherited_socket


@contextmanager
def listening_on(context: Context, host: str, port: int, fd: int | None = None) -> Iterator[socket]:
    """Bind the socket and close it at the end. Raises click.UsageError if the address is not available."""
    try:
        listening = inherited_socket(fd, os.environ) or bind_socket(host, port)
    except OSError as error:
        name = "port-taken" if error.errno == EADDRINUSE else "cannot-listen"
        message = context.say(name, host=host, port=port, why=error.strerror or "")
        raise click.UsageError(message) from None
    with listening:
        yield listening


def proxies(context: Context) -> int:
    """Return the number of reverse proxies before the server. Raises click.UsageError."""
    text = context.env.get("IVR_PROXIES", "1")
    if not re.fullmatch(r"\d", text, re.ASCII):
        raise click.UsageError(context.say("proxies-unreadable", text=text))
    return int(text)
