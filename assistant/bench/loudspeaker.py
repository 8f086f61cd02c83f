"""A loudspeaker that nobody hears, and that knows when it sounded."""

import threading
import time
from dataclasses import dataclass

import numpy as np

from assistant.audio.pace import Pacer, RealTime
from assistant.audio.speaker import BLOCK_S, FILE_RATE_HZ, RingSink
from assistant.models.protocols import Pcm

AUDIBLE = 10 ** (-50 / 20)
"""−50 dBFS: what is softer goes under in a quiet room."""


@dataclass(slots=True)
class Sounding:
    """Sound without a gap, in seconds of the session's clock. ``audible_s`` is when it was first loud enough."""

    start_s: float
    end_s: float
    audible_s: float | None = None


class Loudspeaker(RingSink):
    """Takes a block from the ring every 10 ms, on a thread of its own, as a device's callback does.

    Without ``realtime`` it plays when time passes: at ``tick``. Times are those at which a device would have been
    handed the sound; it adds its own latency to them.
    """

    def __init__(self, *, realtime: bool) -> None:
        super().__init__("bench", FILE_RATE_HZ)
        self.soundings: list[Sounding] = []
        self.given_s = 0.0
        """Seconds of sound that were taken in, played or not."""
        self._now_s = 0.0
        self._pacer: Pacer = RealTime(time.monotonic)
        self._thread: threading.Thread | None = None
        if realtime:
            self._thread = threading.Thread(target=self._run, name="bench-loudspeaker", daemon=True)

    def start(self) -> None:
        """Begin to play."""
        if self._thread is not None:
            self._thread.start()

    def write(self, clause_id: int, pcm: Pcm, sample_rate_hz: int) -> bool:
        taken = super().write(clause_id, pcm, sample_rate_hz)
        self.given_s += pcm.size / sample_rate_hz if taken else 0.0
        return taken

    def now_is(self, now_s: float) -> None:
        """The time of the session's clock, for one that is not played in real time."""
        self._now_s = now_s

    def tick(self, elapsed_s: float) -> None:
        """Move the feed on, and play that much where nothing else does."""
        self._feed.tick()
        if self._thread is None:
            self._note(self._play(elapsed_s), self._now_s)

    def close(self) -> None:
        """Discard, and stop. Idempotent."""
        self.discard()
        self._pacer.stop()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        due_s = self._pacer.clock()
        while self._pacer.wait_until(due_s):
            self._note(self._play(BLOCK_S), due_s)
            due_s += BLOCK_S

    def _note(self, pcm: Pcm, at_s: float) -> None:
        if not pcm.size:
            return
        last = self.soundings[-1] if self.soundings else None
        if last is None or at_s - last.end_s > BLOCK_S / 2:
            last = Sounding(at_s, at_s)
            self.soundings.append(last)
        last.end_s = at_s + pcm.size / self.sample_rate_hz
        loud = np.abs(pcm) >= AUDIBLE
        if last.audible_s is None and loud.any():
            last.audible_s = at_s + int(np.argmax(loud)) / self.sample_rate_hz
