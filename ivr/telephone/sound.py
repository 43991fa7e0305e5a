"""Sound of a leg: the ringback tone, silence, and how much is sent ahead. Samples as in `ivr.speech.wav`."""

import math
from array import array
from typing import Final

from ivr.speech.wav import FRAME, RATE

BYTES_A_SECOND: Final = RATE * FRAME
PACKET: Final = BYTES_A_SECOND // 50
"""Bytes of 20 ms: one packet of RTP."""
AHEAD: Final = 50 * PACKET
"""Bytes that wait to be sent, at most: a process that gets no time for a second makes no gap."""
TALK_AHEAD: Final = 6 * PACKET
"""The same while two people talk, in which each packet that waits delays the answer."""
TALK_BEGINS: Final = 2 * PACKET
"""Silence before the first words of a talk, against gaps from packets that come unevenly."""

_RINGBACK_HZ: Final = 425
_RINGBACK_LEVEL: Final = 3000
"""Amplitude of 32767: -21 dB, below that of speech."""


def silence(seconds: float) -> bytes:
    """Return silence of this length."""
    return bytes(round(seconds * RATE) * FRAME)


def ringback() -> bytes:
    """Return one period of the ringback tone: 425 Hz, 1 s of tone and 4 s of silence (ETSI TR 101 041-2)."""
    step = 2 * math.pi * _RINGBACK_HZ / RATE
    tone = array("h", (round(_RINGBACK_LEVEL * math.sin(step * i)) for i in range(RATE)))
    return tone.tobytes() + silence(4)
