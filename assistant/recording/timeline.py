"""Which frame of a recording was heard when. Pure."""

import math
from bisect import bisect_right
from dataclasses import dataclass, field

from assistant.models.protocols import FRAME_S

JITTER_S = 0.02
"""Frames are stamped a few milliseconds early or late; only beyond this is a new mark worth its line."""

LOST_FRAMES = 3
"""A gap this long is one; a shorter one is a busy machine that stamps late."""

EXACT_S = 0.001
LATEST = 1 << 40


@dataclass(frozen=True, slots=True)
class Mark:
    """The frame with this number, counted from 0, ended at ``at_s`` of the session's clock."""

    frame: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Loud:
    """From this frame on the microphone stands out from the room, or does so no more."""

    frame: int
    on: bool


@dataclass(slots=True)
class Timeline:
    """A device's clock and the session's are not the same: marks say where they part."""

    marks: list[Mark] = field(default_factory=list)
    loud: list[Loud] = field(default_factory=list)

    def note(self, frame: int, at_s: float) -> Mark | None:
        """Take the next frame; the mark that had to be set for it, if one had."""
        if self.marks and abs(self.time_of(frame) - at_s) <= JITTER_S:
            return None
        mark = Mark(frame, at_s)
        self.marks.append(mark)
        return mark

    def time_of(self, frame: int) -> float:
        """When the frame ended."""
        mark = self.marks[max(bisect_right(self.marks, frame, key=lambda mark: mark.frame) - 1, 0)]
        return mark.at_s + (frame - mark.frame) * FRAME_S

    def frame_at(self, at_s: float) -> int:
        """The frame in which that moment lies; negative before the first."""
        if not self.marks:
            return 0
        mark = self.marks[max(bisect_right(self.marks, at_s, key=lambda mark: mark.at_s) - 1, 0)]
        return mark.frame + -int((mark.at_s - at_s + 1e-6) // FRAME_S)

    def ended_by(self, at_s: float) -> int:
        """The last frame that had ended at that moment; negative before the first."""
        frame = self.frame_at(at_s)
        return frame if self.marks and self.time_of(frame) - at_s < EXACT_S else frame - 1

    def frames_of(self, stretch: tuple[float, float]) -> tuple[int, int]:
        """The first frame of a stretch of time, and the one behind its last; no end is a very late one."""
        begin_s, end_s = stretch
        end = self.frame_at(end_s) + 1 if math.isfinite(end_s) else LATEST
        return max(0, self.frame_at(begin_s)), max(0, end)

    def missing_before(self, frame: int, at_s: float) -> int:
        """How many frames were lost before this one, which would be number ``frame``."""
        if not self.marks:
            return 0
        lost = round((at_s - self.time_of(frame)) / FRAME_S)
        return lost if lost >= LOST_FRAMES else 0
