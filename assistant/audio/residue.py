"""What a canceller leaves of the echo, taken out of what the voice activity detector hears.

Subtraction cannot reach what a small loudspeaker distorts, nor a room that it has only begun to learn. A suppressor
can, and takes some of a talker along: too much for a recogniser, not for the question whether somebody speaks. So words
are recognised from what the canceller gives, and speech is noticed in what is left here.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assistant.audio.kalman import BINS, BLOCK_SAMPLES, Cleaned
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm

OVERESTIMATE = 4.0
"""Powers fluctuate: what is taken for echo is this much more than its mean."""
BAND_BINS = 4  # 250 Hz
LEAK_AT_START_DB, LEAK_MIN_DB, LEAK_MAX_DB = -10.0, -30.0, 0.0
LEAK_STEP_DB = 0.2
LEAK_QUANTILE = 0.4
"""A talker is louder than the echo in some blocks, never in nearly all: below the median there is echo alone."""
CAUTION_DB, CAUTION_S = 10.0, 3.0
"""A filter that has just begun believes itself too much: it takes what it has not heard yet for learned."""
AUDIBLE = 1e-7 * 2 * BLOCK_SAMPLES  # −70 dBFS: quieter echo says nothing about the loudspeaker
WINDOW = np.sqrt(np.hanning(2 * BLOCK_SAMPLES + 1)[:-1]).astype(np.float32)

Power = npt.NDArray[np.float32]


class EchoSuppressor:
    """Blocks in, blocks out, 8 ms later. Not thread-safe; 80 µs a block."""

    def __init__(self) -> None:
        self._error = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        self._echo = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        self._tail = np.zeros(BLOCK_SAMPLES, np.float32)
        self._expected = np.zeros(BINS, np.float32)
        self._leak_db = np.zeros(-(-BINS // BAND_BINS), np.float32)
        self._caution_db = 0.0
        self.forget()

    def forget(self) -> None:
        """The echo comes another way: be careful again."""
        self._leak_db[:] = LEAK_AT_START_DB
        self._caution_db = CAUTION_DB

    def process(self, blocks: Sequence[Cleaned]) -> Pcm:
        """As many samples as the blocks have."""
        return np.concatenate([self._block(block) for block in blocks])

    def _block(self, block: Cleaned) -> Pcm:
        error, echo = _next(self._error, block.pcm), _next(self._echo, block.echo)
        near, far = _power(error), _power(echo)
        unsure = np.maximum(self._expected, block.expected)  # the window covers both
        self._expected = block.expected
        leak = np.repeat(10 ** (self._leak_db / 10), BAND_BINS)[:BINS]
        left = unsure * 10 ** (self._caution_db / 10) + leak * far
        gain = np.maximum(1 - OVERESTIMATE * left / (near + 1e-12), 0)
        self._learn(near - unsure, far)
        if far.sum() > AUDIBLE * BINS:
            self._caution_db = max(0.0, self._caution_db - CAUTION_DB * BLOCK_SAMPLES / SAMPLE_RATE_HZ / CAUTION_S)
        sound = np.fft.irfft(gain * error).astype(np.float32) * WINDOW
        out = sound[:BLOCK_SAMPLES] + self._tail
        self._tail = sound[BLOCK_SAMPLES:]
        return out

    def _learn(self, near: Power, far: Power) -> None:
        """Follow a quantile of how loud the rest is against the echo, band by band, where there is echo at all."""
        starts = np.arange(0, BINS, BAND_BINS)
        rest, echo = np.add.reduceat(near, starts), np.add.reduceat(far, starts)
        heard = echo > AUDIBLE * BAND_BINS
        above = rest > echo * 10 ** (self._leak_db / 10)
        self._leak_db += np.where(above, LEAK_QUANTILE, LEAK_QUANTILE - 1) * heard * LEAK_STEP_DB
        np.clip(self._leak_db, LEAK_MIN_DB, LEAK_MAX_DB, out=self._leak_db)


def _next(window: Pcm, block: Pcm) -> npt.NDArray[np.complex64]:
    window[:BLOCK_SAMPLES] = window[BLOCK_SAMPLES:]
    window[BLOCK_SAMPLES:] = block
    return np.fft.rfft(window * WINDOW).astype(np.complex64)


def _power(spectrum: npt.NDArray[np.complex64]) -> Power:
    return np.square(np.abs(spectrum))
