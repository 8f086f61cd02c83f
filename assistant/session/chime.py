"""Short sounds: the two-note chime before a timer's announcement, and the note that says that the ear is open."""

import numpy as np

from assistant.models.protocols import Pcm

CHIME_RATE_HZ = 24_000
NOTES_HZ = (880.0, 1174.66)  # A5, D6: a rising fourth
NOTE_S = 0.18
EARCON_HZ, EARCON_S = 1318.51, 0.09  # E6, and gone before anybody has drawn breath to speak


def chime() -> Pcm:
    """Shape ``(n,)``, float32 at CHIME_RATE_HZ."""
    return np.concatenate([_note(hz, NOTE_S, 0.3) for hz in NOTES_HZ])


def earcon() -> Pcm:
    """Shape ``(n,)``, float32 at CHIME_RATE_HZ."""
    return _note(EARCON_HZ, EARCON_S, 0.15)


def _note(hz: float, seconds: float, amplitude: float) -> Pcm:
    """Struck, and dying away to an end without a click."""
    t = np.arange(int(seconds * CHIME_RATE_HZ)) / CHIME_RATE_HZ
    envelope = np.minimum(t / 0.005, 1.0) * np.exp(-t * 2 / seconds)
    return (amplitude * envelope * np.sin(2 * np.pi * hz * t)).astype(np.float32)
