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

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

FILE: Final = ".env"
_OTHERS: Final = 0o077
"""Permissions of anybody but the file's owner."""


class OpenToOthers(Exception):
    """Somebody else than its owner may read the file with the secrets."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


def read_environment(home: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Read the environment over the home's `.env`, if there is one. Raises OpenToOthers, PermissionError.

    What is set to nothing is not set.
    """
    path, own = home / FILE, {name: value for name, value in environ.items() if value}
    if not path.is_file():
        return own
    if path.stat().st_mode & _OTHERS:
        raise OpenToOthers(path)
    kept = {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}
    return {**kept, **own}
