"""All that the examinations look at, passed in."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from twilio.rest import Client

from ivr.account.owned import owned
from ivr.account.plan import Owned
from ivr.model.findings import Finding
from ivr.model.line import Line
from ivr.model.municipality import Municipality


@dataclass(frozen=True)
class Surroundings:
    """The line, the house that it stands in, and the way to the account."""

    line: Line
    findings: tuple[Finding, ...]
    """Of the reading that gave the line."""
    audio: Path
    folders: tuple[Path, ...]
    """Those in which there must be room to write."""
    public_url: str
    """Without a slash behind it; empty where nobody set one."""
    token: str
    """Signs webhooks; empty where nobody set one."""
    account: Client | None
    """None where none is configured."""
    now: Callable[[], datetime]
    patience: float
    """Seconds in which the public address must answer."""
    tls: ssl.SSLContext
    """Whose certificates are trusted."""
    fault: Callable[[bytes, str], str]
    """Document and content type → why Twilio would refuse it; empty where it would not."""
    database: Callable[[], None]
    """Raises where the database is not reached."""
    free: Callable[[Path], int]
    """Bytes that can still be written in a folder."""

    @property
    def real(self) -> Iterator[Municipality]:
        """The municipalities that somebody calls: all but the examples."""
        return (each for each in self.line.municipalities.values() if not each.example)

    @cached_property
    def opened(self) -> Client:
        """The account, where one is configured."""
        if self.account is None:
            raise LookupError("no account")
        return self.account

    @cached_property
    def owned(self) -> list[Owned]:
        """Numbers and SIP domains of the account, asked for once."""
        return owned(self.opened)
