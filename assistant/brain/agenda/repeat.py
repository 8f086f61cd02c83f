"""How something comes again: every so many days, weeks or months. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assistant.brain.days import months_later

LAST_DAY = 31
"""Of a month: one that is shorter has its last day instead."""


PUT_BACK = timedelta(hours=2)
"""By less, daylight saving ends: what has rung does not ring again. By more, the clock was wrong, or one travels."""


class Unit(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Repeat:
    """Every ``count`` units, ``on`` these days of the week (0 is Monday) or on this one of the month (1 to 31).

    Counted from where it came before: in the same week, the other days of ``on`` come first.
    """

    unit: Unit = Unit.WEEK
    count: int = 1
    on: frozenset[int] = frozenset()

    def fits(self, other: "Repeat") -> bool:
        """Whether ``other`` may be meant by this: the days need not be said."""
        return (self.unit, self.count) == (other.unit, other.count) and self.on in (frozenset(), other.on)

    def complete(self, first: datetime) -> "Repeat":
        """With the day of ``first`` where none was said."""
        if self.on or self.unit is Unit.DAY:
            return self
        day = first.weekday() if self.unit is Unit.WEEK else first.day
        return Repeat(self.unit, self.count, frozenset((day,)))


DAILY = Repeat(on=frozenset(range(7)))
WEEKDAYS, WEEKEND = Repeat(on=frozenset(range(5))), Repeat(on=frozenset((5, 6)))


def following(at: datetime, repeat: Repeat, after: datetime) -> datetime:
    """The first local time later than ``after``, counted from ``at``, which may be it; none has a zone.

    It goes by dates, so that every day has its time, whatever daylight saving does to it. ``repeat`` is complete.
    """
    passed = max(after, at - timedelta(microseconds=1))
    return next(moment for moment in _from(at, repeat, passed) if moment > passed)


def not_too_far(at: datetime, repeat: Repeat, now: datetime) -> datetime:
    """``at``, unless the clock was put back since it was worked out, so that it leaves out a time that comes sooner.

    What comes every second time stays as it is: which one that would be, nobody can tell.
    """
    if repeat.count > 1:
        return at
    yesterday = datetime.combine(now - timedelta(days=1), at.time())
    return min(at, following(yesterday, repeat, now + PUT_BACK))


def _from(at: datetime, repeat: Repeat, passed: datetime) -> Iterator[datetime]:
    """The times of the period in which ``passed`` is, and of the next."""
    if repeat.unit is Unit.DAY:
        first = at + timedelta(days=(passed - at).days // repeat.count * repeat.count)
        yield from (first, first + timedelta(days=repeat.count))
    elif repeat.unit is Unit.WEEK:
        monday = at - timedelta(days=at.weekday())
        weeks = (passed.date() - monday.date()).days // 7 // repeat.count * repeat.count
        for week in (weeks, weeks + repeat.count):
            yield from (monday + timedelta(days=7 * week + day) for day in sorted(repeat.on))
    else:
        months = 12 * (passed.year - at.year) + passed.month - at.month
        for ahead in (months // repeat.count * repeat.count, (months // repeat.count + 1) * repeat.count):
            yield datetime.combine(months_later(at, ahead, *repeat.on), at.time())
