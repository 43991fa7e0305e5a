"""The accounts of the console: who may sign in, and which municipalities are whose."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from ivr.store.sealing import Seal
from ivr.store.tables import (
    ACCOUNT_MUNICIPALITIES,
    ACCOUNTS,
    LINKS,
    PASSKEYS,
    SESSIONS,
    insert,
)

OF_ACCOUNT: Final = (SESSIONS, LINKS, PASSKEYS, ACCOUNT_MUNICIPALITIES)
"""The tables with rows of an account, which go with it."""


class MailTaken(Exception):
    """Another account has this mail address."""


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    name: str
    mail: str
    manager: bool
    municipalities: frozenset[str]
    """Slugs. Empty for a manager who is no coordinator besides."""
    password: str | None
    """Its hash."""
    totp: str | None
    """The secret of an authenticator app, sealed."""
    subject: str | None
    """Of OpenID Connect; such an account has no password here."""
    signed_in: int | None
    """The last time, in seconds since 1970."""

    @property
    def has_rights(self) -> bool:
        return self.manager or bool(self.municipalities)


@dataclass(frozen=True, slots=True)
class Accounts:
    """All methods raise what the database raises."""

    engine: Engine

    def add(  # noqa: PLR0913 - the columns
        self,
        name: str,
        mail: str,
        now: float,
        *,
        manager: bool = False,
        municipalities: Collection[str] = (),
        subject: str | None = None,
    ) -> int:
        """Add an account without a password, and return its id. Raises MailTaken."""
        row = {"name": name, "mail": canonical(mail), "manager": manager, "subject": subject}
        try:
            with self.engine.begin() as connection:
                added = connection.execute(ACCOUNTS.insert().values(**row, made=int(now), totp_step=0))
                (account,) = added.inserted_primary_key or (0,)
                _set_municipalities(connection, account, municipalities)
        except IntegrityError as error:
            raise MailTaken from error
        return int(account)

    def by_id(self, account: int) -> Account | None:
        return self._one(ACCOUNTS.c.id == account)

    def by_mail(self, mail: str) -> Account | None:
        """Return the account with a password that has this mail address."""
        return self._one((ACCOUNTS.c.mail == canonical(mail)) & ACCOUNTS.c.subject.is_(None))

    def by_subject(self, subject: str) -> Account | None:
        return self._one(ACCOUNTS.c.subject == subject)

    def by_name_or_mail(self, text: str) -> list[Account]:
        """Return the accounts with this name or mail address."""
        same = (ACCOUNTS.c.mail == canonical(text)) | (func.lower(ACCOUNTS.c.name) == text.strip().lower())
        return self._found(same)

    def all(self) -> list[Account]:
        """Return all accounts, by name."""
        return sorted(self._found(ACCOUNTS.c.id.is_not(None)), key=lambda each: each.name.casefold())

    def addresses(self) -> dict[str, str]:
        """Return name → mail address of each account whose name no other account has."""
        every = self.all()
        names = Counter(each.name for each in every)
        return {each.name: each.mail for each in every if names[each.name] == 1}

    def set_rights(self, account: int, *, manager: bool, municipalities: Collection[str]) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(manager=manager))
            of_account = ACCOUNT_MUNICIPALITIES.c.account == account
            connection.execute(delete(ACCOUNT_MUNICIPALITIES).where(of_account))
            _set_municipalities(connection, account, municipalities)

    def set_password(self, account: int, password: str) -> None:
        """`password`: its hash."""
        self._set(account, password=password)

    def set_totp(self, account: int, secret: str | None) -> None:
        """`secret`: sealed; None: there is no authenticator app any more."""
        self._set(account, sealed=secret, totp=None, totp_step=0)

    def seal_all(self, seal: Seal) -> int:
        """Seal every secret with the first key. Returns of how many accounts no key opens it."""
        lost = 0
        for each in self.all():
            sealed = seal.renewed(each.totp) if each.totp else None
            lost += bool(each.totp) and sealed is None
            if sealed is not None:
                same = func.coalesce(ACCOUNTS.c.sealed, ACCOUNTS.c.totp) == each.totp
                row = update(ACCOUNTS).where((ACCOUNTS.c.id == each.id) & same)
                with self.engine.begin() as connection:
                    connection.execute(row.values(sealed=sealed, totp=None))
        return lost

    def use_totp(self, account: int, step: int) -> bool:
        """Record that the code of a half minute was used. Returns False if it, or a later one, was before."""
        unused = (ACCOUNTS.c.id == account) & (ACCOUNTS.c.totp_step < step)
        with self.engine.begin() as connection:
            return bool(connection.execute(update(ACCOUNTS).where(unused).values(totp_step=step)).rowcount)

    def set_signed_in(self, account: int, now: float) -> None:
        self._set(account, signed_in=int(now))

    def clear_factors(self, account: int) -> None:
        """Remove password, app, passkeys and sessions: nobody can sign in until a link is used."""
        row = update(ACCOUNTS).where(ACCOUNTS.c.id == account)
        with self.engine.begin() as connection:
            connection.execute(row.values(password=None, totp=None, sealed=None, totp_step=0))
            for table in (PASSKEYS, SESSIONS):
                connection.execute(delete(table).where(table.c.account == account))

    def remove(self, account: int) -> bool:
        """Remove an account with its sessions. Returns whether it was there."""
        with self.engine.begin() as connection:
            for table in OF_ACCOUNT:
                connection.execute(delete(table).where(table.c.account == account))
            return bool(connection.execute(delete(ACCOUNTS).where(ACCOUNTS.c.id == account)).rowcount)

    def _set(self, account: int, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(**values))

    def _one(self, condition: Any) -> Account | None:
        return next(iter(self._found(condition)), None)

    def _found(self, condition: Any) -> list[Account]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(ACCOUNTS).where(condition)).all()
            found = select(ACCOUNT_MUNICIPALITIES).where(
                ACCOUNT_MUNICIPALITIES.c.account.in_(row.id for row in rows)
            )
            slugs = connection.execute(found).all()  # also where there is no account: it takes as long
        return [_account(row, (each.slug for each in slugs if each.account == row.id)) for row in rows]


def canonical(mail: str) -> str:
    """Return the one spelling of a mail address by which an account is found."""
    return mail.strip().lower()


def _account(row: Any, slugs: Iterable[str]) -> Account:
    return Account(
        row.id,
        row.name,
        row.mail,
        row.manager,
        frozenset(slugs),
        row.password,
        row.sealed or row.totp,
        row.subject,
        row.signed_in,
    )


def _set_municipalities(connection: Connection, account: int, municipalities: Collection[str]) -> None:
    for slug in sorted(set(municipalities)):
        row = insert(connection, ACCOUNT_MUNICIPALITIES).values(account=account, slug=slug)
        connection.execute(row.on_conflict_do_nothing())
