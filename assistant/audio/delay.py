"""How long sound takes from the loudspeaker's stamps to the microphone's: buffers no clock tells of, and the air."""

import numpy as np
import numpy.typing as npt

from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm

MAX_DELAY_S = 0.6
WINDOW_SAMPLES = 16_384  # about a second: a few syllables
FFT_SAMPLES = 32_768
EVERY_FRAMES = 4
MIN_FRAMES = 8  # in less than a quarter of a second chance makes peaks
MEMORY = 0.7
"""Of the cross-correlation, from one look to the next."""
CONFIDENT = 12.0
"""The highest of ten thousand values of noise is 4 to 5 times their root mean square."""
STEADY, STEADY_LOOKS, STEADY_SAMPLES = 7.0, 8, 16
"""In a hall the echo itself is most of that: there a lower peak will do that stays, for a second of speech. In eight
minutes of recorded talkers without an echo none of so much stayed for more than six looks."""
BAND_HZ = (150, 6000)


class DelayFinder:
    """Generalised cross-correlation with phase transform (Knapp and Carter 1976) of what was played and heard lately.

    Not thread-safe. A look takes 3 ms; there is one in four frames that were played.
    """

    def __init__(self) -> None:
        self._span = round(MAX_DELAY_S * SAMPLE_RATE_HZ)
        self._far = np.zeros(WINDOW_SAMPLES + self._span, np.float32)
        self._mic = np.zeros(WINDOW_SAMPLES, np.float32)
        frequency_hz = np.fft.rfftfreq(FFT_SAMPLES, 1 / SAMPLE_RATE_HZ)
        self._band = (frequency_hz >= BAND_HZ[0]) & (frequency_hz <= BAND_HZ[1])
        self._correlation: npt.NDArray[np.float32] = np.zeros(self._span, np.float32)
        self._frames = 0
        self._heard = 0
        self._best = self._steady_looks = 0

    def forget(self) -> None:
        """What was heard until now says nothing about what comes."""
        self._far[:] = 0
        self._mic[:] = 0
        self._correlation[:] = 0
        self._heard = self._steady_looks = 0

    def push(self, far: Pcm, mic: Pcm) -> None:
        """A frame of each, shape ``(512,)``."""
        self._heard += 1
        for kept, frame in ((self._far, far), (self._mic, mic)):
            kept[:-FRAME_SAMPLES] = kept[FRAME_SAMPLES:]
            kept[-FRAME_SAMPLES:] = frame

    def look(self) -> int | None:
        """The delay in samples, where one stands out; to be asked once a frame in which something was played."""
        self._frames += 1
        if self._frames % EVERY_FRAMES or self._heard < MIN_FRAMES or not self._mic.any():
            return None
        far = np.fft.rfft(self._far, FFT_SAMPLES)
        mic = np.fft.rfft(self._mic, FFT_SAMPLES)
        cross = np.where(self._band, mic * np.conj(far), 0)
        cross /= np.abs(cross) + 1e-9
        # The far window begins a span earlier: a delay of d is found at lag d - span, which wraps.
        lags = np.fft.irfft(cross)[-self._span :]
        self._correlation *= MEMORY
        self._correlation += (1 - MEMORY) * lags
        rms = float(np.sqrt(np.mean(np.square(self._correlation))))
        best = int(np.argmax(np.abs(self._correlation)))
        peak = abs(float(self._correlation[best]))
        steady = self._is_steady(best, stands_out=peak > STEADY * rms)
        return best if steady or peak > CONFIDENT * rms else None

    def _is_steady(self, best: int, *, stands_out: bool) -> bool:
        """Whether the peak has stayed where it is for long enough."""
        stays = abs(best - self._best) <= STEADY_SAMPLES
        self._steady_looks = (self._steady_looks if stays else 0) + 1 if stands_out else 0
        self._best = best
        return self._steady_looks >= STEADY_LOOKS
