"""What is to ring: timers, alarms and reminders. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assistant.brain.agenda.clocks import Clocks, Deadline
from assistant.brain.agenda.repeat import Repeat
from assistant.brain.durations import adjective


class Kind(StrEnum):
    TIMER = "timer"
    ALARM = "alarm"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class When:
    """Either ``after_s``, or a local time ``at`` (without zone), which may come again."""

    after_s: int = 0
    at: datetime | None = None
    repeat: Repeat | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Has one of ``deadline``, ``at`` and, while it is paused, ``left_s``. ``revision`` counts its changes."""

    id: int
    kind: Kind
    name: str | None = None
    duration_s: int | None = None
    deadline: Deadline | None = None
    at: datetime | None = None
    repeat: Repeat | None = None
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
