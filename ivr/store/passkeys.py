"""The passkeys of accounts (https://www.w3.org/TR/webauthn-3/)."""

from dataclasses import dataclass

from sqlalchemy import Engine, delete, select, update

from ivr.store.tables import PASSKEYS, insert


@dataclass(frozen=True, slots=True)
class Passkey:
    credential: str
    """The credential's id in base64url."""
    account: int
    public_key: bytes
    used: int
    """The authenticator's signature counter; 0 where it does not count."""
    name: str
    """Given by its owner."""
    made: int


@dataclass(frozen=True, slots=True)
class Passkeys:
    """All methods raise what the database raises."""

    engine: Engine

    def add(self, passkey: Passkey) -> bool:
        """Add a passkey. Returns False if there is one with this id already, of anybody."""
        values = {name: getattr(passkey, name) for name in PASSKEYS.columns.keys()}  # noqa: SIM118 - a collection of columns
        with self.engine.begin() as connection:
            row = insert(connection, PASSKEYS).values(**values)
            # Not by rowcount: psycopg does not tell it of an INSERT.
            new = row.on_conflict_do_nothing().returning(PASSKEYS.c.credential)
            return connection.scalar(new) is not None

    def of(self, account: int) -> list[Passkey]:
        """Return the passkeys of an account, the oldest first."""
        found = select(PASSKEYS).where(PASSKEYS.c.account == account).order_by(PASSKEYS.c.made)
        with self.engine.connect() as connection:
            return [Passkey(**row._mapping) for row in connection.execute(found)]  # noqa: SLF001 - SQLAlchemy's public name

    def use(self, credential: str, used: int) -> None:
        """Record the signature counter of a passkey that was just used."""
        mine = PASSKEYS.c.credential == credential
        with self.engine.begin() as connection:
            connection.execute(update(PASSKEYS).where(mine).values(used=used))

    def remove(self, account: int, credential: str) -> bool:
        """Remove a passkey of an account. Returns whether it was there."""
        mine = (PASSKEYS.c.account == account) & (PASSKEYS.c.credential == credential)
        with self.engine.begin() as connection:
            return bool(connection.execute(delete(PASSKEYS).where(mine)).rowcount)
