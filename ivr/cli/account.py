"""`ivr account`: accounts of the console, for who runs it. The first manager is made here."""

import click

from ivr.cli.common import Context, database_or_exit, in_context, state_folder
from ivr.cli.console import console_url
from ivr.config.reading import names
from ivr.model.fields import read_mail_address
from ivr.store.accounts import Account, Accounts, MailTaken
from ivr.store.acts import Action, Acts, Result
from ivr.store.links import Links
from ivr.store.opening import migrate

ORIGIN = "terminal"
"""Where an act came from, in the log of acts."""


@click.group()
def account() -> None:
    """Accounts of the console: who may sign in, and what for."""


@account.command()
@click.argument("name")
@click.argument("mail")
@click.option("--manager", is_flag=True)
@click.option("--municipality", "slugs", multiple=True)
@in_context
def add(context: Context, name: str, mail: str, manager: bool, slugs: tuple[str, ...]) -> None:
    """Add an account, and print a link that is good once and for a day."""
    url = console_url(context)
    if not manager and not slugs:
        raise click.UsageError(context.say("account-rights-missing"))
    try:
        read_mail_address(mail)
    except ValueError:
        raise click.BadParameter(
            context.say("account-mail-unreadable", text=mail), param_hint="MAIL"
        ) from None
    known = names(context.home)
    for slug in slugs:
        if slug not in known:
            message = context.say("account-municipality-unknown", text=slug, known=", ".join(known))
            raise click.BadParameter(message, param_hint="--municipality")
    accounts, links, acts = _tables(context)
    try:
        made = accounts.add(name, mail, context.now().timestamp(), manager=manager, municipalities=slugs)
    except MailTaken:
        raise click.ClickException(context.say("account-mail-taken", mail=mail)) from None
    rights = ["manager"] if manager else slugs
    acts.add(ORIGIN, Action.ACCOUNT_ADD, name, Result.DONE, origin=ORIGIN, changed=rights)
    click.echo(context.say("account-link", name=name, link=f"{url}/welkom/{links.make(made)}"))


@account.command("list")
@in_context
def list_(context: Context) -> None:
    """List the accounts, their rights and the last sign-in of each."""
    accounts, _, _ = _tables(context)
    for each in accounts.all():
        rights = [context.say("account-manager")] if each.manager else sorted(each.municipalities)
        parts = [each.name, each.mail, ", ".join(rights) or "-", _last(context, each)]
        click.echo(" · ".join(parts))


@account.command()
@click.argument("who")
@in_context
def remove(context: Context, who: str) -> None:
    """Remove an account. Whoever is signed in with it no longer is."""
    accounts, _, acts = _tables(context)
    found = _one(context, accounts, who)
    accounts.remove(found.id)
    acts.add(ORIGIN, Action.ACCOUNT_REMOVE, found.name, Result.DONE, origin=ORIGIN)
    click.echo(context.say("account-removed", name=found.name))


@account.command()
@click.argument("who")
@in_context
def reset(context: Context, who: str) -> None:
    """Print a new link for who lost a password or telephone. The present ones stop working at once."""
    url = console_url(context)
    accounts, links, acts = _tables(context)
    found = _one(context, accounts, who)
    if found.subject is not None:
        raise click.ClickException(context.say("account-elsewhere", name=found.name))
    accounts.clear_factors(found.id)
    acts.add(ORIGIN, Action.ACCOUNT_RESET, found.name, Result.DONE, origin=ORIGIN)
    click.echo(context.say("account-link", name=found.name, link=f"{url}/welkom/{links.make(found.id)}"))


def _tables(context: Context) -> tuple[Accounts, Links, Acts]:
    # Imported only here: the import takes longer than all of `ivr check`.
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    engine = database_or_exit(context)
    try:
        state_folder(context).mkdir(mode=0o700, parents=True, exist_ok=True)
        migrate(engine)
    except (OSError, SQLAlchemyError) as error:
        raise click.ClickException(context.say("database-away", why=type(error).__name__)) from None

    def now() -> float:
        return context.now().timestamp()

    return Accounts(engine), Links(engine, now), Acts(engine, now)


def _one(context: Context, accounts: Accounts, who: str) -> Account:
    """Return the account with a name or mail address. None, or more than one, ends the program."""
    found = accounts.by_name_or_mail(who)
    if not found:
        raise click.ClickException(context.say("account-unknown", text=who))
    if len(found) > 1:
        mails = ", ".join(each.mail for each in found)
        raise click.ClickException(context.say("account-several", text=who, mails=mails))
    return found[0]


def _last(context: Context, account: Account) -> str:
    if account.signed_in is None:
        return context.say("account-never")
    moment = context.now().fromtimestamp(account.signed_in).astimezone()
    return moment.strftime(context.say("day"))
