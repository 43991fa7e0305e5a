"""What the commands share that read or make versions."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from getpass import getuser
from zoneinfo import ZoneInfo

import click

from ivr.cli.common import Context
from ivr.config import shapes, source
from ivr.config.versions import Kind, Unusable, Version, Versions
from ivr.model.files import SETTINGS, slug_of
from ivr.model.settings import Settings


def person(context: Context) -> str:
    """Return who typed the command: the login name before `sudo`, or the present one."""
    if name := context.env.get("SUDO_USER"):
        return name
    try:
        return getuser()
    except (KeyError, OSError):  # a user without a name
        return str(os.getuid())


@contextmanager
def kept_as_version(context: Context, kind: Kind, author: str) -> Iterator[None]:
    """Keep what is written meanwhile as a version. Where that fails, it is told, and written all the same.

    A line then keeps the change as one that was made by hand.
    """
    draft = Version(kind, author, context.now())
    with ExitStack() as stack:
        try:
            stack.enter_context(Versions(context.home).change(draft))
        except Unusable as error:
            click.echo(context.say("version-unwritten", why=error), err=True)
        yield
        try:
            stack.close()
        except Unusable as error:
            click.echo(context.say("version-unwritten", why=error), err=True)


@contextmanager
def usable(context: Context) -> Iterator[None]:
    """Turn Unusable into a message that ends the program."""
    try:
        yield
    except Unusable as error:
        raise click.ClickException(context.say("versions-unusable", why=error)) from None


def zone_of(context: Context) -> ZoneInfo:
    """Return the line's time zone; the default one where the settings have an error."""
    settings, _ = shapes.read(source.read(context.home.root / SETTINGS, SETTINGS), Settings)
    zone: ZoneInfo = settings.timezone if settings else Settings.model_fields["timezone"].default
    return zone


def slug_or_exit(context: Context, versions: Versions, text: str) -> str:
    """Return the slug of a municipality that has a file, or once had one. Any other ends the program."""
    slug = text.removesuffix(".yaml")
    known = {found for file in context.home.municipalities() if (found := slug_of(file))}
    if slug not in known and not versions.listed(slug, most=1):
        message = context.say("slug-unknown", text=text, known=", ".join(sorted(known)))
        raise click.BadParameter(message, param_hint="MUNICIPALITY")
    return slug


def version_or_exit(context: Context, versions: Versions, ident: str, option: str) -> Version:
    """Return the version whose id begins like this. None, or more than one, ends the program."""
    found = versions.find(ident)
    if found is None:
        raise click.BadParameter(context.say("version-unknown", text=ident), param_hint=option)
    return found
