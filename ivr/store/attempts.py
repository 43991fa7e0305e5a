"""Failed attempts to sign in, per account and per IP address. After a few, the next one has to wait."""

import hmac
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from typing import Final

from sqlalchemy import Engine, delete, select

from ivr.store.tables import ATTEMPTS, insert

FREE: Final = {"account": 5, "address": 20}
"""Failures without a delay. Behind one address there may be a whole office."""
FIRST: Final = 60
"""Seconds of the first delay. Each further failure doubles it …"""
LONGEST: Final = 900
"""… up to this. A longer one would let anybody lock a coordinator out."""
KEPT: Final = 24 * 3600
"""Seconds after the last failure, after which it is forgotten."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """All methods raise what the database raises."""

    engine: Engine
    now: Callable[[], float]
    """Returns seconds since 1970."""
    secret: bytes
    """Key of the hashes, so that the table alone tells no address."""

    def wait(self, account: str, address: str) -> float:
        """Return the seconds after which the next attempt is allowed; 0 where it is allowed now.

        `account`: what was typed as the mail address, whether it exists or not. `address`: the IP address.
        """
        kinds = {self._hash(kind, text): kind for kind, text in _keys(account, address)}
        with self.engine.connect() as connection:
            rows = connection.execute(select(ATTEMPTS).where(ATTEMPTS.c.hash.in_(kinds))).all()
        return max((self._wait(kinds[row.hash], row.failures, row.last) for row in rows), default=0)

    def fail(self, account: str, address: str) -> None:
        """Record a failed attempt."""
        now = int(self.now())
        with self.engine.begin() as connection:
            connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.last < now - KEPT))
            for kind, text in _keys(account, address):
                row = insert(connection, ATTEMPTS).values(hash=self._hash(kind, text), failures=1, last=now)
                more = {"failures": ATTEMPTS.c.failures + 1, "last": now}
                connection.execute(row.on_conflict_do_update(index_elements=["hash"], set_=more))

    def forget(self, account: str) -> None:
        """Forget the failures of an account, because its owner has signed in. Those of an address stay."""
        with self.engine.begin() as connection:
            mine = ATTEMPTS.c.hash == self._hash("account", account)
            connection.execute(delete(ATTEMPTS).where(mine))

    def _wait(self, kind: str, failures: int, last: int) -> float:
        over = failures - FREE[kind]
        if over < 0:
            return 0
        pause = min(FIRST * 2 ** min(over, 10), LONGEST)
        return max(last + float(pause) - self.now(), 0)

    def _hash(self, kind: str, text: str) -> str:
        return hmac.digest(self.secret, f"{kind} {text}".encode(errors="replace"), "sha256").hex()


def _keys(account: str, address: str) -> Iterable[tuple[str, str]]:
    return (("account", account.strip().lower()), ("address", _network(address)))


def _network(address: str) -> str:
    """Return what the addresses of one place have in common: of IPv6 the first 64 bits (RFC 4291, 2.5.4)."""
    with suppress(ValueError):
        found = IPv6Address(address)
        return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))
    return address
