"""A loudspeaker, a room and a talker made of seeded noise: enough for an adaptive filter, without any recording."""

import numpy as np

from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm


def speech(seconds: float, seed: int, dbfs: float = -23.0) -> Pcm:
    """Noise with the spectrum, the syllables and the pauses of somebody who talks. Whole frames."""
    rng = np.random.default_rng(seed)
    count = round(seconds * SAMPLE_RATE_HZ) // FRAME_SAMPLES * FRAME_SAMPLES
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency_hz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
    spectrum *= (frequency_hz > 100) / (1 + (frequency_hz / 700) ** 2)
    at_s = np.arange(count) / SAMPLE_RATE_HZ
    syllables = np.maximum(np.sin(2 * np.pi * (3.1 * at_s + rng.random())), 0) * (np.sin(2 * np.pi * 0.3 * at_s) > -0.8)
    sound = np.fft.irfft(spectrum, count) * syllables
    return (sound * 10 ** (dbfs / 20) / np.sqrt(np.mean(np.square(sound)))).astype(np.float32)


def echo(far: Pcm, delay: int, *, reverberation_s: float = 0.2, gain: float = 0.5, reverberation: float = 0.05) -> Pcm:
    """What a room makes of it: a direct sound after ``delay`` samples, and a tail of noise, so loud against it."""
    rng = np.random.default_rng(5)
    count = round(reverberation_s * SAMPLE_RATE_HZ)
    response = reverberation * rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    response[0] = 1.0
    size = far.size + count  # of a transform in which the end of the tail does not come round to the beginning
    heard = np.fft.irfft(np.fft.rfft(far, size) * np.fft.rfft(gain * response, size), size)[: far.size - delay]
    return np.concatenate((np.zeros(delay), heard)).astype(np.float32)


def noise(seconds: float, seed: int, dbfs: float) -> Pcm:
    """Steady and white. Whole frames."""
    count = round(seconds * SAMPLE_RATE_HZ) // FRAME_SAMPLES * FRAME_SAMPLES
    return (np.random.default_rng(seed).standard_normal(count) * 10 ** (dbfs / 20)).astype(np.float32)


def level_db(sound: Pcm) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-15))


def frames(*sounds: Pcm) -> list[tuple[Pcm, ...]]:
    """Those sounds side by side, frame by frame."""
    begins = range(0, sounds[0].size, FRAME_SAMPLES)
    return [tuple(sound[begin : begin + FRAME_SAMPLES] for sound in sounds) for begin in begins]
