"""Whose packets reach the SIP port at all: a filter in the kernel (classic BPF), attached to the sockets.

Packets of others are dropped before any code of this process reads them. Who sends them gets no answer, and a
flood of them costs next to nothing. Only Linux has it (socket(7)). On a UDP socket it needs no rights. On a
TCP socket it needs CAP_NET_ADMIN where Linux has the commit 5d39580f68e6 of 2026, as 6.18.44 has.
"""

import ctypes
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Final, Literal

Transport = Literal["udp", "tcp"]
_SO_ATTACH_FILTER: Final = 26
_SOURCE: Final = 0xFFF00000 + 12
"""Offset of the source address in the IPv4 header (SKF_NET_OFF of linux/filter.h)."""
_LOAD_WORD, _AND, _JUMP_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_WHOLE: Final = 0xFFFFFFFF
"""How much of an accepted packet is kept."""


def instructions(networks: Sequence[IPv4Network]) -> list[tuple[int, int, int, int]]:
    """Return the program that accepts packets from `networks` and drops all others.

    An instruction is (code, jump if true, jump if false, operand), as `struct sock_filter` of linux/filter.h.
    """
    program = []
    for network in networks:
        program += [
            (_LOAD_WORD, 0, 0, _SOURCE),
            (_AND, 0, 0, int(network.netmask)),
            (_JUMP_EQUAL, 0, 1, int(network.network_address)),
            (_RETURN, 0, 0, _WHOLE),
        ]
    return [*program, (_RETURN, 0, 0, 0)]


def attach(host: IPv4Address, port: int, networks: Sequence[IPv4Network]) -> int:
    """Attach the filter to each socket of this process at `host` and `port`; return how many there are.

    Raises OSError where the kernel refuses.
    """
    count = 0
    for each in sockets():
        with each:
            if each.family == socket.AF_INET and each.getsockname() == (str(host), port):
                _attach(each, networks)
                count += 1
    return count


def transports() -> tuple[Transport, ...]:
    """Return the transports of SIP that this process may filter: "udp", and "tcp" where it has the right."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        try:
            _attach(tried, ())
        except PermissionError:
            return ("udp",)
    return "udp", "tcp"


def _attach(to: socket.socket, networks: Sequence[IPv4Network]) -> None:
    program = b"".join(struct.pack("HBBI", *each) for each in instructions(networks))
    buffer = ctypes.create_string_buffer(program)
    wanted = struct.pack("HL", len(program) // 8, ctypes.addressof(buffer))
    to.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, wanted)


def sockets() -> Iterator[socket.socket]:
    """Yield a duplicate of each socket that this process has open; a filter holds for the original too."""
    for link in Path("/proc/self/fd").iterdir():
        try:
            if link.readlink().as_posix().startswith("socket:"):
                yield socket.socket(fileno=os.dup(int(link.name)))
        except OSError:  # closed meanwhile
            continue
