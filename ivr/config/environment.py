"""What an operator sets outside the configuration: the environment, and a `.env` in the home.

| name | what |
|---|---|
| TWILIO_ACCOUNT_SID | the account, `AC…` |
| TWILIO_AUTH_TOKEN | signs the webhooks; opens the account too, where there is no API key |
| TWILIO_API_KEY, TWILIO_API_SECRET | open the account instead of the token |
| TWILIO_REGION, TWILIO_EDGE | `ie1`, `dublin`: where in the world Twilio keeps and takes things |
| IVR_HOME | the home, instead of `--home`; not from `.env`, which is in it |
| IVR_LANGUAGE | `nl` or `en`: language of findings and answers, instead of `--language` |
| IVR_PUBLIC_URL | the line's public address, instead of `public_url` |
| IVR_DATABASE_URL | the store; by default SQLite in IVR_STATE |
| IVR_STATE | folder for what must survive a restart; by default `state` in the home |
| IVR_LIMITS_URL | where limits are counted: `memory://`, `redis://…` |
| IVR_PROXIES | how many proxies stand in front; by default 1 |
| IVR_TWILIO_API, IVR_GTTS_URL | another address for those services, to try against a stand-in |
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

FILE: Final = ".env"
_ADDRESSES: Final = frozenset({"IVR_TWILIO_API", "IVR_GTTS_URL"})
_OTHERS: Final = 0o077
"""Permissions of anybody but the file's owner."""


class OpenToOthers(Exception):
    """Somebody else than its owner may read the file with the secrets."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class NoAddress(Exception):
    """A setting that must be an address is none; its name is the text."""


def read_environment(home: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Read the environment over the home's `.env`, if there is one. What is set to nothing is not set.

    Raises OpenToOthers, PermissionError, and NoAddress: what was meant for a stand-in must not reach Twilio.
    """
    path, own = home / FILE, {name: value for name, value in environ.items() if value}
    kept = _kept(path) if path.is_file() else {}
    env = {**kept, **own}
    for name in _ADDRESSES & env.keys():
        if not re.match(r"https?://[^/\s]", env[name]):
            raise NoAddress(name)
    return env


def _kept(path: Path) -> dict[str, str]:
    if path.stat().st_mode & _OTHERS:
        raise OpenToOthers(path)
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}
