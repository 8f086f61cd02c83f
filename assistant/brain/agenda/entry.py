"""What is to ring: timers, alarms and reminders. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assistant.brain.agenda.clocks import Clocks, Deadline
from assistant.brain.durations import adjective

DAILY = frozenset(range(7))
WEEKDAYS, WEEKEND = frozenset(range(5)), frozenset((5, 6))


class Kind(StrEnum):
    TIMER = "timer"
    ALARM = "alarm"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class When:
    """Either ``after_s``, or a local time ``at`` (without zone), which may repeat on ``days`` (0 is Monday)."""

    after_s: int = 0
    at: datetime | None = None
    days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """Has one of ``deadline``, ``at`` and, while it is paused, ``left_s``. ``revision`` counts its changes."""

    id: int
    kind: Kind
    name: str | None = None
    duration_s: int | None = None
    deadline: Deadline | None = None
    at: datetime | None = None
    days: frozenset[int] = frozenset()
    left_s: float | None = None
    revision: int = 0

    @property
    def label(self) -> str:
        """What the user calls it: ``pasta``, or ``10 minute``."""
        return self.name or (adjective(self.duration_s) if self.duration_s is not None else self.kind.value)

    @property
    def paused(self) -> bool:
        return self.left_s is not None

    def remaining_s(self, clocks: Clocks) -> float:
        """Negative once it is due."""
        if self.left_s is not None:
            return self.left_s
        if self.at is not None:
            return clocks.until_local_s(self.at)
        assert self.deadline is not None
        return clocks.until_deadline_s(self.deadline)


def following(at: datetime, days: frozenset[int], after: datetime) -> datetime:
    """The next local time with the time of day of ``at``, on one of ``days``, later than ``after``; none has a zone.

    It goes by dates, so that every day has one, whatever daylight saving does to it.
    """
    at = max(at, after.replace(hour=at.hour, minute=at.minute, second=at.second, microsecond=0) - timedelta(days=1))
    while at <= after or at.weekday() not in days:
        at += timedelta(days=1)
    return at
