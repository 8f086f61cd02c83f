"""What a room does to sound on its way from a loudspeaker to a microphone: exact to the sample, and seeded.

Everything here is at the microphone's 16 kHz, float32, unless it says otherwise.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm

TAPS, PHASES = 64, 4096
KAISER_BETA = 8.0
"""About 80 dB of stop band with 64 taps; the nearest of 4096 phases adds noise at −75 dB. A loudspeaker is worse."""
PASS_SHARE = 0.92  # of the lower Nyquist frequency

LONGEST_RESPONSE_S = 0.4
"""Of a room. A hall's is longer than anything that an echo canceller knows, and is asked for."""
NOISE_S = 20.0
BLOCK_SAMPLES = SAMPLE_RATE_HZ // 100
ACTIVE_DB = 25.0
"""Blocks of 10 ms this far below the loudest are pauses (the idea of ITU-T P.56, simplified)."""
P56_MARGIN_DB = 15.9


@dataclass(frozen=True, slots=True)
class Room:
    """The way from the loudspeaker to the microphone, and what else the microphone hears.

    ``response`` has shape ``(n,)``; its gain does not matter, ``echo_dbfs`` says how loud the voice arrives.
    ``delay_ms`` is from the moment a sample is handed to the device until its sound reaches the microphone, all buffers
    included. ``drift_ppm``: the loudspeaker's clock is so much faster than the microphone's. ``jitter_ms``: the times
    that the device tells of its blocks are late by up to so much. ``distortion`` is how hard a full-scale sample drives
    the loudspeaker's tanh; 0 for a perfect one. ``noise`` is looped.
    """

    response: Pcm = field(default_factory=lambda: np.ones(1, np.float32), repr=False)
    delay_ms: float = 60.0
    echo_dbfs: float | None = -26.0
    """None: nothing of the loudspeaker is heard, as with a headset."""
    distortion: float = 0.0
    drift_ppm: float = 0.0
    jitter_ms: float = 2.0
    noise: Pcm = field(default_factory=lambda: np.zeros(1, np.float32), repr=False)
    noise_dbfs: float = -70.0


