"""The SIP stack: baresip-python (https://github.com/daily-co/baresip-python), on libre and baresip.

No other module knows the library. Its wheel holds an OpenSSL that gets no more fixes, so neither TLS nor SRTP
goes through it. It has one Runtime a process, and native code that may end the process.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Final

from baresip import (
    Account,
    AudioNotActive,
    AudioRestarted,
    BaresipError,
    Call,
    CallState,
    Config,
    Event,
    Runtime,
    StackEvent,
    UserAgent,
)

from ivr.telephone import packet_filter, sources
from ivr.telephone.dialog import (
    Answered,
    Dialog,
    DialogEvent,
    Ended,
    Held,
    Incoming,
    KeyPressed,
    Listening,
    Registration,
)
from ivr.telephone.packet_filter import Transport

CODECS: Final = ("pcma", "pcmu")
"""G.711, which every telephone has: A-law, as in Europe's network, before µ-law."""
USER_AGENTS: Final = 512
"""Caller IDs, at most. The library cannot remove a user agent."""
SOUND_PORTS: Final = (10_000, 20_000)
"""UDP ports of RTP and RTCP. The library's own range begins at 1024."""
_LIBRARY: Final = f"audio_jitter_buffer_type adaptive\nrtp_ports {SOUND_PORTS[0]}-{SOUND_PORTS[1]}\n"
_READ: Final = 32768
_RETRY: Final = 30
"""Seconds until a failed registration is tried again."""
_URI: Final = re.compile(r"sips?:[^\s<>;?]+", re.IGNORECASE)
_TRACE: Final = logging.getLogger("baresip.native.sip")
_log = logging.getLogger(__name__)


class BaresipDialog:
    """A Dialog over a call of the library."""

    def __init__(self, call: Call, before: Iterable[StackEvent] = ()) -> None:
        """`before`: what happened in the call already."""
        self._call = call
        self._listener: Callable[[DialogEvent], None] | None = None
        self._before: list[DialogEvent] = []
        call.on(self._happened)
        for event in before:
            self._happened(event)

    def listen(self, listener: Callable[[DialogEvent], None]) -> None:
        self._listener = listener
        for event in self._before:
            listener(event)
        self._before.clear()

    def _happened(self, event: StackEvent) -> None:
        match event.event:
            case Event.CALL_ESTABLISHED:
                self._report(Answered())
            case Event.CALL_DTMF_START if event.text:  # the library's own listener waits for the release
                self._report(KeyPressed(event.text))
            case Event.CALL_HOLD | Event.CALL_RESUME:
                self._report(Held(event.event is Event.CALL_HOLD))
            case Event.CALL_CLOSED:
                status = (event.text or "")[:3]
                self._report(Ended(int(status) if status.isdigit() else None))
            case _:
                pass

    def _report(self, event: DialogEvent) -> None:
        if self._listener:
            self._listener(event)
        else:
            self._before.append(event)

    async def answer(self) -> None:
        with suppress(BaresipError):
            await self._call.answer()

    async def end(self, *, busy: bool = False) -> None:
        with suppress(BaresipError):
            if busy and self._call.state is CallState.INCOMING:
                await self._call.reject()
            else:
                await self._call.hangup()

    def write(self, samples: bytes) -> int:
        with suppress(AudioNotActive, AudioRestarted):
            return int(self._call.audio.write(samples))
        return 0

    def unsent(self) -> int:
        with suppress(AudioNotActive, AudioRestarted):
            return int(self._call.audio.info().tx_buffered)
        return 0

    def flush(self) -> None:
        with suppress(AudioNotActive, AudioRestarted):
            self._call.audio.flush_tx()

    def read(self) -> bytes:
        with suppress(AudioNotActive, AudioRestarted):
            return bytes(self._call.audio.read(_READ))
        return b""


