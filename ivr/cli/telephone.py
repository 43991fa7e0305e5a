"""`ivr telephone`: real telephones over SIP call the line, and are rung by it."""

import logging.config
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv4Network
from threading import Event, Thread
from typing import Final

import click
from pydantic_core import PydanticCustomError

from ivr.cli.call import demo_token
from ivr.cli.common import Context, in_context
from ivr.cli.reading import live_or_exit, print_findings
from ivr.config.live import Live
from ivr.config.reading import Reading
from ivr.config.telephone import read_telephone
from ivr.exchange.sounds import Synthesiser
from ivr.exchange.verbs import Say
from ivr.exchange.wire import InProcess, OverHttp, ReachedLine
from ivr.model.findings import Severity
from ivr.model.line import Line
from ivr.model.numbers import Sip, read_endpoint
from ivr.model.telephone import PORT, Telephone, read_place, read_target
from ivr.serving.log import logging_as
from ivr.speech.build import spoken
from ivr.speech.engines import Espeak
from ivr.telephone.dialog import Registration
from ivr.telephone.endpoint import Endpoint, Settings
from ivr.telephone.office import Office
from ivr.web.app import create_app
from ivr.web.signature import SignatureCheck

PASSWORD: Final = "IVR_SIP_PASSWORD"  # noqa: S105 - the name of a setting
_ENDS: Final = frozenset({signal.SIGTERM, signal.SIGINT})
_SENTENCES: Final = 256
"""Sounds of sentences that are kept."""
_HERE: Final = "http://127.0.0.1"


@click.command()
@click.option("--listen")
@click.option("--route", "routes", multiple=True)
@click.option("--url")
@in_context
def telephone(context: Context, listen: str | None, routes: tuple[str, ...], url: str | None) -> None:
    """Take calls of telephones until SIGTERM or SIGINT."""
    if find_spec("baresip") is None:
        raise click.UsageError(context.say("telephone-missing"))
    from ivr.telephone.stack import BaresipStack  # noqa: PLC0415 - the library is an extra

    logging.config.dictConfig(logging_as(json=False))
    live = live_or_exit(context, public=False, erases=False)
    settings = _with_options(context, _settings_or_exit(context, live.snapshot.line), listen, routes)
    office = Office(settings, live, _line(context, live, url), _synthesiser(lambda: live.snapshot.line))
    stop = Event()
    watching = Thread(target=live.watch, args=(stop,), name="files")
    # No thread takes a signal but this one, which waits for it: the SIP library has threads of its own.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    watching.start()
    try:
        with Endpoint(_endpoint(context, settings), office.lead, BaresipStack, office.admits):
            place = f"{settings.listen.host}:{settings.listen.port}"
            slug = next(iter(live.snapshot.line.municipalities))
            click.echo(context.say("telephone-listens", uri=f"sip:{slug}@{place}"))
            signal.sigwait(_ENDS)
    except OSError:
        at = settings.listen
        raise click.UsageError(context.say("telephone-cannot-listen", host=at.host, port=at.port)) from None
    finally:
        stop.set()
        watching.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _settings_or_exit(context: Context, line: Line) -> Telephone:
    """Return what config/telephone.yaml says. Errors are printed and end the program."""
    settings, findings = read_telephone(context.home, line)
    if settings is None:
        errors = tuple(each for each in findings if each.severity is Severity.ERROR)
        print_findings(Reading(None, errors), context.language, err=True)
        sys.exit(1)
    return settings


def _with_options(
    context: Context, settings: Telephone, listen: str | None, routes: tuple[str, ...]
) -> Telephone:
    """Return the settings with what the options say instead. Raises click.BadParameter."""
    changed: dict[str, object] = {}
    if listen:
        try:
            changed["listen"] = read_place(listen)
        except PydanticCustomError:
            raise click.BadParameter(
                context.say("telephone-place-unreadable", text=listen), param_hint="--listen"
            ) from None
    own = dict(settings.routes)
    for each in routes:
        number, _, target = each.partition("=")
        try:
            own[read_endpoint(number)] = read_target(target)
        except PydanticCustomError:
            raise click.BadParameter(
                context.say("telephone-route-unreadable", text=each), param_hint="--route"
            ) from None
    return settings.model_copy(update={**changed, "routes": own})


def _line(context: Context, live: Live, url: str | None) -> Callable[[], ReachedLine]:
    """Return what makes a connection to the line: one in this process, or at `url`."""
    if url is None:
        token = secrets.token_hex(16)
        app = create_app(live, SignatureCheck(token, lambda: [_HERE]), context.now)
        return lambda: ReachedLine(InProcess(app), token, _HERE)
    token = context.env.get("TWILIO_AUTH_TOKEN") or demo_token(context)
    return lambda: ReachedLine(OverHttp(), token, url.rstrip("/"))


def _synthesiser(line: Callable[[], Line]) -> Synthesiser:
    """Return a synthesiser that speaks a Say with espeak-ng, in the language of its voice."""
    engine = Espeak()

    @lru_cache(maxsize=_SENTENCES)
    def speak(say: Say) -> bytes:
        settings = line().settings
        languages = {voice: language for language, voice in settings.voices.items()}
        return spoken(engine, say.text, languages.get(say.voice, settings.language))

    return speak


def _endpoint(context: Context, settings: Telephone) -> Settings:
    """Return the settings of the endpoint. Raises click.UsageError for a host that is not found."""
    hosts = dict.fromkeys(_host(each) for each in settings.routes.values())
    registration = None
    if account := settings.registration:
        password = context.env.get(PASSWORD)
        if not password:
            raise click.UsageError(context.say("sip-password-missing"))
        hosts[_host(account.account)] = None
        user, _, registrar = account.account.partition(":")[2].rpartition("@")
        registration = Registration(user, registrar, password, account.login)
    return Settings(
        settings.listen.host,
        settings.listen.port,
        tuple(peer.address for peer in settings.peers),
        tuple(network for host in hosts for network in _addresses(context, host)),
        settings.calls,
        registration,
    )


def _host(uri: str) -> str:
    sip = Sip.of(uri)
    return sip.host if sip else ""


def _addresses(context: Context, host: str) -> Iterator[IPv4Network]:
    """Yield the IPv4 addresses of a host. Raises click.UsageError where it has none."""
    try:
        found = socket.getaddrinfo(host, PORT, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        raise click.UsageError(context.say("sip-host-unknown", host=host)) from None
    for *_, address in found:
        yield IPv4Network(IPv4Address(address[0]))
