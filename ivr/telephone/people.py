"""The people at real telephones, as the exchange meets them: their methods block the thread of the call."""

import asyncio
import wave
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ivr.exchange.people import CallerHungUp, HungUp, NotReached, PickedUp, Rung
from ivr.exchange.transcript import CallEvent
from ivr.speech.wav import samples_in
from ivr.telephone.causes import outcome_of
from ivr.telephone.dialog import Stack
from ivr.telephone.leg import Leg, LegEnded
from ivr.telephone.sound import ringback, silence

Route = Callable[[str], str | None]
"""Number (E.164) or SIP URI of the configuration → the SIP URI to ring; None where nobody may be rung."""
_RINGBACK: Final = ringback()


_T = TypeVar("_T")


@dataclass(slots=True)
class RealPerson:
    """A Person at a telephone."""

    leg: Leg
    loop: asyncio.AbstractEventLoop

    def hears(self, text: str, wav: bytes | None, seconds: float, *, listening: bool) -> str | None:
        del text
        return in_loop(self.loop, self.leg, self.leg.play(_samples(wav, seconds), listening=listening))

    def waits(self, seconds: int) -> str | None:
        return in_loop(self.loop, self.leg, self.leg.wait(seconds))


class RealCaller(RealPerson):
    """A Caller at a telephone."""

    def sees(self, event: CallEvent) -> None:
        """Show nothing: a telephone only sounds."""


@dataclass(slots=True)
class RealFarEnd(RealPerson):
    """A FarEnd at a telephone."""

    caller: Leg
    ringback: "asyncio.Task[None]"
    """What the caller hears until the talk begins. Twilio lets it ring on while the far end hears a question
    (https://www.twilio.com/docs/glossary/call-whisper)."""

    def talks(self, seconds: int) -> int:
        return in_loop(self.loop, self.leg, self._talk(seconds))

    async def _talk(self, seconds: float) -> int:
        await _stopped(self.ringback)
        began = self.loop.time()
        try:
            await self.leg.talk(self.caller, seconds)
        except LegEnded as ended:
            if ended.leg is not self.leg:
                raise
        return round(self.loop.time() - began)

    def ends(self) -> None:
        with suppress(HungUp):
            in_loop(self.loop, self.leg, self._end())

    async def _end(self) -> None:
        await _stopped(self.ringback)
        await self.leg.hang_up()


@dataclass(slots=True)
class RealFarEnds:
    """FarEnds at telephones."""

    stack: Stack
    loop: asyncio.AbstractEventLoop
    caller: Leg
    route: Route
    silent: float

    def rings(self, endpoint: str, seconds: int, shown: str) -> Rung:
        uri = self.route(endpoint)
        if uri is None:
            return NotReached("failed")
        return in_loop(self.loop, None, self._ring(uri, seconds, shown))

    async def _ring(self, uri: str, seconds: float, shown: str) -> Rung:
        try:
            dialog = await self.stack.dial(uri, shown)
        except OSError:
            return NotReached("failed")
        leg = Leg(dialog, silent=self.silent, caller=self.caller)
        tone = asyncio.create_task(self.caller.repeat(_RINGBACK))
        try:
            if await leg.picks_up(seconds):
                return PickedUp(RealFarEnd(leg, self.loop, self.caller, tone))
            outcome = "no-answer"
        except LegEnded as ended:
            if ended.leg is self.caller:
                await _end(leg, tone)
                raise
            outcome = outcome_of(leg.status)
        await _end(leg, tone)
        return NotReached(outcome)


async def _end(leg: Leg, tone: "asyncio.Task[None]") -> None:
    await _stopped(tone)
    await leg.hang_up()


async def _stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def in_loop(loop: asyncio.AbstractEventLoop, leg: Leg | None, doing: Coroutine[Any, Any, _T]) -> _T:
    """Let the event loop do this, and wait for it in this thread.

    Raises HungUp where `leg` ended, and CallerHungUp where another one did, which is the caller's.
    """
    try:
        return asyncio.run_coroutine_threadsafe(doing, loop).result()
    except LegEnded as ended:
        raise (HungUp if ended.leg is leg else CallerHungUp) from None
    except (RuntimeError, CancelledError):  # the endpoint closes, and its loop with it
        doing.close()
        raise CallerHungUp from None


def _samples(wav: bytes | None, seconds: float) -> bytes:
    """Return the samples of a WAV file; silence of the same length where it is none, or damaged."""
    with suppress(wave.Error, EOFError):
        if wav:
            return samples_in(wav)
    return silence(seconds)
