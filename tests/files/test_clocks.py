"""Tests get their moment from outside: they hold at any hour of any day."""

import ast

import pytest
from support.homes import HERE

CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
ALLOWED = {
    "test_backup.py": "the database itself knows the running month by its own clock",
    "test_doctor.py": "OpenSSL judges certificates by the real clock",
    "test_going_live.py": "the README's commands are really run, and the doctor looks at `confirmed`",
    "test_operation.py": "file times, and a time that a running line tells of itself",
    "test_privacy.py": "file times",
    "test_account.py": "the stand-in's clock is ahead of the real one",
    "twilio_stand_in.py": "its clock is ahead of the real one",
    "oidc_provider.py": "Authlib judges tokens by the real clock",
    "test_console_browser.py": "the console that the browser asks runs by the real clock",
    "test_console_stories.py": "the line that is called and the console run by the real clock",
    "test_console_oidc.py": "Authlib judges tokens by the real clock",
    "test_console_store.py": "the database's triggers go by its own clock",
}
"""File → why it looks at the real clock."""


def asks_the_clock(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    )


@pytest.mark.parametrize("file", sorted(HERE.glob("**/*.py")), ids=lambda file: file.name)
def test_no_test_looks_at_the_real_clock_unless_it_is_said_why(file):
    found = any(asks_the_clock(node) for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    assert found == (file.name in ALLOWED)


def test_every_command_that_a_test_types_has_the_tests_moment():
    """Or it would go by the real clock: `typed` hands one in."""
    calls = [
        (file.name, keyword.arg)
        for file in HERE.glob("**/test_*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "invoke"
        for keyword in node.keywords or [ast.keyword(None, node)]
    ]
    assert {file for file, _ in calls} <= {"test_doctor.py"}
