"""`ivr ring-check`: calls each contact to confirm its number."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from secrets import token_hex
from signal import SIGTERM, default_int_handler, signal
from typing import Final

import click
from sqlalchemy.exc import SQLAlchemyError
from twilio.rest import Client

from ivr.account.client import FAILURES, NotConfigured, client, trouble
from ivr.account.credentials import configured
from ivr.account.ringing import Sleep, ring
from ivr.cli.common import (
    Context,
    database_or_exit,
    in_context,
    municipality_options,
    municipality_or_exit,
    public_url_of,
)
from ivr.cli.reading import line_or_exit
from ivr.cli.versioned import kept_as_version
from ivr.config.confirming import Unwritten, confirm
from ivr.config.reading import Cache, read
from ivr.config.versions import Kind
from ivr.dialogue.call import RingCheck
from ivr.dialogue.ring_check import RingCheckCall, Taken, Verdict, checks, verdict
from ivr.model import files, numbers
from ivr.model.line import Line
from ivr.model.numbers import written
from ivr.store.ring_check_answers import RingCheckAnswers
from ivr.store.unanswered import Unanswered
from ivr.twiml.urls import of_ring_check

NOT_NOW: Final = 3
"""Exit code where nobody failed to confirm, and some were not called. A scheduler need not report it."""

Note = Callable[..., None]
"""Called with slug, number, day and `confirmed`; see `Unanswered.note`."""


@click.command("ring-check")
@municipality_options
@click.option("--older-than", type=click.IntRange(0), default=0)
@click.option("--now", "at_once", is_flag=True)
@click.option("--dry-run", is_flag=True)
@in_context
def ring_check(
    context: Context, slug: str | None, dialled: str | None, older_than: int, at_once: bool, dry_run: bool
) -> None:
    """Call each contact, and write down who confirms the number. Exits with 1 where one does not.

    Exits with NOT_NOW where none failed to confirm, and some were not called.
    """
    line = line_or_exit(context)
    only = municipality_or_exit(context, line, slug, dialled)[1] if slug or dialled else None
    found = list(checks(line, _today(context, line), only=only, older_than=older_than))
    if not found:
        click.echo(context.say("ring-nobody"))
        return
    if dry_run:
        for check in found:
            click.echo(
                f"{_who(line, check)}: {_why(context, *verdict(line, check, context.now(), now=at_once))}"
            )
        return
    url = public_url_of(context, line)
    if not url:
        raise click.UsageError(context.say("public-url-missing"))
    try:
        account = client(context.env)
    except NotConfigured:
        raise click.UsageError(context.say("ring-without-account")) from None
    engine = database_or_exit(context)
    rings = RingCheckAnswers(engine, time.time)
    cache = Cache()

    def current() -> Line:
        nonlocal line
        line = read(context.home, context.now(), cache, erases=configured(context.env)).line or line
        return line

    note = Unanswered(engine).note
    round_ = Round(context, current, account, url, rings.take, at_once=at_once, note=note)
    # A scheduler stops the command with SIGTERM; a call in progress is then ended as after Ctrl-C.
    before = signal(SIGTERM, default_int_handler)
    try:
        ends = list(round_.run(found))
    finally:
        signal(SIGTERM, before)
    confirmed = ends.count(True)
    click.echo(context.say("ring-summary", confirmed=confirmed, others=len(found) - confirmed))
    if False in ends:
        sys.exit(1)
    sys.exit(NOT_NOW if None in ends else 0)


@dataclass(frozen=True, slots=True)
class Round:
    """Calls the contacts, one at a time."""

    context: Context
    current: Callable[[], Line]
    """Reads the line again: a round takes hours, and the old number of a contact must not be called."""
    account: Client
    public_url: str
    taken: Taken
    """Token of a call → whether the contact pressed 1; asks once."""
    sleep: Sleep = time.sleep
    at_once: bool = False
    """Call outside the agreed hour too."""
    note: Note = lambda *_, **__: None
    """Records whether a contact that was called confirmed its number."""

    def run(self, found: Sequence[RingCheckCall]) -> Iterator[bool | None]:
        """Call each contact that may be called now, and print the result.

        Yields whether it was confirmed; None where it was not called, and may be called at another hour.
        """
        for place, check in enumerate(found, 1):
            line = self.current()
            click.echo(f"{place}/{len(found)} {_who(line, check)}: ", nl=False)
            done, message = self._checked(line, check)
            click.echo(message)
            yield done

    def _checked(self, line: Line, check: RingCheckCall) -> tuple[bool | None, str]:
        """Call one contact; return whether it was confirmed (see `run`), and the message."""
        municipality = line.municipalities.get(check.slug)
        if municipality is None or municipality.example or check.contact not in municipality.contacts:
            return None, self.context.say("ring-changed")
        check = replace(check, municipality=municipality)
        why, when = verdict(line, check, self.context.now(), now=self.at_once)
        if why is not Verdict.RING:
            return False if why is Verdict.DESTINATION else None, _why(self.context, why, when)
        confirmed, message = self._ring(check)
        today = _today(self.context, line)
        with suppress(SQLAlchemyError):  # the result is printed, and stands in the file where it is good
            self.note(check.slug, numbers.tidy(check.contact.number), today, confirmed=confirmed)
        return confirmed, message

    def _ring(self, check: RingCheckCall) -> tuple[bool, str]:
        token = token_hex(16)
        url = self.public_url + of_ring_check(RingCheck(check.slug, token))
        try:
            message = self.context.say(f"ring-{ring(self.account, check, url, self.sleep).value}")
        except FAILURES as error:
            message = self.context.say("ring-trouble", why=trouble(error).why)
        try:
            # Also after an error of the REST API: the contact may have pressed 1 before it.
            return self._write(check) if self.taken(token) else (False, message)
        except SQLAlchemyError:
            return False, self.context.say("ring-unheard")

    def _write(self, check: RingCheckCall) -> tuple[bool, str]:
        day = self.context.now().astimezone(self.current().settings.timezone).date()
        file = files.municipality(check.slug)
        author = self.context.env.get("SUDO_USER", "")  # a timer runs it as well
        try:
            with kept_as_version(self.context, Kind.RING_CHECK, author):
                confirm(self.context.home.root / file, check.contact.number, day)
        except (Unwritten, OSError):
            return False, self.context.say("ring-unwritten", file=file, day=day)
        return True, self.context.say("ring-confirmed", day=day)


def _today(context: Context, line: Line) -> date:
    return context.now().astimezone(line.settings.timezone).date()


def _who(line: Line, check: RingCheckCall) -> str:
    name = check.contact.name[line.settings.language]
    return f"{check.municipality.name}, {name}, {written(check.contact.number)}"


def _why(context: Context, why: Verdict, when: datetime | None) -> str:
    """Return whether a contact is called now; if not, why not and from when."""
    message = context.say(f"ring-verdict-{why.value}")
    if why in {Verdict.RING, Verdict.DESTINATION}:
        return message
    if when is None:
        return f"{message} {context.say('ring-never')}"
    return f"{message} {context.say('ring-when', when=when.strftime(context.say('day')))}"
