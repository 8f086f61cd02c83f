"""The echo of what is played, learned and subtracted: a frequency-domain Kalman filter in partitions.

Enzner and Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control in hands-free telephones" (Signal
Processing 86, 2006); partitions after Kuech, Mabande and Enzner, "State-space architecture of the
partitioned-block-based acoustic echo controller" (ICASSP 2014). Its step follows from how sure it is of the room and
how loud everything else is, so somebody who talks over the echo does not lead it astray, and no detector of double
talk is needed.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assistant.models.protocols import Pcm

BLOCK_SAMPLES = 128
"""8 ms: in shorter blocks it learns faster and costs more."""
BINS = BLOCK_SAMPLES + 1
PARTITIONS = 32  # 256 ms: what is left of a living room's echo after that is 50 dB down
DECAY = 10 ** (-60 / 10 * (BLOCK_SAMPLES / 16_000) / 0.4)
"""How much power a partition is expected to have less than the one before, in a room whose echo lasts 0.4 s."""
FADE = 0.9995**2
"""How much of the path is still the same a block later (its square): people move."""
LEARNED = 0.2
"""How much of the doubt a block takes away. Theory says a half, for partitions that hear different things; those of
speech hear nearly the same, and with a half it stops learning early (measured: 7 instead of 13 dB after a second)."""
NEAR_SMOOTHING = 0.7
FLOOR = 1e-9 * 2 * BLOCK_SAMPLES  # −90 dBFS in a bin
CONSTRAINED_AT_ONCE = 8

Power = npt.NDArray[np.float32]
"""Shape ``(129,)``: of the transform of 256 samples."""


class Cleaned(NamedTuple):
    """One block: ``pcm``, shape ``(128,)``, without ``echo``, as far as that is known; ``expected`` is the power of the
    echo that is still in it, by how little the filter is sure of the room."""

    pcm: Pcm
    echo: Pcm
    expected: Power


class EchoFilter:
    """The path from loudspeaker to microphone, as 256 ms of impulse response. Not thread-safe; 0.1 ms a block."""

    def __init__(self) -> None:
        prior = DECAY ** np.arange(PARTITIONS, dtype=np.float32)
        self._prior = (prior / prior.sum())[:, np.newaxis]
        self._far = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        self._padded = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        self._spectra = np.zeros((PARTITIONS, BINS), np.complex64)  # of what was played, newest first
        self._powers = np.zeros((PARTITIONS, BINS), np.float32)
        self._path = np.zeros((PARTITIONS, BINS), np.complex64)
        self._doubt = np.zeros((PARTITIONS, BINS), np.float32)
        self._near = np.zeros(BINS, np.float32)
        self._turn = 0
        self.forget()

    def forget(self) -> None:
        """The path is another one: learn it anew."""
        self._path[:] = 0
        self._doubt[:] = self._prior
        self._near[:] = FLOOR

    @property
    def path(self) -> Pcm:
        """The impulse response as it is known, shape ``(4096,)``."""
        taps = np.fft.irfft(self._path, axis=1)[:, :BLOCK_SAMPLES]
        return taps.reshape(-1).astype(np.float32)

    def process(self, mic: Pcm, far: Pcm) -> Cleaned:
        """``mic`` and ``far``, what was played at the time, have shape ``(128,)``."""
        self._listen(far)
        echo = np.fft.irfft((self._spectra * self._path).sum(axis=0))[BLOCK_SAMPLES:].astype(np.float32)
        error = mic - echo
        self._padded[BLOCK_SAMPLES:] = error
        spectrum = np.fft.rfft(self._padded).astype(np.complex64)
        self._near *= NEAR_SMOOTHING
        self._near += (1 - NEAR_SMOOTHING) * np.square(np.abs(spectrum))
        expected = 0.5 * (self._powers * self._doubt).sum(axis=0)
        self._learn(spectrum, expected)
        return Cleaned(error, echo, expected)

    def _listen(self, far: Pcm) -> None:
        self._far[:BLOCK_SAMPLES] = self._far[BLOCK_SAMPLES:]
        self._far[BLOCK_SAMPLES:] = far
        self._spectra[1:] = self._spectra[:-1].copy()
        self._powers[1:] = self._powers[:-1].copy()
        self._spectra[0] = np.fft.rfft(self._far)
        self._powers[0] = np.square(np.abs(self._spectra[0]))

    def _learn(self, error: npt.NDArray[np.complex64], expected: Power) -> None:
        step = self._doubt / (expected + self._near + FLOOR)
        self._path += step * np.conj(self._spectra) * error
        self._constrain()
        self._doubt *= FADE * (1 - LEARNED * step * self._powers)
        self._doubt += (1 - FADE) * np.square(np.abs(self._path))

    def _constrain(self) -> None:
        """Keep each partition to 128 taps, some partitions a block (Valin 2007 alternates in the same way)."""
        some = slice(self._turn, self._turn + CONSTRAINED_AT_ONCE)
        self._turn = (self._turn + CONSTRAINED_AT_ONCE) % PARTITIONS
        taps = np.fft.irfft(self._path[some], axis=1)
        taps[:, BLOCK_SAMPLES:] = 0
        self._path[some] = np.fft.rfft(taps, axis=1)
