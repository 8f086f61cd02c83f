"""Pitch marks: where the grains of a pitch-synchronous overlap-add (TD-PSOLA) are centred."""

import numpy as np
from voice_speech import RATE_HZ

PERIOD = 143
"""Samples of one glottal cycle of voice_speech's tone, by autocorrelation."""
SPREAD = 0.12
"""How far apart two marks may be, as a part of the period."""
STEP = 4
"""Marks are looked for at every fourth sample."""
STIFFNESS = 12.0
BAND_HZ = (75.0, 155.0)  # the fundamental alone
QUIET = 0.003


def pitch_marks(pcm: np.ndarray) -> np.ndarray:
    """Sample indices, about PERIOD apart: at the same point of every glottal cycle, evenly spaced where unvoiced."""
    score = fundamental(pcm)[::STEP]
    near, far = round(PERIOD * (1 - SPREAD) / STEP), round(PERIOD * (1 + SPREAD) / STEP)
    cost = STIFFNESS * (np.arange(near, far + 1) * STEP / PERIOD - 1) ** 2
    best = np.zeros(score.size)
    came_from = np.zeros(score.size, np.int64)
    best[:far] = score[:far]
    for place in range(far, score.size):
        candidates = best[place - far : place - near + 1][::-1] - cost
        choice = int(candidates.argmax())
        best[place] = candidates[choice] + score[place]
        came_from[place] = place - near - choice
    place = score.size - far + int(best[-far:].argmax())
    marks = [place]
    while place >= far:
        place = int(came_from[place])
        marks.append(place)
    return np.array(marks[::-1]) * STEP


def fundamental(pcm: np.ndarray) -> np.ndarray:
    """The voice's first harmonic at a level of about 1, near 0 where there is no voice; the same shape as ``pcm``."""
    spectrum = np.fft.rfft(pcm)
    frequencies_hz = np.fft.rfftfreq(pcm.size, 1 / RATE_HZ)
    spectrum[(frequencies_hz < BAND_HZ[0]) | (frequencies_hz > BAND_HZ[1])] = 0
    wave = np.fft.irfft(spectrum, pcm.size)
    power = np.convolve(wave**2, np.full(2 * PERIOD, 0.5 / PERIOD), "same")
    return wave / np.sqrt(2 * power + QUIET**2)
