"""Which packets a firewall lets through: `probe.py 192.0.2.10>192.0.2.5/udp:5060 …` says those that arrive.

Nobody listens at the address: its kernel refuses what arrives, and says nothing to what was dropped.
"""

import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

PATIENCE = 2
"""Seconds to wait for a refusal."""


def reaches(probe: str) -> bool:
    source, address, transport, port = re.fullmatch(r"(.+)>(.+)/(tcp|udp):(\d+)", probe).groups()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family, kind) as sender:
        sender.settimeout(PATIENCE)
        sender.bind((source, 0))
        try:
            sender.connect((address, int(port)))
            sender.send(b"?")
            sender.recv(1)
        except ConnectionRefusedError:
            return True
        except TimeoutError:
            return False
    raise AssertionError(f"{probe} was answered")


if __name__ == "__main__":
    probes = sys.argv[1:]
    with ThreadPoolExecutor(len(probes)) as senders:
        for probe, through in zip(probes, senders.map(reaches, probes), strict=True):
            if through:
                sys.stdout.write(f"{probe}\n")
