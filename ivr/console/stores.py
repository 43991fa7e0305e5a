"""The tables of the console, as its pages use them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from ivr.store.accounts import Accounts
from ivr.store.acts import Acts
from ivr.store.attempts import Attempts
from ivr.store.drafts import Drafts
from ivr.store.handshakes import Handshakes
from ivr.store.links import Links
from ivr.store.passkeys import Passkeys
from ivr.store.practice import PracticeLinks
from ivr.store.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Stores:
    accounts: Accounts
    passkeys: Passkeys
    links: Links
    sessions: Sessions
    attempts: Attempts
    handshakes: Handshakes
    acts: Acts
    drafts: Drafts
    practice: PracticeLinks


def make_stores(engine: Engine, now: Callable[[], float], secret: bytes) -> Stores:
    """`now`: returns seconds since 1970. `secret`: key of the hashes of addresses."""
    return Stores(
        Accounts(engine),
        Passkeys(engine),
        Links(engine, now),
        Sessions(engine, now),
        Attempts(engine, now, secret),
        Handshakes(engine, now),
        Acts(engine, now),
        Drafts(engine, now),
        PracticeLinks(engine),
    )
