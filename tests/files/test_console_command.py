"""`ivr console` before it serves: what it refuses."""

import pytest
from support.homes import typed

from ivr.cli.console import _secret


@pytest.mark.parametrize(
    "url",
    [
        "http://console.example",
        "console.example",
        "https://console.example/pad",
        "https://",
        "ftp://x.example",
    ],
)
def test_the_console_starts_only_with_an_address_that_is_https_or_this_computer(home, monkeypatch, url):
    monkeypatch.setenv("IVR_CONSOLE_URL", url)
    done = typed("--home", home.root, "console")
    assert done.exit_code == 2
    assert "geen adres voor de console" in done.output


def test_the_console_does_not_start_without_an_address(home, monkeypatch):
    monkeypatch.delenv("IVR_CONSOLE_URL", raising=False)
    done = typed("--home", home.root, "console")
    assert done.exit_code == 2
    assert "IVR_CONSOLE_URL ontbreekt" in done.output


def test_the_secret_of_the_sessions_stays_the_same_and_is_for_its_owner_alone(tmp_path):
    first = _secret(tmp_path / "key")
    assert _secret(tmp_path / "key") == first
    assert len(first) == 32
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