def active_dbfs(pcm: Pcm) -> float:
    """How loud speech is while it lasts: power of the blocks that are no pause, in dB below full scale."""
    blocks = pcm[: pcm.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    power = np.square(blocks, dtype=np.float64).mean(axis=1)
    loudest = power.max(initial=0.0)
    if loudest == 0:
        return -120.0
    return float(10 * np.log10(power[power >= loudest * 10 ** (-ACTIVE_DB / 10)].mean()))


def onset_s(pcm: Pcm) -> float:
    """Where speech begins: the first 10 ms that are at most 15.9 dB, the margin of ITU-T P.56, below its level."""
    blocks = pcm[: pcm.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    power = np.square(blocks, dtype=np.float64).mean(axis=1)
    speech = power >= 10 ** ((active_dbfs(pcm) - P56_MARGIN_DB) / 10)
    return float(np.argmax(speech)) * BLOCK_SAMPLES / SAMPLE_RATE_HZ if speech.any() else 0.0


def at_level(pcm: Pcm, dbfs: float) -> Pcm:
    """The same speech so loud; silence stays silence."""
    return (pcm * 10 ** ((dbfs - active_dbfs(pcm)) / 20)).astype(np.float32)


def response(
    seed: int, reverberation_s: float = 0.3, direct_db: float = 3.0, longest_s: float = LONGEST_RESPONSE_S
) -> Pcm:
    """A room response from a seed: the direct sound, and noise that decays by 60 dB in ``reverberation_s``.

    ``direct_db``: how much more energy the direct sound has than all reflections together.
    """
    rng = np.random.default_rng(seed)
    count = round(min(reverberation_s, longest_s) * SAMPLE_RATE_HZ)
    tail = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / (reverberation_s * SAMPLE_RATE_HZ))
    tail[: BLOCK_SAMPLES // 5] = 0  # the first wall is a third of a metre away
    tail *= 10 ** (-direct_db / 20) / np.sqrt(np.square(tail).sum())
    tail[0] = 1.0
    return tail.astype(np.float32)


def trimmed(recorded: Pcm, longest_s: float = LONGEST_RESPONSE_S) -> Pcm:
    """A measured response from its direct sound on: what comes before is the delay of whoever measured it."""
    begin = max(int(np.argmax(np.abs(recorded))) - BLOCK_SAMPLES // 10, 0)
    return recorded[begin : begin + round(longest_s * SAMPLE_RATE_HZ)]


def pink_noise(seed: int, seconds: float = NOISE_S) -> Pcm:
    """Noise with as much power in each octave, as fans and traffic have it; loops without a click."""
    count = round(seconds * SAMPLE_RATE_HZ)
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    lowest = round(40 * seconds)  # microphones hear little below 40 Hz
    spectrum[1:] /= np.sqrt(np.maximum(np.arange(1, spectrum.size), lowest))
    spectrum[0] = 0
    noise: Pcm = np.fft.irfft(spectrum, count).astype(np.float32)
    noise /= np.abs(noise).max()
    return noise


class Convolver:
    """Streaming convolution of frames with a response, by overlap and add."""

    def __init__(self, impulse_response: Pcm) -> None:
        length = impulse_response.size
        self._size = 1 << (FRAME_SAMPLES + length - 2).bit_length()
        self._spectrum = np.fft.rfft(impulse_response.astype(np.float64), self._size)
        self._tail = np.zeros(self._size)

    def push(self, frame: Pcm) -> Pcm:
        """``frame`` has the shape ``(512,)``, and so has what comes back; no delay."""
        self._tail += np.fft.irfft(np.fft.rfft(frame, self._size) * self._spectrum, self._size)
        out: Pcm = self._tail[:FRAME_SAMPLES].astype(np.float32)
        self._tail[:-FRAME_SAMPLES] = self._tail[FRAME_SAMPLES:]
        self._tail[-FRAME_SAMPLES:] = 0
        return out


class DriftingTape:
    """A stream of samples at one rate, read at any moments: band-limited, and linear in phase.

    ``step`` is how many incoming samples one outgoing sample lasts; it may be any number.
    """

    def __init__(self, step: float) -> None:
        self._step = step
        cutoff = PASS_SHARE * min(1.0, 1.0 / step)
        offsets = np.arange(TAPS) - TAPS // 2 + 1
        at = offsets[np.newaxis, :] - (np.arange(PHASES) / PHASES)[:, np.newaxis]
        window = np.i0(KAISER_BETA * np.sqrt(np.maximum(1 - (at / (TAPS // 2)) ** 2, 0))) / np.i0(KAISER_BETA)
        self._kernels = (cutoff * np.sinc(cutoff * at) * window).astype(np.float32)
        self._offsets = offsets
        self._sound: npt.NDArray[np.float32] = np.zeros(0, np.float32)
        self._dropped = 0  # samples before the first that is kept

    def push(self, pcm: Pcm) -> None:
        self._sound = np.concatenate((self._sound, pcm))

    def read(self, first: float, count: int) -> Pcm:
        """``count`` outgoing samples, the first at incoming position ``first``; silence before the stream began.

        What lies before is forgotten. The stream must have come ``TAPS // 2`` samples further than the last of them.
        """
        position = first + np.arange(count) * self._step
        whole = np.floor(position).astype(np.int64)
        phase = np.minimum(((position - whole) * PHASES).astype(np.int64), PHASES - 1)
        index = whole[:, np.newaxis] + self._offsets[np.newaxis, :] - self._dropped
        assert index[-1, -1] < self._sound.size, "the loudspeaker has not come so far"
        taken = np.where(index >= 0, self._sound[np.maximum(index, 0)], np.float32(0))
        keep_from = int(max(whole[0] - TAPS - self._dropped, 0))
        self._sound, self._dropped = self._sound[keep_from:], self._dropped + keep_from
        out: Pcm = np.einsum("ij,ij->i", taken, self._kernels[phase])
        return out


class Echo:
    """What the microphone hears of the loudspeaker. Feed it what was played, then ask for the frames."""

    def __init__(self, room: Room, loudspeaker_hz: int, gain: float = 1.0) -> None:
        self._room = room
        self._rate_hz = loudspeaker_hz * (1 + room.drift_ppm * 1e-6)  # in seconds of the microphone
        self._tape = DriftingTape(self._rate_hz / SAMPLE_RATE_HZ)
        self._convolver = Convolver(room.response * np.float32(gain))
        self._heard = 0  # samples of the microphone so far

    def push(self, played: Pcm) -> None:
        """What the loudspeaker was handed next, silence included."""
        self._tape.push(driven(played, self._room.distortion))

    def frame(self) -> Pcm:
        """The next frame, shape ``(512,)``."""
        first_s = self._heard / SAMPLE_RATE_HZ - self._room.delay_ms / 1000
        self._heard += FRAME_SAMPLES
        return self._convolver.push(self._tape.read(first_s * self._rate_hz, FRAME_SAMPLES))


def driven(pcm: Pcm, distortion: float) -> Pcm:
    """What a small loudspeaker makes of it: loud samples are squashed, soft ones pass."""
    return pcm if distortion == 0 else (np.tanh(distortion * pcm) / distortion).astype(np.float32)


def calibrated_gain(room: Room, voice: Pcm, voice_hz: int) -> float:
    """What brings ``voice``, shape ``(n,)``, to ``room.echo_dbfs`` at the microphone."""
    if room.echo_dbfs is None:
        return 0.0
    echo = Echo(room, voice_hz)
    echo.push(np.concatenate((voice, np.zeros(voice_hz, np.float32))))
    frames = int((voice.size / voice_hz + 0.9) * SAMPLE_RATE_HZ / FRAME_SAMPLES)
    heard = np.concatenate([echo.frame() for _ in range(frames)])
    return float(10 ** ((room.echo_dbfs - active_dbfs(heard)) / 20))
