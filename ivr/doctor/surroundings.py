"""Everything that the examinations look at."""

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
    """The line, its installation, and access to the account; tests replace each part."""

    line: Line
    findings: tuple[Finding, ...]
    """Of the reading that gave the line."""
    audio: Path
    """The folder of the speech files."""
    folders: tuple[Path, ...]
    """Folders that the line writes to; their disks need free space."""
    public_url: str
    """Without a slash at its end; empty where none is set."""
    token: str
    """The auth token, which signs webhooks; empty where none is set."""
    account: Client | None
    """The client of the account; None where no account is configured."""
    now: Callable[[], datetime]
    """The current time, with a time zone."""
    timeout: float
    """Seconds to wait for the public URL."""
    tls: ssl.SSLContext
    """Verifies the certificate of the public URL with trusted certificate authorities."""
    fault: Callable[[bytes, str], str]
    """Document and content type → why Twilio would refuse the document; empty where it would not."""
    database: Callable[[], None]
    """Connects to the database. Raises any exception where that fails."""
    free: Callable[[Path], int]
    """Folder → free bytes on its disk."""

    @property
    def municipalities(self) -> Iterator[Municipality]:
        """All municipalities but the examples, which nobody calls."""
        return (each for each in self.line.municipalities.values() if not each.example)

    @cached_property
    def client(self) -> Client:
        """The client of the account. Raises LookupError where no account is configured."""
        if self.account is None:
            raise LookupError("no account")
        return self.account

    @cached_property
    def owned(self) -> list[Owned]:
        """Numbers and SIP domains of the account. Requested once, then cached.

        Raises `ivr.account.client.FAILURES`, or LookupError like `client`.
        """
        return owned(self.client)
