"""Settings outside the configuration: the environment, and the file `.env` in the home.

| name | meaning |
|---|---|
| TWILIO_ACCOUNT_SID | the account, `AC…` |
| TWILIO_AUTH_TOKEN | signs the webhooks; also the credential of the REST API where no API key is set |
| TWILIO_API_KEY, TWILIO_API_SECRET | credentials of the REST API, instead of the token |
| TWILIO_REGION, TWILIO_EDGE | such as `ie1` and `dublin`: Twilio's processing region and point of access |
| IVR_HOME | the home, instead of `--home`; not read from `.env`, which is in the home |
| IVR_LANGUAGE | `nl` or `en`: language of findings and answers, instead of `--language` |
| IVR_ENV_FILE | another file instead of `.env` in the home; not read from there |
| IVR_PUBLIC_URL | the line's public URL, instead of `public_url` in the configuration |
| IVR_DATABASE_URL | the database; by default SQLite in IVR_STATE |
| IVR_STATE | folder of data that must survive a restart; by default `state` in the home |
| IVR_LIMITS_URL | storage of the request counters: `memory://`, `redis://…` |
| IVR_PROXIES | number of reverse proxies before the server; by default 1 |
| IVR_CONSOLE_URL | the console's public URL: https, or on loopback |
| IVR_SEAL_KEYS | file with the keys that seal secrets in the console's tables, one a line, the newest first |
| IVR_CONTACT | where holes and barriers in the console can be reported: `mailto:…` or `https:…` |
| IVR_OIDC_ISSUER | a provider of OpenID Connect with which people sign in to the console |
| IVR_OIDC_CLIENT_ID | what the provider calls the console |
| IVR_OIDC_KEY | file with the console's private key (PEM), and its certificate where the provider wants it |
| IVR_OIDC_NAME | what the button says; by default the provider's host |
| IVR_LINE_URL | where the console asks the line's /health; by default http://127.0.0.1:8000 |
| IVR_MAIL | the mail server: `smtps://user:password@host:port`, `smtp+starttls://…` or `smtp://…` |
| IVR_MAIL_FROM | the mail address that mails come from; by default the user in IVR_MAIL |
| IVR_MAIL_OPERATOR | the mail address of who runs the line, or several with commas between |
| IVR_PIPER | the program piper, where it is not beside the Python that runs `ivr` |
| IVR_SIP_PASSWORD | the password of the account at `register` in config/telephone.yaml |
| IVR_TWILIO_API, IVR_GTTS_URL | other URLs of these services, for tests against a stand-in |
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

FILE: Final = ".env"
_URLS: Final = frozenset({"IVR_TWILIO_API", "IVR_GTTS_URL"})
_OTHERS: Final = 0o077
"""Permission bits of everybody but the file's owner."""


class OpenToOthers(Exception):
    """Others than its owner have permissions on the `.env` file, which holds secrets."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class InvalidUrl(Exception):
    """A setting that must be a URL is none. The text is the name of the setting."""


def read_environment(home: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment, completed from the home's `.env`. An empty value counts as not set.

    Raises OpenToOthers, PermissionError and InvalidUrl. An invalid URL is an error, so that requests for
    a stand-in never go to Twilio.
    """
    own = {name: value for name, value in environ.items() if value}
    path = Path(own.get("IVR_ENV_FILE") or home / FILE)
    file = _file(path) if path.is_file() else {}
    env = {**file, **own}
    for name in _URLS & env.keys():
        if not re.match(r"https?://[^/\s]", env[name]):
            raise InvalidUrl(name)
    return env


def _file(path: Path) -> dict[str, str]:
    if path.stat().st_mode & _OTHERS:
        raise OpenToOthers(path)
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}
