"""Whether a frame stands out of what is always there: the room, and what is left in it of our own voice."""

from collections import deque

import numpy as np

from assistant.audio.level import dbfs
from assistant.models.protocols import FRAME_S, Pcm

WINDOW_S = 4.0
USUAL_PERCENTILE, ABOVE_DB = 99, 6.0
"""Above the loudest that is left of an echo: once a minute something of it stands out all the same."""
LEAST_DBFS = -45.0
KNOWN_FRAMES = 31  # a second
LATEST_FRAMES = 12  # not usual yet: a consonant does not hide its own end


class Prominence:
    """Learns from the frames without voice. Its only time is their number; 50 µs a frame."""

    def __init__(self) -> None:
        self._levels_dbfs: deque[float] = deque(maxlen=round(WINDOW_S / FRAME_S) + LATEST_FRAMES)

    def feed(self, frame: Pcm, *, voiced: bool) -> bool:
        """Whether the frame, shape ``(512,)``, is clearly louder than the usual."""
        level_dbfs = dbfs(frame)
        stands_out = self._beyond(level_dbfs)
        if not voiced:
            self._levels_dbfs.append(level_dbfs)
        return stands_out

    def _beyond(self, level_dbfs: float) -> bool:
        known = len(self._levels_dbfs) - LATEST_FRAMES
        if level_dbfs < LEAST_DBFS or known < KNOWN_FRAMES:
            return False
        usual_dbfs = float(np.percentile(list(self._levels_dbfs)[:known], USUAL_PERCENTILE))
        return level_dbfs >= usual_dbfs + ABOVE_DB
