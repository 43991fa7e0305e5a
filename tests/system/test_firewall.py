"""The firewalls in `deploy/`, tried with packets between two networks of the kernel, made for the test."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import probe
from support.machines import DEPLOY, needed, own_network

TWO_NETWORKS = """
unshare --net sleep 60 & office=$!
trap 'kill $office' EXIT
until [ "$(readlink /proc/$office/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
ip link add line type veth peer name office netns $office
ip address add 192.0.2.5/24 dev line
ip address add 2001:db8::5/64 dev line nodad
ip link set line up
ip route add 198.51.100.0/24 dev line
echo 0 > /proc/sys/net/ipv4/icmp_ratelimit
nft -f "$1"
shift
nsenter --net=/proc/$office/ns/net sh -e -c '
    ip address add 192.0.2.10/24 dev office
    ip address add 198.51.100.7/32 dev office
    ip address add 2001:db8::10/64 dev office nodad
    ip link set office up
    exec "$@"' - "$@"
"""
"""The line's computer is 192.0.2.5. The exchange is in the office (.10), a stranger is not (198.51.100.7)."""
PRACTICE = {
    "192.0.2.10>192.0.2.5/udp:5060",
    "192.0.2.10>192.0.2.5/tcp:5060",
    "192.0.2.10>192.0.2.5/udp:10000",
    "192.0.2.10>192.0.2.5/udp:20000",
    "192.0.2.10>192.0.2.5/tcp:22",
    "2001:db8::10>2001:db8::5/tcp:22",
}
PRACTICE_DROPPED = {
    "192.0.2.10>192.0.2.5/udp:5061",
    "192.0.2.10>192.0.2.5/udp:9999",
    "192.0.2.10>192.0.2.5/udp:20001",
    "192.0.2.10>192.0.2.5/tcp:10000",
    "192.0.2.10>192.0.2.5/tcp:80",
    "198.51.100.7>192.0.2.5/udp:5060",
    "198.51.100.7>192.0.2.5/tcp:5060",
    "198.51.100.7>192.0.2.5/udp:10000",
    "198.51.100.7>192.0.2.5/tcp:22",
    "2001:db8::10>2001:db8::5/udp:5060",
    "2001:db8::10>2001:db8::5/tcp:5060",
}
LINE = {
    "198.51.100.7>192.0.2.5/tcp:443",
    "198.51.100.7>192.0.2.5/tcp:80",
    "2001:db8::10>2001:db8::5/tcp:443",
    "2001:db8::10>2001:db8::5/tcp:22",
    "192.0.2.10>192.0.2.5/tcp:22",
}
LINE_DROPPED = {
    "198.51.100.7>192.0.2.5/tcp:22",
    "198.51.100.7>192.0.2.5/tcp:8000",
    "198.51.100.7>192.0.2.5/udp:443",
    "192.0.2.10>192.0.2.5/tcp:8000",
    "192.0.2.10>192.0.2.5/tcp:8001",
    "192.0.2.10>192.0.2.5/tcp:5432",
    "192.0.2.10>192.0.2.5/udp:5060",
    "2001:db8::10>2001:db8::5/tcp:8000",
}


def let_through(rules, probes):
    """Those of the probes that the rules (a file) let through to the line's computer."""
    command = [*own_network(), needed("bash", "bash"), "-e", "-c", TWO_NETWORKS, "-", str(rules)]
    done = subprocess.run(  # noqa: S603
        [*command, sys.executable, str(Path(probe.__file__)), *sorted(probes)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "passing", "dropped"),
    [("nftables.conf", PRACTICE, PRACTICE_DROPPED), ("nftables-line.conf", LINE, LINE_DROPPED)],
)
def test_a_firewall_lets_what_is_wanted_through_and_nothing_else(file, passing, dropped, tmp_path):
    needed("nft", "nftables")
    needed("ip", "iproute2")
    nothing = tmp_path / "none.conf"
    nothing.write_text("", "utf-8")
    assert let_through(nothing, passing | dropped) == passing | dropped
    assert let_through(DEPLOY / file, passing | dropped) == passing
