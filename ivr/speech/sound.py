"""Signal processing: decoding, resampling to the line's rate, trimming silence, setting the loudness."""

from io import BytesIO
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ivr.model.limits import RECORDING_CHANNELS, RECORDING_RATES, RECORDING_SECONDS
from ivr.speech import Unsuitable
from ivr.speech.wav import RATE, to_samples

Samples = NDArray[np.float32]

_LOUDNESS: Final = 10 ** (-20 / 20)
"""Target RMS level of the spoken parts: -20 dB relative to full scale."""
_PEAK: Final = 10 ** (-1 / 20)
"""Highest level of a sample: -1 dB relative to full scale."""
_FRAME_SECONDS: Final = 0.02
"""Length of the frames whose level is measured."""
_QUIET: Final = 10 ** (-40 / 20)
"""Frames below this level, relative to the loudest frame, count as silence: -40 dB."""
_SHORTEST_SECONDS: Final = 0.1
"""A shorter file is refused."""
_EDGE_SECONDS: Final = 0.05
"""Silence in seconds that is kept before and after the speech."""


def telephone_quality(content: bytes) -> bytes:
    """Decode a sound file to samples in the line's format.

    Raises Unsuitable, or RuntimeError for a file that cannot be decoded or has no sound in it.
    """
    form = soundfile.info(BytesIO(content))
    least, most = RECORDING_RATES
    if not (
        least <= form.samplerate <= most
        and form.channels <= RECORDING_CHANNELS
        and form.frames <= RECORDING_SECONDS * form.samplerate
    ):
        raise Unsuitable
    samples, rate = soundfile.read(BytesIO(content), frames=form.frames, dtype="float32", always_2d=True)
    if len(samples) < _SHORTEST_SECONDS * rate or not np.isfinite(samples).all() or not samples.any():
        raise RuntimeError("nothing to be heard in it")
    return to_samples(even(samples.mean(axis=1), rate))


def even(samples: Samples, rate: int) -> Samples:
    """Resample to 8 kHz, remove the silence at both ends, and set the loudness.

    `samples`: mono, full scale is 1.0. `rate`: of the samples, in Hz.
    """
    sound: Samples = np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32)
    size = int(_FRAME_SECONDS * RATE)
    frames = sound[: len(sound) // size * size].reshape(-1, size)
    levels = np.sqrt((frames**2).mean(axis=1)) if len(frames) else np.zeros(1)
    spoken = np.flatnonzero(levels > levels.max() * _QUIET)
    if not levels.max() or not len(spoken):
        return sound
    edge = int(_EDGE_SECONDS * RATE)
    sound = sound[max(spoken[0] * size - edge, 0) : (spoken[-1] + 1) * size + edge]
    active = np.sqrt((levels[spoken] ** 2).mean())
    gain = min(_LOUDNESS / active, _PEAK / np.abs(sound).max())
    return np.asarray(sound * gain, dtype=np.float32)
