"""From which address an INVITE truly came. What it says of its sender, the sender wrote himself.

The library tells the address in its trace of SIP messages alone, in another thread than that of the call. An
INVITE is found there by its Call-ID and its topmost Via, whose branch no other one has (RFC 3261, 8.1.1.7).
The branch is sent to this line alone. So nobody else can send an INVITE that is found at the same address.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Final, Self

HEADERS: Final = ("To", "t", "Via", "v")
"""The headers of an INVITE that are read, each with its compact form."""
_NOTED: Final = 1024
"""INVITEs that nobody asked about, at most. The library refuses some by itself, and may get one twice."""
_FRESH: Final = 5.0
"""Seconds that one is known."""
_ASKED: Final = 16
"""Calls that wait for their address, at most. The trace does not show INVITEs above 8 kB (TCP): with many of
them the oldest is refused at once, so that they keep no place from others."""
_PATIENCE: Final = 1.0
"""Seconds that one waits."""
_RECEIVED: Final = re.compile(r"RX \w+ ([\d.]+):\d+ -> \S+\nINVITE ")
_CALL_ID: Final = re.compile(r"^(?:Call-ID|i)[ \t]*:((?:[^\r\n]|\r*\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_VIA: Final = re.compile(r"^(?:Via|v)[ \t]*:((?:[^\r\n]|\r*\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invite:
    """What tells one INVITE from all others."""

    call_id: str
    via: str
    """The topmost one, without white space."""

    @classmethod
    def of(cls, call_id: str, via: str) -> Self:
        """Return it for these values. One header may hold several Vias."""
        return cls("".join(call_id.split()), "".join(via.partition(",")[0].split()))


def header(headers: Mapping[str, str], *names: str) -> str:
    """Return the value of the header that has one of these names, in whatever case; empty where none has."""
    wanted = {name.lower() for name in names}
    return next((value for name, value in headers.items() if name.lower() in wanted), "")


def invite_in(record: str) -> tuple[Invite, IPv4Address] | None:
    """Return which INVITE a record of the trace shows, and from where it came; None where it shows none.

    A record: `RX UDP 192.0.2.10:5060 -> 192.0.2.5:5060`, and from the next line on the message. None, too,
    where the answers are to go elsewhere (`maddr`): only who gets them can send the ACK.
    """
    received = _RECEIVED.match(record)
    if not received:
        return None
    head = record.partition("\r\n\r\n")[0]
    call_id, via = _CALL_ID.findall(head), _VIA.search(head)
    with suppress(AddressValueError):
        if len(call_id) == 1 and via and "maddr" not in via.group(1).lower():
            return Invite.of(call_id[0], via.group(1)), IPv4Address(received.group(1))
    return None


class Sources(logging.Handler):
    """Reads the trace, and answers from where an INVITE came. All but `emit` runs in the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(logging.DEBUG)
        self._loop = loop
        self._noted: dict[Invite, tuple[IPv4Address | None, float]] = {}
        self._asked: dict[Invite, Callable[[IPv4Address | None], None]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record of the trace, in whatever thread. It is written nowhere."""
        if received := invite_in(record.getMessage()):
            self._loop.call_soon_threadsafe(self.note, *received)

    def note(self, invite: Invite, host: IPv4Address) -> None:
        """Take that an INVITE came from a host."""
        if answer := self._asked.pop(invite, None):
            answer(host)
            return
        known = self._known(invite, host)
        self._noted[invite] = (host if known == host else None), self._loop.time()
        if len(self._noted) > _NOTED:
            del self._noted[next(iter(self._noted))]

    def ask(self, invite: Invite, answer: Callable[[IPv4Address | None], None]) -> None:
        """Let `answer` be called once with the host from which an INVITE came, now or within _PATIENCE.

        With None where that is not known, or where two hosts sent the same INVITE.
        """
        if invite in self._noted:
            answer(self._known(invite, None))
            del self._noted[invite]
            return
        if earlier := self._asked.pop(invite, None):
            earlier(None)
        self._asked[invite] = answer
        self._loop.call_later(_PATIENCE, self._give_up, invite, answer)
        if len(self._asked) > _ASKED:
            self._asked.pop(next(iter(self._asked)))(None)

    def _known(self, invite: Invite, otherwise: IPv4Address | None) -> IPv4Address | None:
        """Return from where an INVITE came that was noted a moment ago; `otherwise` where none was."""
        host, at = self._noted.get(invite, (otherwise, self._loop.time()))
        return host if self._loop.time() - at < _FRESH else otherwise

    def _give_up(self, invite: Invite, answer: Callable[[IPv4Address | None], None]) -> None:
        if self._asked.get(invite) is answer:
            del self._asked[invite]
            _log.warning("a call is refused: the SIP library did not tell where it came from")
            answer(None)
