"""How loud a room is when nobody speaks, and how loud somebody is who does; a quiet microphone is made up for."""

from collections import deque

import numpy as np

from assistant.audio.level import dbfs
from assistant.models.protocols import FRAME_S, Pcm

WINDOW_S = 4.0
"""Every talker breathes within this: the least of it is the room (Martin, "Noise power spectral density estimation
based on optimal smoothing and minimum statistics", 2001)."""
FLOOR_BIAS_DB = 2.0  # the least of a hundred frames of noise is that much below their mean
ABOVE_FLOOR_DB = 12.0
"""What is this much louder than the room is worth a second look; steady noise hardly ever reaches it."""
TARGET_DBFS, MAX_GAIN_DB = -32.0, 24.0
"""Speech at a good microphone is louder than the target, and is left exactly as it is."""
RISE_DB_S, FALL_DB_S = 3.0, 12.0
LEVEL_SMOOTHING = 0.05
PEAK = 0.9


class NoiseFloor:
    """The level of the room, from the quietest frame of the last four seconds. Not thread-safe."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=round(WINDOW_S / FRAME_S))

    def update(self, level_dbfs: float) -> float:
        """Take the level of a frame; give that of the room."""
        self._levels.append(level_dbfs)
        return min(self._levels) + FLOOR_BIAS_DB


class AutoGain:
    """Brings quiet speech up to −32 dBFS, by 24 dB at most and within seconds. Not thread-safe; 10 µs a frame.

    It learns from what stands out of the room's noise, and never clips: a frame that would is turned down at once.
    """

    def __init__(self) -> None:
        self._floor = NoiseFloor()
        self._level_dbfs: float | None = None
        self.gain_db = 0.0
        self.stands_out = False
        """The last frame that it learned from was clearly louder than the room."""

    def process(self, pcm: Pcm, *, learn: bool) -> float:
        """The factor for this frame of shape ``(512,)``. ``learn`` is false while something is played."""
        if learn:
            self._learn(dbfs(pcm))
        peak = float(np.abs(pcm).max(initial=0.0))
        factor = 10 ** (self.gain_db / 20)
        if factor > 1 and peak * factor > PEAK:
            factor = max(1.0, PEAK / peak)
            self.gain_db = 20 * float(np.log10(factor))
        return float(factor)

    def _learn(self, level_dbfs: float) -> None:
        self.stands_out = level_dbfs >= self._floor.update(level_dbfs) + ABOVE_FLOOR_DB
        if not self.stands_out:
            return
        if self._level_dbfs is None:
            self._level_dbfs = level_dbfs
        self._level_dbfs += LEVEL_SMOOTHING * (level_dbfs - self._level_dbfs)
        wanted_db = min(max(TARGET_DBFS - self._level_dbfs, 0.0), MAX_GAIN_DB)
        step_db = min(max(wanted_db - self.gain_db, -FALL_DB_S * FRAME_S), RISE_DB_S * FRAME_S)
        self.gain_db += step_db
