"""One leg: what is played on it, the keys pressed on it, and its end. Runs in the event loop's thread."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Final, assert_never

from ivr.telephone.dialog import Answered, Dialog, DialogEvent, Ended, Held, KeyPressed
from ivr.telephone.sound import AHEAD, BYTES_A_SECOND, TALK_AHEAD, TALK_BEGINS

SILENT: Final = 60.0
"""Seconds without a packet of RTP after which a leg ends: the telephone vanished, or never sent any.

As in Asterisk's example configuration (`rtptimeout`) and in Mitel's telephones (`sip no rtp timeout`).
A telephone that sends nothing for longer while nobody speaks needs its silence suppression switched off.
"""
HELD: Final = 120.0
"""The same while the telephone holds the call and so sends nothing (`rtpholdtimeout`)."""
_PERIOD: Final = 0.04
"""Seconds between two looks at what came in and at what is to be sent. A key is seen at once."""
_TALK_PERIOD: Final = 0.02
_CUTTING: Final = 10
"""Looks at whether what waits was dropped. While a call is on hold, the stack sends and drops nothing."""
_ENDING: Final = 2.0
"""Seconds that a dialog has for telling that it ended, after we ended it."""


class LegEnded(Exception):
    """A leg ended: its telephone hung up or vanished, or we hung up."""

    def __init__(self, leg: "Leg") -> None:
        super().__init__("a leg ended")
        self.leg = leg


class Leg:
    """One telephone's side of a call.

    Each method that waits raises LegEnded where this leg, or the one that it goes with, ends meanwhile.
    """

    def __init__(self, dialog: Dialog, *, silent: float = SILENT, caller: "Leg | None" = None) -> None:
        """Take a dialog. `silent`: as SILENT. `caller`: the leg for which this one was rung."""
        self._dialog = dialog
        self._silent = silent
        self._caller = caller
        self._loop = asyncio.get_running_loop()
        self._keys: deque[str] = deque()
        self._listening = False
        self._held = False
        self._answered = False
        self._changed = asyncio.Event()
        self._heard_at = self._loop.time()
        self.ended = False
        self.status: int | None = None
        """SIP status code with which an INVITE was refused, once the leg ended."""
        dialog.listen(self._happened)

    def _happened(self, event: DialogEvent) -> None:
        match event:
            case Answered():
                self._answered = True
                self._heard_at = self._loop.time()
            case KeyPressed(key):
                if self._listening:
                    self._keys.append(key)
            case Held(on):
                self._held = on
                self._heard_at = self._loop.time()
            case Ended(status):
                self.ended, self.status = True, status
            case _:
                assert_never(event)
        self._changed.set()

    async def answer(self, seconds: float) -> bool:
        """Pick up; return whether the call is established within `seconds`."""
        await self._dialog.answer()
        return await self.picks_up(seconds)

    async def picks_up(self, seconds: float) -> bool:
        """Wait until the telephone picks up; return whether it did within `seconds`."""
        end = self._loop.time() + seconds
        while not self._answered:
            if (left := end - self._loop.time()) <= 0:
                return False
            await self._pause(min(left, _PERIOD))
        return True

    async def play(self, samples: bytes, *, listening: bool) -> str | None:
        """Play samples to their end; where `listening`, a key stops them and is returned."""
        self._listen(on=listening)
        sent, end = 0, self._loop.time() + len(samples) / BYTES_A_SECOND + 1
        try:
            # A telephone that holds the call takes no sound. The sound then ends about when it would have.
            while self._loop.time() < end:
                if key := self._pressed():
                    return key
                sent += self._dialog.write(samples[sent : sent + max(AHEAD - self._dialog.unsent(), 0)])
                self.received()
                if sent >= len(samples) and not self._dialog.unsent():
                    break
                await self._pause(_PERIOD)
            return self._pressed()
        finally:
            await self._cut()

    async def _cut(self) -> None:
        """Drop what waits to be sent, and wait until it is gone: what is written earlier is dropped too."""
        if self._dialog.unsent():
            self._dialog.flush()
        for _ in range(_CUTTING):
            if not self._dialog.unsent():
                break
            await asyncio.sleep(_TALK_PERIOD)

    async def wait(self, seconds: float) -> str | None:
        """Wait for a key for `seconds`; return it, or None."""
        self._listen(on=True)
        end = self._loop.time() + seconds
        while not (key := self._pressed()) and (left := end - self._loop.time()) > 0:
            self.received()
            await self._pause(min(left, _PERIOD))
        if not key:
            self._listening = False
        return key

    async def repeat(self, samples: bytes) -> None:
        """Play samples again and again until this task is cancelled or the leg ends."""
        with suppress(LegEnded):
            while True:
                await self.play(samples, listening=False)

    async def talk(self, other: "Leg", seconds: float) -> None:
        """Bridge both legs for `seconds` at most."""
        end = self._loop.time() + seconds
        for leg in (self, other):
            leg.begin_talk()
        while self._loop.time() < end:
            self.say(other.received())
            other.say(self.received())
            await self._pause(_TALK_PERIOD)

    def begin_talk(self) -> None:
        """Forget what came in: from here on it is the talk's. Nothing waits to be sent any more."""
        self._listen(on=False)
        self._dialog.read()
        self._dialog.write(bytes(TALK_BEGINS))

    def say(self, samples: bytes) -> None:
        """Send what the other said. Dropped where too much waits, or all that follows would be late."""
        if self._dialog.unsent() + len(samples) <= TALK_AHEAD:
            self._dialog.write(samples)

    async def hang_up(self) -> None:
        """End the leg, however far it is, and wait until it has ended."""
        await self._dialog.end()
        end = self._loop.time() + _ENDING
        while not self.ended and self._loop.time() < end:
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _ENDING)
        self.ended = True

    def received(self) -> bytes:
        """Return what came in since the last time. Ends the leg where nothing came for too long."""
        samples, now = self._dialog.read(), self._loop.time()
        if samples:
            self._heard_at = now
        elif now - self._heard_at > (max(HELD, self._silent) if self._held else self._silent):
            self.ended = True
        return samples

    def _listen(self, *, on: bool) -> None:
        """Begin to keep keys, or drop them.

        Twilio collects keys for a Gather only while it runs
        (https://support.twilio.com/hc/en-us/articles/223180068-Troubleshooting-issues-with-Gather).
        Between two clips of one Gather keys are kept; those pressed before it begins are dropped.
        """
        if not on:
            self._keys.clear()
        self._listening = on

    def _pressed(self) -> str | None:
        """Return the next key. With it this Gather may be at its end, so what follows is not kept."""
        if not self._keys:
            return None
        self._listening = False
        return self._keys.popleft()

    async def _pause(self, seconds: float) -> None:
        """Wait until something happens on this leg, for `seconds` at most."""
        self._raise_if_ended()
        self._changed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
        self._raise_if_ended()

    def _raise_if_ended(self) -> None:
        for leg in (self._caller, self):
            if leg and leg.ended:
                raise LegEnded(leg)
