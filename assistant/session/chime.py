"""The two-note chime that comes before a timer's announcement."""

import numpy as np

from assistant.models.protocols import Pcm

CHIME_RATE_HZ = 24_000
NOTES_HZ = (880.0, 1174.66)  # A5, D6: a rising fourth
NOTE_S = 0.18


def chime() -> Pcm:
    """Shape ``(n,)``, float32 at CHIME_RATE_HZ."""
    t = np.arange(int(NOTE_S * CHIME_RATE_HZ)) / CHIME_RATE_HZ
    envelope = np.minimum(t / 0.005, 1.0) * np.exp(-t / 0.09)
    return np.concatenate([0.3 * envelope * np.sin(2 * np.pi * note * t) for note in NOTES_HZ]).astype(np.float32)
