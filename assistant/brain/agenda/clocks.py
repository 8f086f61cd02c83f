"""What time it is, and how much of it has passed: two questions with two clocks."""

import math
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # proc(5): another one after each start of the machine


def elapsed_s() -> float:
    """Seconds of a clock that nobody sets, and that goes on while the machine is suspended where the system has one."""
    boot_clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_clock is None else time.clock_gettime(boot_clock)


def boot_id() -> str:
    """Names the start that ``elapsed_s`` counts from; where the system does not tell, this process alone."""
    with suppress(OSError):
        return BOOT_ID.read_text("ascii").strip()
    return uuid.uuid4().hex


def local_zone() -> tzinfo:
    """The time zone of this machine, with its rules of daylight saving; read anew, since one travels."""
    import tzlocal

    try:
        return tzlocal.reload_localzone()
    except (LookupError, ValueError, OSError):  # no time zone data, or TZ names no zone
        return datetime.now().astimezone().tzinfo or UTC


def local_now() -> datetime:
    return datetime.now(local_zone())


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a duration, on the clock that counts from ``boot``; ``wall_s`` (Unix time) is for after a restart."""

    boot: str
    elapsed_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class Clocks:
    """``now`` gives the local time with a zone that knows its daylight saving."""

    now: Callable[[], datetime] = local_now
    elapsed_s: Callable[[], float] = elapsed_s
    boot: str = field(default_factory=boot_id)

    def local(self) -> datetime:
        """The local time without zone."""
        return self.now().replace(tzinfo=None)

    def deadline(self, after_s: float) -> Deadline:
        return Deadline(self.boot, self.elapsed_s() + after_s, self.now().timestamp() + after_s)

    def until_deadline_s(self, deadline: Deadline) -> float:
        """Negative once it has passed. A clock that is set changes nothing until the machine restarts."""
        if deadline.boot == self.boot:
            return deadline.elapsed_s - self.elapsed_s()
        return deadline.wall_s - self.now().timestamp()

    def until_local_s(self, at: datetime) -> float:
        """To a local time of day without zone, wherever we are now.

        One that daylight saving skips comes as much later as is skipped; of one that comes twice, the first counts.
        """
        now = self.now()
        return at.replace(tzinfo=now.tzinfo, fold=0).timestamp() - now.timestamp()


class PutBack:
    """Notices that the local time is put back: the clock was set, daylight saving ends, or one travels west."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._ahead_s = math.inf

    def since_last_time(self) -> bool:
        """By a second or more. True at first, since nobody knows what happened before."""
        ahead_s = (self._clocks.local() - datetime.min).total_seconds() - self._clocks.elapsed_s()
        before_s, self._ahead_s = self._ahead_s, ahead_s
        return ahead_s <= before_s - 1
