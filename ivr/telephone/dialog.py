"""What this package asks of a SIP stack: dialogs, what happens in them, and their sound.

`stack.py` does it with a library. Whatever does the same can stand in its place. Everything here runs in the
thread of one event loop.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answered:
    """The telephone picked up, and sound can go both ways."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key was pressed on the telephone (RFC 4733, or SIP INFO)."""

    key: str
    """One of `0123456789*#ABCD`."""


@dataclass(frozen=True, slots=True)
class Held:
    """The telephone put the call on hold, or took it back (`on` is False)."""

    on: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The dialog is over, whoever ended it. Nothing follows."""

    status: int | None
    """SIP status code of an INVITE that was refused; None where there is none."""


DialogEvent = Answered | KeyPressed | Held | Ended


class Dialog(Protocol):
    """One leg of a call, as the stack has it. Sound is 8 kHz mono 16 bit, without a header."""

    def listen(self, listener: Callable[[DialogEvent], None]) -> None:
        """Report what happens from now on. What happened before is reported at once."""

    async def answer(self) -> None:
        """Pick up a call that comes in. Nothing is raised where it has ended."""

    async def end(self, *, busy: bool = False) -> None:
        """Hang up, cancel (RFC 3261, 9) or refuse. Nothing is raised where it has ended.

        `busy`: a call that comes in is refused with 486 (Busy Here).
        """

    def write(self, samples: bytes) -> int:
        """Send samples after those that wait; return how many bytes were taken. The stack sets the pace."""

    def unsent(self) -> int:
        """Return how many bytes wait to be sent."""

    def flush(self) -> None:
        """Drop what waits to be sent, but for the frame that is being sent.

        It is done with the next frame. What is written before that is dropped too: write when `unsent` is 0.
        """

    def read(self) -> bytes:
        """Return what was received since the last time. Empty where no packet came."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call that comes in and is not answered yet."""

    dialog: Dialog
    from_: str
    """The caller's SIP URI, as the peer claims it."""
    to: str
    """The dialled SIP URI."""
    host: IPv4Address | None
    """From which address the INVITE came, whatever it says of its sender; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Registration:
    """An account at an office's exchange, at which the line registers (RFC 3261, 10) with digest."""

    user: str
    registrar: str
    """Host, or host:port."""
    password: str
    auth_user: str | None = None
    """Name for the digest where it is another one than `user`."""
    seconds: int = 300
    """How long a registration lasts; it is renewed before that."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a stack listens, and to whom."""

    host: IPv4Address
    port: int
    heard: Sequence[IPv4Network]
    """Whose packets reach the stack at all: peers, the registrar and far ends."""
    dialogs: int
    """Dialogs at once, beyond which the stack refuses by itself with 486."""
    registration: Registration | None = None


class Stack(Protocol):
    """A SIP stack that listens."""

    async def start(self, incoming: Callable[[Incoming], None]) -> None:
        """Listen, and register where that is wanted. Raises OSError where it cannot listen."""

    async def dial(self, uri: str, shown: str) -> Dialog:
        """Ring a SIP URI. `shown`: the caller ID. Raises OSError where no INVITE could be sent."""

    async def close(self) -> None:
        """End every dialog and stop listening."""
