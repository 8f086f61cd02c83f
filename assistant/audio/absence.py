"""Whether a loudspeaker is heard at all: its echo follows within half a second, or there is none."""

import numpy as np

from assistant.audio.gain import NoiseFloor
from assistant.audio.level import FLOOR_DBFS, dbfs
from assistant.models.protocols import FRAME_S, Pcm

LONGEST_FRAMES = 14
"""0.45 s: a later echo is found all the same, and heard until then."""
ROOM_S = 0.5
"""So long the room has to be heard alone before its level is known."""
AT_FLOOR_DB = 4.0
"""Frames of steady noise are hardly ever this much above the room's level."""
INAUDIBLE_DBFS = -70.0
SILENT_FRAMES = 3  # a frame or two without sound are sooner lost than silent
LOUD_DBFS = -45.0  # speech that is played: nothing is to be expected of less
NEAR_LOUDEST_DB = 10.0
"""What is played softer than that may be too soft to be heard, without the rest being so."""


class Absence:
    """Rules out one delay after the other. Not thread-safe; 20 µs a frame.

    Where an echo comes ``n`` frames late, the microphone is louder than the room ``n`` frames after something loud was
    played. It is not: so there is no such echo, whoever speaks before or afterwards. With all delays ruled out, there
    is none.
    """

    def __init__(self) -> None:
        self._room = NoiseFloor()
        self._room_frames = 0
        self._room_dbfs = FLOOR_DBFS
        self._unheard_dbfs = np.zeros(LONGEST_FRAMES, np.float32)
        """The loudest that was played so many frames before silence."""
        self._played_dbfs = np.zeros(LONGEST_FRAMES + 1, np.float32)  # the newest first
        self._loudest_dbfs = FLOOR_DBFS
        self._silent_frames = 0
        self.forget()

    def forget(self) -> None:
        """What was heard until now says nothing about what comes."""
        self._unheard_dbfs[:] = FLOOR_DBFS
        self._played_dbfs[:] = FLOOR_DBFS
        self._loudest_dbfs = FLOOR_DBFS
        self._silent_frames = 0

    def hear_room(self, mic: Pcm) -> None:
        """A frame, shape ``(512,)``, of when nothing is played."""
        self._room_frames += 1
        self._room_dbfs = self._room.update(dbfs(mic))

    def rules_out(self, mic: Pcm, far: Pcm) -> bool:
        """Whether, by these two frames and those before, no echo is to be expected."""
        self._played_dbfs[1:] = self._played_dbfs[:-1]
        self._played_dbfs[0] = dbfs(far)
        self._loudest_dbfs = max(self._loudest_dbfs, float(self._played_dbfs[0]))
        if self._room_frames * FRAME_S < ROOM_S:
            return False
        heard_dbfs = dbfs(mic)
        silent = heard_dbfs <= max(self._room_dbfs + AT_FLOOR_DB, INAUDIBLE_DBFS)
        self._silent_frames = self._silent_frames + 1 if silent else 0
        if self._silent_frames < SILENT_FRAMES:
            return False
        # A delay is hardly ever whole frames: the sound of two arrives in one.
        arriving = np.minimum(self._played_dbfs[:-1], self._played_dbfs[1:])
        np.maximum(self._unheard_dbfs, arriving, out=self._unheard_dbfs)
        return bool(self._unheard_dbfs.min() >= max(self._loudest_dbfs - NEAR_LOUDEST_DB, LOUD_DBFS))
