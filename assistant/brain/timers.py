"""The timers that run now."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.brain.durations import adjective
from assistant.brain.protocols import Announcement

MAX_TIMERS = 32


class TooManyTimers(ValueError):
    """The board is full."""


@dataclass(frozen=True, slots=True)
class Timer:
    id: int
    duration_s: int
    ends_at_s: float  # on the board's clock
    name: str | None = None

    @property
    def label(self) -> str:
        """What the user calls it: ``pasta``, or ``10 minute``."""
        return self.name or adjective(self.duration_s)


class TimerBoard:
    """An Agenda: ``due`` announces each timer once. Thread-safe; ``clock`` gives monotonic seconds.

    Bounded: ``add`` raises TooManyTimers when ``limit`` timers run.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, limit: int = MAX_TIMERS) -> None:
        self._clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._timers: dict[int, Timer] = {}
        self._next_id = 1

    def add(self, duration_s: int, name: str | None = None) -> Timer:
        """Start a timer. Raises TooManyTimers."""
        with self._lock:
            if len(self._timers) >= self._limit:
                raise TooManyTimers
            timer = Timer(self._next_id, duration_s, self._clock() + duration_s, name)
            self._next_id += 1
            self._timers[timer.id] = timer
            return timer

    def cancel(self, timer_id: int) -> bool:
        """Take a timer off. False if it is not running."""
        with self._lock:
            return self._timers.pop(timer_id, None) is not None

    def restore(self, timers: Sequence[Timer]) -> None:
        """Put cancelled timers back; what would have ended by now is due at once."""
        with self._lock:
            self._timers.update((timer.id, timer) for timer in timers)

    def running(self) -> tuple[Timer, ...]:
        """The timers, the next to end first."""
        with self._lock:
            return tuple(sorted(self._timers.values(), key=lambda timer: (timer.ends_at_s, timer.id)))

    def remaining_s(self, timer: Timer) -> float:
        return max(0.0, timer.ends_at_s - self._clock())

    def due(self) -> Sequence[Announcement]:
        """Timers that ended since the last call."""
        with self._lock:
            now_s = self._clock()
            ended = [timer for timer in self._timers.values() if timer.ends_at_s <= now_s]
            for timer in ended:
                del self._timers[timer.id]
        ended.sort(key=lambda timer: timer.ends_at_s)
        return [Announcement(timer.label, f"Your {timer.label} timer is done.") for timer in ended]
