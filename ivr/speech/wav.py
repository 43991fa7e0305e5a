"""The format of every sound that the line plays: WAV with 8 kHz, mono, 16 bit signed little-endian PCM.

Samples are bytes in this format, without a WAV header. No other module of the line opens a WAV file.
"""

import wave
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

from ivr.model.playing import GAP_BYTES

if TYPE_CHECKING:  # numpy is slow to load, and a worker needs it only for recordings
    import numpy as np
    from numpy.typing import NDArray

RATE: Final = 8000
"""Sampling rate in Hz, that of the telephone network."""
FRAME: Final = 2
"""Bytes of one sample."""
GAP: Final = bytes(GAP_BYTES)
"""The silence between two clips in one file, as samples."""
_CHANNELS: Final = 1
_FULL_SCALE: Final = 2**15 - 1
"""The largest value of a sample."""


def to_samples(floats: "NDArray[np.float32]") -> bytes:
    """Convert an array of floats, of which full scale is -1 to 1. Larger values are clipped."""
    return (floats.clip(-1, 1) * _FULL_SCALE).astype("<i2").tobytes()


def as_wav(samples: bytes) -> bytes:
    """Put samples into a WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(_CHANNELS)
        sound.setsampwidth(FRAME)
        sound.setframerate(RATE)
        sound.writeframes(samples)
    return file.getvalue()


def samples_in(wav: bytes) -> bytes:
    """Read the samples of a WAV file in this format. Raises whatever `wave` raises for a damaged file."""
    with wave.open(BytesIO(wav), "rb") as sound:
        return sound.readframes(sound.getnframes())


def size_in(file: BinaryIO, file_bytes: int) -> int:
    """Return the size of a WAV file's samples in bytes. Only the header is read.

    `file_bytes`: the size of the file. Raises ValueError for another format, for a file without samples and
    for one that is shorter than its header states; raises whatever `wave` raises for a damaged header.
    """
    with wave.open(file, "rb") as sound:
        form = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
        size, present = sound.getnframes() * FRAME, file_bytes - file.tell()
    if form != (_CHANNELS, FRAME, RATE) or not 0 < size <= present:
        raise ValueError("not a whole file of this format")
    return size
