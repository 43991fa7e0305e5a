"""`ivr remind`: mails coordinators and the operator what wants doing."""

import re
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final
from uuid import uuid4

import click
from pydantic_core import PydanticCustomError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.account.credentials import configured
from ivr.cli.common import Context, database_or_exit, in_context, state_folder
from ivr.config.last_good import LastGood
from ivr.config.mailing import Look, addresses_in, look
from ivr.config.reading import read
from ivr.config.versions import Kind, MunicipalityChange, Unusable, Versions
from ivr.mail import matters
from ivr.mail.letters import WEEK, Letter, Remembered, lasts, letters
from ivr.mail.matters import OPERATOR, Change, Matter
from ivr.mail.message import message
from ivr.mail.server import BadUrl, Outbox, Refused, Server, Unreachable, read_server
from ivr.model.fields import read_mail_address
from ivr.model.line import Line
from ivr.report import reminder
from ivr.store.accounts import Accounts
from ivr.store.opening import is_made, migrate
from ivr.store.reminders import Reminders
from ivr.store.unanswered import Unanswered, mark

_UNIT: Final = re.compile(r"[A-Za-z0-9:_.@-]{1,100}")
_GIVEN_UP: Final = 3
"""Mails in a row for which the server could not be reached. The others wait for the next run."""


@click.command()
@click.option("--dry-run", is_flag=True)
@click.option("--failed")
@in_context
def remind(context: Context, dry_run: bool, failed: str | None) -> None:
    """Mail coordinators what wants doing. Exits with 1 where a mail could not be sent."""
    post = None if dry_run else _post_or_exit(context)
    # A unit may have failed because of the database, so its failure is mailed without it too.
    is_daily = failed is None and not dry_run
    memory = _memory_or_exit(context) if is_daily else _memory_or_none(context)
    found = (
        _failure(context, failed)
        if failed is not None
        else look_at(context, memory, changes_of(context, memory))
    )
    try:
        written = list(letters_of(found, memory))
        if post is not None and memory is not None:
            note_what_lasts(memory, found, written)
    except SQLAlchemyError:
        if is_daily:
            raise click.ClickException(context.say("remind-forgetful")) from None
        memory = None
        written = list(letters_of(found, None))
    if post is None:
        _print(context, written)
        return
    sys.exit(0 if Round(context, post, memory, found.today).run(written, found) else 1)


@dataclass(frozen=True, slots=True)
class Post:
    """Where mails go to, and from whom they come."""

    server: Server
    sender: str
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


@dataclass(frozen=True, slots=True)
class Round:
    """Sends the mails of one run."""

    context: Context
    post: Post
    memory: Reminders | None
    """None: nothing can be remembered. Only a failed unit is mailed nevertheless: it may be the reason."""
    today: date

    def run(self, written: Sequence[Letter], found: Look) -> bool:
        """Send the letters, print how each went, and return whether all went well."""
        told = [letter for letter in written if letter.matters]
        if not told:
            self._say("remind-nothing")
        sent, unreachable = 0, 0
        with Outbox(self.post.server, self.post.sender, self.post.tls()) as outbox:
            for letter in told:
                if unreachable == _GIVEN_UP:
                    self._say("remind-given-up")
                    break
                try:
                    self._send(outbox, letter)
                    sent, unreachable = sent + 1, 0
                    self._say("remind-sent", who=_who(letter))
                except Unreachable as error:
                    unreachable += 1
                    self._say("remind-unreachable", who=_who(letter), why=error)
                except Refused as error:
                    unreachable = 0
                    self._say("remind-refused", who=_who(letter), code=error.code)
                except SQLAlchemyError:
                    raise click.ClickException(self.context.say("remind-forgetful")) from None
                except Exception as error:  # noqa: BLE001 - what is wrong with one mail keeps no other
                    self._say("remind-broken", who=_who(letter), why=type(error).__name__)
        homeless = [slug for slug, each in found.matters.items() if each and not found.addresses[slug]]
        if homeless:
            self._say("remind-homeless", slugs=", ".join(slug or "IVR_MAIL_OPERATOR" for slug in homeless))
        return sent == len(told)

    def _send(self, outbox: Outbox, letter: Letter) -> None:
        """Send one mail, and remember it. Who crashes in between mails it twice, and never not at all."""
        made = message(
            self.post.sender,
            letter.address,
            reminder.subject(letter, self.context.language),
            reminder.text(letter, self.context.language),
            moment=self.context.now(),
            ident=uuid4(),
        )
        outbox.send(made, letter.address)
        if self.memory is not None:
            self.memory.mailed(letter.keys(letter.matters), self.today)

    def _say(self, name: str, **values: object) -> None:
        click.echo(self.context.say(name, **values))


def look_at(context: Context, memory: Reminders | None, changes: Iterable[Change] = ()) -> Look:
    """Look what wants doing now. `changes`: of the last days, by people; each is mailed once."""
    erases = configured(context.env)
    answers: Mapping[tuple[str, str], date] = {}
    if memory is not None:
        with suppress(SQLAlchemyError):
            answers = Unanswered(memory.engine).all()

    kept_good = LastGood(state_folder(context))

    @cache
    def last_good() -> Line | None:
        kept = kept_good.load(lambda home: read(home, context.now(), erases=erases))
        return kept[0] if kept else None

    return look(
        context.home,
        context.now(),
        operator=_operator(context),
        ring_checked=lambda slug, number: answers.get((slug, mark(slug, number))),
        changes=changes,
        last_good=last_good,
        before=kept_good.confirmations(),
        erases=erases,
    )


