"""`ivr call`: a test call from the terminal."""

import secrets
import sys

import click

from ivr.account.credentials import configured
from ivr.cli.common import (
    INTERRUPTED,
    Context,
    at_option,
    endpoint_of,
    in_context,
    moment_of,
    municipality_options,
    municipality_or_exit,
)
from ivr.cli.loopback import TOKEN_FILE
from ivr.cli.reading import live_or_exit
from ivr.exchange.call import Exchange
from ivr.exchange.people import OUTCOMES, ScriptedCaller, ScriptedFarEnd
from ivr.exchange.phone import DeskPhone, FarEndByHand, keyboard
from ivr.exchange.sounds import Synthesiser
from ivr.exchange.transcript import CallEnds, CallEvent, text
from ivr.exchange.wire import InProcess, OverHttp, ReachedLine
from ivr.model.line import Line
from ivr.model.menu import CONTACTS
from ivr.model.municipality import Municipality
from ivr.model.trial_call import desk_of, names_of, shown_by
from ivr.speech.build import spoken
from ivr.speech.engines import Espeak
from ivr.web.app import create_app
from ivr.web.signature import SignatureCheck


@click.command()
@municipality_options
@click.option("--from", "caller")
@click.option("--keys")
@click.option("--far-end", "far_ends", multiple=True)
@at_option
@click.option("--url")
@in_context
def call(
    context: Context,
    slug: str | None,
    dialled: str | None,
    caller: str | None,
    keys: str | None,
    far_ends: tuple[str, ...],
    at: str | None,
    url: str | None,
) -> None:
    """Call the line by hand, or with the keys of `--keys`. Ctrl-C hangs up."""
    live = live_or_exit(context, public=False, erases=configured(context.env))
    line = live.snapshot.line
    to, municipality = municipality_or_exit(context, line, slug, dialled)
    moment = moment_of(context, at, line.settings.timezone)
    if url is None:
        token, here = secrets.token_hex(16), "http://127.0.0.1"
        app = create_app(live, SignatureCheck(token, lambda: [here]), lambda: moment if at else context.now())
        reached = ReachedLine(InProcess(app), token, here)
    else:
        reached = ReachedLine(OverHttp(), demo_token(context), url.rstrip("/"))
    far_end = _far_end(context, far_ends, line, municipality)
    exchange = Exchange(
        reached, far_end or ScriptedFarEnd({}, {}), names_of(line, municipality), shown_by(municipality)
    )
    from_ = endpoint_of(caller) if caller else desk_of(municipality)
    try:
        if keys is None:
            events = _call_by_hand(context, exchange, from_, to, line, asked=far_end is None)
        else:
            events = _call_by_script(exchange, from_, to, _scripted(context, keys))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(1 if any(isinstance(event, CallEnds) and event.by == "fault" for event in events) else 0)


def _call_by_hand(
    context: Context, exchange: Exchange, from_: str, to: str, line: Line, *, asked: bool
) -> list[CallEvent]:
    """Make a call with the person at the terminal as the caller. `asked`: also as the far ends."""
    if not sys.stdin.isatty():
        raise click.UsageError(context.say("no-terminal"))
    with keyboard(sys.stdin) as pressed:
        phone = DeskPhone(pressed, context.language)
        click.echo(context.say("phone", player=phone.player or context.say("no-player")))
        exchange.synthesiser = _synthesiser(line) if phone.player else None
        if asked:
            exchange.far_ends = FarEndByHand(pressed, context.language)
        try:
            return exchange.call(from_, to, phone)
        finally:
            click.echo()


def _call_by_script(exchange: Exchange, from_: str, to: str, caller: ScriptedCaller) -> list[CallEvent]:
    """Make a call with a script, and print how it went, also where Ctrl-C ended it."""
    try:
        return exchange.call(from_, to, caller)
    finally:
        click.echo(text(caller.seen), nl=False)


def _synthesiser(line: Line) -> Synthesiser:
    """Return a synthesiser that speaks a Say with espeak-ng, in the language of its voice."""
    languages = {voice: language for language, voice in line.settings.voices.items()}
    engine = Espeak()
    return lambda say: spoken(engine, say.text, languages.get(say.voice, line.settings.language))


def _scripted(context: Context, keys: str) -> ScriptedCaller:
    try:
        return ScriptedCaller(keys)
    except ValueError:
        raise click.BadParameter(context.say("keys-unreadable", text=keys), param_hint="--keys") from None


def _far_end(
    context: Context, scripts: tuple[str, ...], line: Line, municipality: Municipality
) -> ScriptedFarEnd | None:
    """Return the far ends of the option --far-end; None where it is not given."""
    groups = {
        **{contact.number: CONTACTS for contact in municipality.contacts},
        **{number: name for name, each in line.settings.destinations.items() for number in each.numbers},
    }
    outcomes = {}
    for each in scripts:
        group, _, several = each.partition("=")
        if group not in groups.values():
            known = ", ".join(dict.fromkeys(groups.values()))
            unknown = context.say("far-end-unknown", text=group, known=known)
            raise click.BadParameter(unknown, param_hint="--far-end")
        outcomes[group] = several.split(",")
    try:
        return ScriptedFarEnd(outcomes, groups) if scripts else None
    except ValueError:
        unreadable = context.say("far-end-unreadable", text=", ".join(scripts), known=", ".join(OUTCOMES))
        raise click.BadParameter(unreadable, param_hint="--far-end") from None


def demo_token(context: Context) -> str:
    try:
        return (context.home.root / TOKEN_FILE).read_text("utf-8")
    except OSError:
        raise click.UsageError(context.say("no-demo")) from None
