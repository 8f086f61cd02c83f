"""How fast a source without a device runs: with the world, or as fast as the session can."""

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Pacer(Protocol):
    def clock(self) -> float:
        """Seconds, from any start."""

    def wait_until(self, due_s: float) -> bool:
        """Return True when ``clock`` has come to ``due_s``, False as soon as ``stop`` is called."""

    def stop(self) -> None:
        """Wake whoever waits. Final."""


class RealTime:
    """Waits for moments, not for durations, so that delays do not add up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._stopped = threading.Event()

    def wait_until(self, due_s: float) -> bool:
        return not self._stopped.wait(max(0.0, due_s - self.clock()))

    def stop(self) -> None:
        self._stopped.set()


class AudioTime:
    """A clock that counts delivered sound and moves on when ``settle``, which waits for the session, returns."""

    def __init__(self, settle: Callable[[], None]) -> None:
        self._settle = settle
        self._now_s = 0.0
        self._stopped = threading.Event()

    def clock(self) -> float:
        return self._now_s

    def wait_until(self, due_s: float) -> bool:
        if not self._stopped.is_set():
            self._settle()
        if self._stopped.is_set():
            return False
        self._now_s = due_s
        return True

    def stop(self) -> None:
        self._stopped.set()