def changes_of(context: Context, memory: Reminders | None) -> list[Change]:
    """Return what people changed in the last days. The day of a ring check is written by the line itself.

    `memory`: of the database that knows the accounts of the console, and so the address of an author.
    """
    versions = Versions(context.home)
    try:
        changed = versions.municipality_changes(context.now() - WEEK)
    except Unusable:
        return []  # the line's log tells of it, and all else can be mailed
    addresses: Mapping[str, str] = {}
    if memory is not None:
        with suppress(SQLAlchemyError):  # then the author is told as well
            addresses = Accounts(memory.engine).addresses()
    return [
        Change(
            each.version.moment,
            addresses.get(each.version.author, ""),
            each.slug,
            _told_before(versions, each),
        )
        for each in changed
        if each.version.kind is not Kind.RING_CHECK
    ]


def _told_before(versions: Versions, change: MunicipalityChange) -> tuple[str, ...]:
    """Return the mail addresses that the file had before a change."""
    with suppress(Unusable):
        (text,) = [each.before for each in versions.changes(change.version, change.slug)]
        return addresses_in(text or "")
    return ()


def _failure(context: Context, unit: str) -> Look:
    """What there is to tell of a unit that failed: its name, and nothing of what it wrote."""
    if not _UNIT.fullmatch(unit):
        raise click.BadParameter(context.say("remind-unit", text=unit), param_hint="--failed")
    operator = _operator(context)
    if not operator:
        raise click.UsageError(context.say("remind-no-operator"))
    today = context.now().date()
    return Look(today, {OPERATOR: (Matter(matters.Kind.FAILED, unit),)}, {OPERATOR: operator}, frozenset())


def letters_of(found: Look, memory: Reminders | None) -> Iterator[Letter]:
    """Yield a letter for each recipient, also where nothing is to be told today. Raises SQLAlchemyError."""
    remembered = {key: Remembered(*days) for key, days in memory.all().items()} if memory else {}
    for slug, each in sorted(found.matters.items()):
        yield from letters(slug, each, found.addresses[slug], remembered, found.today)
        changes = [matter for matter in each if matter.kind is matters.Kind.CHANGED]
        yield from letters(slug, changes, found.former.get(slug, ()), remembered, found.today)


def note_what_lasts(memory: Reminders, found: Look, written: Iterable[Letter]) -> None:
    """Note what was mailed less than a week ago and is still so. Raises SQLAlchemyError.

    It writes before anything is mailed. A memory that cannot be written would mail the same thing daily.
    """
    memory.tidy(found.today)
    lasting = [key for letter in written for key in letter.keys(letter.known)]
    hidden = [
        key
        for key, (_, seen) in memory.all().items()
        if key[1] in found.unexamined and lasts(seen, found.today)
    ]
    memory.saw([*lasting, *hidden], found.today)


def _print(context: Context, written: Iterable[Letter]) -> None:
    told = [letter for letter in written if letter.matters]
    for letter in told:
        click.echo(context.say("remind-to", address=letter.address))
        click.echo(context.say("remind-subject", subject=reminder.subject(letter, context.language)))
        click.echo(f"\n{reminder.text(letter, context.language)}")
    if not told:
        click.echo(context.say("remind-nothing"))


def _who(letter: Letter) -> str:
    """Who a mail is for, without the address."""
    return f"{letter.slug} mail[{letter.index}]" if letter.slug else f"IVR_MAIL_OPERATOR[{letter.index}]"


def _operator(context: Context) -> tuple[str, ...]:
    given = [each.strip() for each in context.env.get("IVR_MAIL_OPERATOR", "").split(",") if each.strip()]
    return tuple(_address_or_exit(context, each, "IVR_MAIL_OPERATOR") for each in given)


def _address_or_exit(context: Context, text: str, name: str) -> str:
    try:
        return read_mail_address(text)
    except PydanticCustomError:
        raise click.UsageError(context.say("remind-address", name=name)) from None


def _post_or_exit(context: Context) -> Post:
    """Return where mails go to. Settings that are missing or wrong end the program; none is quoted."""
    url = context.env.get("IVR_MAIL")
    if not url:
        raise click.UsageError(context.say("remind-no-server"))
    try:
        server = read_server(url)
    except BadUrl as error:
        raise click.UsageError(context.say(f"remind-server-{error}")) from None
    sender = context.env.get("IVR_MAIL_FROM") or (server.user if "@" in server.user else "")
    if not sender:
        raise click.UsageError(context.say("remind-no-sender"))
    return Post(server, _address_or_exit(context, sender, "IVR_MAIL_FROM"))


def _memory_or_exit(context: Context) -> Reminders:
    engine = database_or_exit(context)
    try:
        made = is_made(engine)
        if made:
            migrate(engine)
    except (SQLAlchemyError, OSError):
        raise click.ClickException(context.say("remind-forgetful")) from None
    if not made:
        # Only `ivr serve` creates a SQLite file, as its user must own it.
        raise click.ClickException(context.say("remind-no-store"))
    return Reminders(engine)


def _memory_or_none(context: Context) -> Reminders | None:
    engine: Engine = database_or_exit(context)
    with suppress(SQLAlchemyError, OSError):
        if is_made(engine):
            return Reminders(engine)
    return None
