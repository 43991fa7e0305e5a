"""What the console has of the outside world. All of it is passed in by `ivr.cli.console` or by a test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from argon2 import PasswordHasher
from sqlalchemy import Engine

from ivr.config.home import Home
from ivr.config.live import Clock
from ivr.console.oidc import Provider
from ivr.model.line import Line
from ivr.serving.asgi import Application
from ivr.speech.clips import Clips
from ivr.store.sealing import Seal


class MakeLine(Protocol):
    """Makes the line's web application for trying calls: it counts nothing, and rings nobody."""

    def __call__(self, line: Line, clips: Clips, clock: Clock, token: str, url: str) -> Application:
        """`token`: signs the requests. `url`: the public URL for which they are signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    home: Home
    clock: Clock
    engine: Engine
    """The database with accounts, links, sessions, acts and drafts, and the line's counts."""
    state: Path
    """Folder of data that must survive a restart."""
    url: str
    """The console's public URL without a path: scheme, host and perhaps port."""
    secret: bytes
    """Signs the session cookies. All workers have the same."""
    make_line: MakeLine
    line_url: str = "http://127.0.0.1:8000"
    """Where the line's /health is asked which version is in use."""
    env: Mapping[str, str] = field(default_factory=dict)
    public: bool = True
    """Whether an example municipality is an error, as it is for `ivr serve`."""
    erases: bool = False
    """Whether the line erases the records of anonymous calls at Twilio."""
    demo: bool = False
    """On loopback, for who tries it out: everybody is signed in as the manager "Demo"."""
    provider: Provider | None = None
    """With which people can sign in besides a password."""
    seal: Seal = field(default_factory=Seal)
    """Seals the secrets of authenticator apps."""
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    """Its parameters are those of RFC 9106 for little memory; tests take smaller ones."""
    contact: str = ""
    """Where a hole or a barrier can be reported: https: or mailto:. Empty if nobody said."""
    proxies: int = 0
    """Number of reverse proxies before the console that add to X-Forwarded-For and -Proto."""

    @property
    def secure(self) -> bool:
        """Whether browsers reach the console by https, so that cookies can have the prefix __Host-."""
        return self.url.startswith("https://")
