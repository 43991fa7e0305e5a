"""The SIP endpoint: takes calls within limits, leads each in its own thread, and rings far ends for it."""

import asyncio
import logging
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from types import TracebackType
from typing import Any, Final, Self

from ivr.exchange.people import HungUp
from ivr.telephone.dialog import Incoming, Listening, Registration, Stack
from ivr.telephone.leg import SILENT, Leg, LegEnded
from ivr.telephone.people import RealCaller, RealFarEnds, Route
from ivr.telephone.sound import silence

FLOOD: Final = 20
"""Calls from one host within FLOOD_SECONDS, at most. One that makes more gets 486 until it makes fewer."""
FLOOD_SECONDS: Final = 10.0
_HOSTS: Final = 1024
"""Hosts of which calls are counted."""
_ESTABLISHED: Final = 10.0
"""Seconds that a caller's telephone has for its ACK."""
_LAST_WORDS: Final = 0.4
"""Seconds before hanging up, in which the telephone plays what its jitter buffer still holds."""
_STARTING: Final = 15.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an endpoint does. Only IPv4."""

    host: IPv4Address
    port: int
    peers: tuple[IPv4Network, ...]
    """Who may call. Packets of anybody else are not answered."""
    far_ends: tuple[IPv4Network, ...] = ()
    """Where far ends are, and the registrar: their packets are read, their calls are refused."""
    calls: int = 8
    """Callers at once; one more is told busily (486)."""
    registration: Registration | None = None
    silent: float = SILENT
    flood: int = FLOOD


@dataclass(frozen=True, slots=True)
class RealCall:
    """A call that was answered, for the thread that leads it."""

    host: IPv4Address | None
    """Where it comes from."""
    from_: str
    """The caller's SIP URI, as the peer claims it."""
    to: str
    """The dialled SIP URI."""
    caller: RealCaller
    far_ends: Callable[[Route], RealFarEnds]


Lead = Callable[[RealCall], object]
"""Leads one call to its end; then the endpoint hangs up. May raise HungUp."""
Admits = Callable[[IPv4Address | None, str], bool]
"""Where a call comes from, and the dialled SIP URI → whether it is answered."""


class Endpoint:
    """A SIP endpoint, as a context manager. There can be one in a process at a time."""

    def __init__(
        self,
        settings: Settings,
        lead: Lead,
        make_stack: Callable[[Listening], Stack],
        admits: Admits = lambda *_: True,
    ) -> None:
        self._settings = settings
        self._lead = lead
        self._admits = admits
        self._stack = make_stack(
            Listening(
                settings.host,
                settings.port,
                (*settings.peers, *settings.far_ends),
                2 * settings.calls + settings.flood,
                settings.registration,
            )
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sip", daemon=True)
        self._threads = ThreadPoolExecutor(2 * settings.calls, thread_name_prefix="call")
        self._guard = FloodGuard(settings.flood)
        self._opening: Counter[IPv4Address | None] = Counter()
        self._calls: dict[asyncio.Task[None], Leg | None] = {}

    def __enter__(self) -> Self:
        """Listen. Raises OSError where that cannot be."""
        self._thread.start()
        try:
            self._run(self._stack.start(self._came_in), _STARTING)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up every call and stop listening."""
        self._run(self._close(), None)
        self._stop()

    @property
    def calls(self) -> int:
        """How many calls go on."""
        return sum(leg is not None for leg in list(self._calls.values()))

    def _run(self, doing: Coroutine[Any, Any, None], seconds: float | None) -> None:
        asyncio.run_coroutine_threadsafe(doing, self._loop).result(seconds)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._threads.shutdown(wait=False)

    async def _close(self) -> None:
        for leg in list(self._calls.values()):
            if leg:
                await leg.hang_up()
        if self._calls:
            await asyncio.wait(self._calls, timeout=_ESTABLISHED)
        await self._stack.close()

    def _came_in(self, incoming: Incoming) -> None:
        task = asyncio.ensure_future(self._take(incoming))
        self._calls[task] = None
        task.add_done_callback(self._calls.pop)

    async def _take(self, incoming: Incoming) -> None:
        if not self._lets_in(incoming.host):
            await incoming.dialog.end(busy=True)
            return
        if not self._admits(incoming.host, incoming.to):
            await incoming.dialog.end()
            return
        leg = Leg(incoming.dialog, silent=self._settings.silent)
        task = asyncio.current_task()
        assert task  # noqa: S101  # this coroutine is one
        self._calls[task] = leg
        self._opening[incoming.host] += 1
        try:
            established = await leg.answer(_ESTABLISHED)
        except LegEnded:
            established = False
        finally:
            self._opening[incoming.host] -= 1
        try:
            if established:
                await self._loop.run_in_executor(self._threads, self._led, incoming, leg)
                await leg.play(silence(_LAST_WORDS), listening=False)
        except LegEnded:
            pass
        finally:
            await leg.hang_up()

    def _lets_in(self, host: IPv4Address | None) -> bool:
        """Return whether a call from this host is answered."""
        if host is None or not any(host in network for network in self._settings.peers):
            return False
        # What others opened and never acknowledged takes no place from this host.
        unsure = self._opening.total() - self._opening[host]
        return self._guard.passes(host, self._loop.time()) and self.calls - unsure < self._settings.calls

    def _led(self, incoming: Incoming, leg: Leg) -> None:
        """Lead a call, in its own thread. Whatever goes wrong in it ends this call alone."""

        def far_ends(route: Route) -> RealFarEnds:
            return RealFarEnds(self._stack, self._loop, leg, route, self._settings.silent)

        try:
            with suppress(HungUp):
                caller = RealCaller(leg, self._loop)
                self._lead(RealCall(incoming.host, incoming.from_, incoming.to, caller, far_ends))
        except Exception as error:  # noqa: BLE001  # its text may name the caller
            _log.error("a call failed: %s", type(error).__name__)


class FloodGuard:
    """Counts the calls of each host, and tells when they are too many."""

    def __init__(self, most: int) -> None:
        """Let `most` calls of one host pass within FLOOD_SECONDS."""
        self._most = most
        self._times: defaultdict[IPv4Address, deque[float]] = defaultdict(lambda: deque(maxlen=most))

    def passes(self, host: IPv4Address, now: float) -> bool:
        """Return whether one more call from this host may begin. `now`: seconds of a monotonic clock."""
        times = self._times[host]
        passes = len(times) < self._most or now - times[0] > FLOOD_SECONDS
        times.append(now)
        if len(self._times) > _HOSTS:
            self._times.pop(next(iter(self._times)))
        return passes