@dataclass(slots=True)
class BaresipStack:
    """A Stack on the library. There can be one in a process at a time."""

    listening: Listening
    _runtime: Runtime = field(default_factory=Runtime)
    _agents: dict[str, UserAgent] = field(default_factory=dict)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)
    _registering: asyncio.Task[None] | None = None
    _registered: UserAgent | None = None
    _incoming: Callable[[Incoming], None] | None = None
    _sources: sources.Sources | None = None

    async def start(self, incoming: Callable[[Incoming], None]) -> None:
        self._sources = sources.Sources(asyncio.get_running_loop())
        _silence_the_library(but_for=self._sources)
        at = self.listening
        transports = packet_filter.transports()
        if "tcp" not in transports:
            _log.warning("no calls by TCP: this kernel lets only CAP_NET_ADMIN say who may send them")
        place = f"sip_listen {at.host}:{at.port}\nsip_transports {','.join(transports)}\n"
        config = Config(
            net_interface=str(at.host),
            max_concurrent_calls=at.dialogs,
            expose_headers=sources.HEADERS,
            native_log_level="error",
            sip_trace=True,
            extra_config_text=place + _LIBRARY,
        )
        try:
            await self._runtime.start(config)
            if not packet_filter.attach(at.host, at.port, at.heard):
                raise OSError(f"nothing listens at port {at.port}")
            self._incoming = incoming
            # An agent that registers takes no call while it is not registered (404), so it is another one.
            # One takes calls of one transport.
            for transport in transports:
                account = self._account("line", transport=transport, more=("catchall=yes",))
                self._agents[f"line {transport}"] = await self._create(account)
        except BaresipError as error:
            raise OSError("the SIP stack does not start") from error
        if at.registration:
            self._registering = asyncio.create_task(self._keep_registered(at.registration))

    def _came_in(self, call: Call) -> None:
        """Pass a call on as soon as it is known from where it came. What happens meanwhile is kept."""
        to = _URI.search(sources.header(call.headers, "To", "t"))
        via = sources.header(call.headers, "Via", "v")
        dialog = BaresipDialog(call)

        def pass_on(host: IPv4Address | None) -> None:
            if self._incoming:
                self._incoming(Incoming(dialog, call.peer or "", to.group() if to else "", host))

        if self._sources:
            self._sources.ask(sources.Invite.of(call.call_id or "", via), pass_on)

    async def dial(self, uri: str, shown: str) -> Dialog:
        events: list[StackEvent] = []
        keep = events.append
        # The library loses what happens before its own return: that a far end answered at once, or refused.
        self._runtime.subscribe(keep)
        try:
            agent = await self._agent(shown)
            call = await agent.dial(uri)
            return BaresipDialog(call, [each for each in events if each.call == call.handle])
        except (BaresipError, ValueError) as error:
            raise OSError("no INVITE was sent") from error
        finally:
            self._runtime.unsubscribe(keep)

    async def _agent(self, user: str) -> UserAgent:
        """Return the user agent whose calls come from `user`. Raises BaresipError at USER_AGENTS."""
        async with self._making:  # of two agents with one address, one would get the other's answers
            if user not in self._agents:
                if len(self._agents) >= USER_AGENTS:
                    raise BaresipError("too many caller IDs")
                self._agents[user] = await self._create(self._account(user))
        return self._agents[user]

    async def _create(self, account: Account) -> UserAgent:
        """Make a user agent. Whichever is dialled, the call is taken: a caller ID may be dialled too."""
        agent = await UserAgent.create(self._runtime, account, transfer_policy="reject")
        agent.on_incoming(self._came_in)
        return agent

    def _account(
        self,
        user: str,
        seconds: int = 0,
        *,
        transport: Transport = "udp",
        more: tuple[str, ...] = (),
    ) -> Account:
        """Return the account of a caller ID. `seconds`: of a registration; 0 for none."""
        at, registration = self.listening, self.listening.registration
        return Account(
            user,
            registration.registrar if registration else f"{at.host}:{at.port}",
            registration.password if registration else "",
            auth_user=(registration.auth_user or registration.user) if registration else None,
            reg_interval=seconds,
            transport=transport,
            audio_codecs=CODECS,
            extra_params=more,
        )

    async def _keep_registered(self, registration: Registration) -> None:
        """Register until it succeeds; the library renews it from then on."""
        self._registered = await self._create(self._account(registration.user, registration.seconds))
        while True:
            try:
                await self._registered.register()
            except BaresipError:
                _log.warning("the exchange does not let this line register; it is tried again")
                await asyncio.sleep(_RETRY)
            else:
                _log.info("registered at the exchange")
                return

    async def close(self) -> None:
        if self._registering:
            self._registering.cancel()
            if self._registered:
                with suppress(BaresipError):
                    await self._registered.unregister(timeout=2)
        with suppress(BaresipError):
            await self._runtime.close()
        _TRACE.handlers = []


def _silence_the_library(*, but_for: logging.Handler) -> None:
    """Let nothing of the library into a log: its lines name callers. `but_for`: what alone gets its trace."""
    logger = logging.getLogger("baresip")
    logger.propagate = _TRACE.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    _TRACE.setLevel(logging.DEBUG)
    _TRACE.handlers = [but_for]
