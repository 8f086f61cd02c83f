"""How far a transfer is, and how long it will take."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["waiting", "receiving", "checking", "done"]
WINDOW_S = 5.0
"""The rate is that of the last seconds: it follows the network, and does not jump with each piece."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one file is. ``received`` counts bytes from an earlier attempt too; ``size`` is 0 where nobody knows it.

    ``waiting``: another process works on the model; ``file`` is empty. ``done``: the file's bytes are here and true.
    """

    entry_id: str
    file: str
    received: int
    size: int
    phase: Phase = "receiving"


Listener = Callable[[Progress], object]
"""Hears progress on the threads that work, one call at a time. It must be quick: the work waits for it."""


def silent(_: Progress) -> None:
    """The listener that does not care."""


class Meter:
    """All files together. Pure but for the clock. Not thread-safe: a Listener is called once at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._files: dict[tuple[str, str], Progress] = {}
        self._fresh = 0
        self._recent: deque[tuple[float, int]] = deque([(clock(), 0)])

    def hear(self, progress: Progress) -> None:
        """Take in one report. A file's first one may stand for bytes of an earlier attempt: they make no speed."""
        if progress.phase == "waiting":
            return
        key = (progress.entry_id, progress.file)
        if (before := self._files.get(key)) is not None:
            self._fresh += max(0, progress.received - before.received)
        self._files[key] = progress
        self._recent.append((self._clock(), self._fresh))
        while len(self._recent) > 2 and self._recent[1][0] <= self._recent[-1][0] - WINDOW_S:
            self._recent.popleft()

    @property
    def received(self) -> int:
        """Bytes here by now."""
        return sum(file.received for file in self._files.values())

    @property
    def size(self) -> int:
        """Bytes of all files heard of; those of unknown size count with what has arrived."""
        return sum(max(file.size, file.received) for file in self._files.values())

    @property
    def rate(self) -> float:
        """Bytes a second of late; 0 before anything has arrived."""
        (start_s, start), (end_s, end) = self._recent[0], self._recent[-1]
        return (end - start) / (end_s - start_s) if end_s > start_s else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds to go at this rate; None while that cannot be told."""
        return (self.size - self.received) / self.rate if self.rate > 0 else None
