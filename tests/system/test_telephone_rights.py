"""`ivr telephone` without any right beyond those of its user, as its unit starts it."""

import os
import socket
import sys

import pytest
from support.homes import make_timeless
from support.machines import Program, free_port, needed

from ivr.model.files import TELEPHONE

pytestmark = pytest.mark.slow


def without_rights():
    """How a command starts that has no capability, also where the tests run as root."""
    return [needed("setpriv", "util-linux"), "--bounding-set=-all"] if os.geteuid() == 0 else []


def test_without_rights_the_line_takes_calls_and_opens_nothing_to_strangers(folder, phone):
    """A kernel that lets it filter UDP alone leaves it UDP alone."""
    home, port = folder / "home", free_port()
    make_timeless(home)
    (home / TELEPHONE).write_text(
        f"listen: 127.0.0.1:{port}\npeers: [{{address: 127.0.0.1, as: 020-000 01 99}}]\n", "utf-8"
    )
    command = [*without_rights(), sys.executable, "-m", "ivr", "--home", str(home), "telephone"]
    desk = phone()
    line = Program(command, folder / "log", lambda: f"@127.0.0.1:{port}" in line_said(folder))
    try:
        desk.dial(f"sip:voorbeeldstad@127.0.0.1:{port}")
        desk.until("CALL_ESTABLISHED")
        with pytest.raises(OSError, match=r"refused|timed out"):
            socket.create_connection(("127.0.0.1", port), 1, source_address=("127.0.0.9", 0))
    finally:
        line.kill()


def line_said(folder):
    return (folder / "log").read_text("utf-8")
