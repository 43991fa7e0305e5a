"""`ivr console` before it serves: what it refuses."""

import pytest
from cryptography.fernet import Fernet
from support.homes import typed

from ivr.cli.console import _secret

CONSOLE = "https://console.example"


def key_file(tmp_path, text, mode=0o600):
    file = tmp_path / "seal.keys"
    file.write_text(text, "ascii")
    file.chmod(mode)
    return file


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


def test_the_console_does_not_start_without_a_key_for_its_secrets_and_says_how_to_make_one(home):
    done = typed("--home", home.root, "console", env={"IVR_CONSOLE_URL": CONSOLE, "IVR_SEAL_KEYS": None})
    assert done.exit_code == 2
    assert "IVR_SEAL_KEYS ontbreekt" in done.output
    assert "openssl rand -base64 32" in done.output


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        ("", 0o600, "er staat geen sleutel in"),
        ("geheim", 0o600, "er staat geen sleutel in"),
        (Fernet.generate_key().decode(), 0o640, "chmod 600"),
    ],
    ids=["empty", "no key", "open to others"],
)
def test_a_file_of_keys_that_cannot_be_used_is_told_and_not_quoted(home, tmp_path, text, mode, told):
    env = {"IVR_CONSOLE_URL": CONSOLE, "IVR_SEAL_KEYS": str(key_file(tmp_path, text, mode))}
    done = typed("--home", home.root, "console", env=env)
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())
    assert not text or text not in done.output
