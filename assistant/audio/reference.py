"""What the loudspeaker plays, for whoever has to tell it from what the microphone hears."""

import math
from collections import deque
from statistics import median
from typing import Protocol

import numpy as np
import numpy.typing as npt

from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm

RING_S = 2.0
STAMPS = 256
ZERO_CROSSINGS = 8  # of the interpolating sinc, to each side
PHASES = 512
KAISER_BETA = 6.0
PASS_SHARE = 0.94

LOOP_GAIN = 0.01
"""Share of the error that is made good a frame: jitter of some ms averages out over 3 s, 100 ppm of drift leaves 0.3 ms
until the loop has learned it, which takes as long."""
JITTER_S = 0.001
"""Stamps that jitter more are believed less, by the square: over PulseAudio on a busy machine they wander by ±5 ms for
seconds (measured), and what follows them has no echo canceller behind it. Clocks wander by µs."""
ERRORS = 15
STEP_S, JUMP_S = 0.01, 0.3
"""A median of half a second of errors that is so large says that sound was lost on the way; one or two late stamps say
nothing. A single error as large as the second means that the device began anew."""


class Reference(Protocol):
    """Something that knows what it plays."""

    @property
    def name(self) -> str:
        """What the device calls itself."""

    @property
    def breaks(self) -> int:
        """How often it was noticed that sound was lost between this clock and the reader's."""

    def played(self, at_s: float, count: int) -> Pcm:
        """The ``count`` samples, at 16 kHz, that were played until ``at_s`` on the session's clock; zeros where nothing
        was, or where it is not known. For one thread, which asks for one stretch after the other."""


class PlaybackTap:
    """A preallocated ring of what a device was handed, with the times at which it said that it would play that. One
    writer, the device's callback; one reader, the capture thread. Full policy: the oldest is overwritten.

    The reader follows the stamps through a delay-locked loop (Adriaensen, "Using a DLL to filter time", 2005), so
    neither the jitter of both devices' stamps nor a difference of their clocks tears or shifts what it reads.
    """

    def __init__(self, sample_rate_hz: int, to_hz: int = SAMPLE_RATE_HZ) -> None:
        """What is read has the rate ``to_hz``."""
        self._rate_hz = sample_rate_hz
        self._data: Pcm = np.zeros(round(RING_S * sample_rate_hz), np.float32)
        self._stamps: npt.NDArray[np.float64] = np.zeros((STAMPS, 2))  # position, seconds
        self._stamped = 0  # moved by the writer
        self._written = 0  # moved by the writer
        self._sound_until = 0  # the writer's: behind the last block that was not silent
        self._position: float | None = None  # the reader's: behind what it read last
        self._frames = 0  # the reader's: since it began
        self._errors: deque[float] = deque(maxlen=ERRORS)  # the reader's: samples, since it last jumped
        self._drift = 0.0  # the reader's: samples a sample
        self.breaks = 0  # the reader's
        self._step = sample_rate_hz / to_hz
        self._half, self._kernels = _kernels(self._step)

    def write(self, block: Pcm, at_s: float) -> None:
        """``block``, shape ``(n,)``, will begin to sound at ``at_s``. The callback's only call: copies."""
        start = self._written % self._data.size
        first = min(block.size, self._data.size - start)
        self._data[start : start + first] = block[:first]
        self._data[: block.size - first] = block[first:]
        stamp = self._stamps[self._stamped % STAMPS]
        stamp[0], stamp[1] = self._written, at_s
        self._written += block.size
        if block.any():
            self._sound_until = self._written
        self._stamped += 1

    def played(self, at_s: float, count: int) -> Pcm:
        """As a Reference: ``count`` samples until ``at_s``."""
        end = self._follow(at_s, count)
        if end is None or end - count * self._step - self._half > self._sound_until:
            return np.zeros(count, np.float32)
        return self._interpolated(end - count * self._step, count)

    def _follow(self, at_s: float, count: int) -> float | None:
        """The position that sounded at ``at_s``, smoothed; None before anything was written."""
        stamped = self._position_at(at_s)
        if stamped is None:
            return None
        if self._position is None:
            self._position = stamped
            return stamped
        expected = self._position + count * self._step * (1 + self._drift)
        self._errors.append(stamped - expected)
        self._position = expected + (self._jump() or self._glide(count))
        return self._position

    def _jump(self) -> float:
        """How far off the stamps are where that is no jitter, else 0."""
        off = median(self._errors)
        if abs(self._errors[-1]) > JUMP_S * self._rate_hz:
            off = self._errors[-1]
            self._frames, self._drift = 0, 0.0
        elif len(self._errors) < ERRORS or abs(off) < STEP_S * self._rate_hz:
            return 0.0
        self._errors.clear()
        self.breaks += 1
        return off

    def _glide(self, count: int) -> float:
        """A little towards the newest stamp; in the beginning to the mean of all."""
        error, beginning = self._errors[-1], 1 / (self._frames + 2)
        self._frames += 1
        if beginning > LOOP_GAIN:
            return beginning * error
        gain = LOOP_GAIN * min(1.0, (JITTER_S * self._rate_hz / (self._jitter + 1e-9)) ** 2)
        self._drift += gain**2 / 4 * error / (count * self._step)
        return gain * error

    @property
    def _jitter(self) -> float:
        """Of the last errors, in samples."""
        return sum(map(abs, self._errors)) / len(self._errors)

    def _position_at(self, at_s: float) -> float | None:
        """By the newest stamp that is not later; by the oldest that is known where all are."""
        newest = self._stamped - 1
        for back in range(min(self._stamped, STAMPS - 1)):
            position, stamp_s = self._stamps[(newest - back) % STAMPS]
            if stamp_s <= at_s:
                return float(position + (at_s - stamp_s) * self._rate_hz)
        return None

    def _interpolated(self, begin: float, count: int) -> Pcm:
        positions = begin + np.arange(count) * self._step
        phase = np.rint(positions * PHASES).astype(np.int64)
        taps = (phase // PHASES)[:, np.newaxis] + np.arange(1 - self._half, self._half + 1)
        known = (taps >= max(0, self._written - self._data.size)) & (taps < self._written)
        sound = np.where(known, self._data[taps % self._data.size], np.float32(0))
        out: Pcm = np.einsum("ij,ij->i", sound, self._kernels[phase % PHASES])
        return out


def _kernels(step: float) -> tuple[int, npt.NDArray[np.float32]]:
    """Half the number of taps, and a windowed sinc for each phase, shape ``(512, taps)``: passes what both can."""
    cutoff = 1.0 if step == 1 else PASS_SHARE * min(1.0, 1 / step)
    half = math.ceil(ZERO_CROSSINGS * max(1.0, step))
    at = np.arange(1 - half, half + 1) - (np.arange(PHASES) / PHASES)[:, np.newaxis]
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(1 - (at / half) ** 2, 0))) / np.i0(KAISER_BETA)
    kernels = np.sinc(cutoff * at) * window
    return half, (kernels / kernels.sum(axis=1, keepdims=True)).astype(np.float32)
