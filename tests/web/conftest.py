"""A console and its coordinator, for the tests that need no other ones. Its line does not answer."""

import pytest
from support.console import make_console
from support.machines import free_port


@pytest.fixture
def console(home, tmp_path_factory):
    nobody = f"http://127.0.0.1:{free_port()}"
    return make_console(home, tmp_path_factory.mktemp("state"), line_url=nobody)


@pytest.fixture
def anna(console):
    return console.signed_in(console.account("Anna", municipalities=["voorbeeldstad"]))
