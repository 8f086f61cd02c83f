"""Days and durations in English words. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction

from assistant.brain.days import (
    DAY_NAMES,
    DAYS_IN,
    MONTHS,
    OFFSETS,
    ORDINALS,
    SUFFIXES,
    exists,
    next_date,
    next_weekday,
)
from assistant.brain.numbers import Token

UNITS_S = {"second": 1, "minute": 60, "hour": 3600}


@dataclass(frozen=True, slots=True)
class Day:
    """One of: days from today, a weekday (``next``: not today), a day of a month."""

    offset: int | None = None
    weekday: int | None = None
    next: bool = False
    month: int | None = None
    number: int | None = None

    def date(self, now: datetime, at: time) -> dt.date:
        """Seen from ``now``: the day on which ``at`` is still to come, where it may be one of several."""
        today, passed = now.date(), at <= now.time()
        if self.offset is not None:
            return today + timedelta(days=self.offset)
        if self.weekday is not None:
            return next_weekday(today + timedelta(days=passed or self.next), self.weekday)
        return next_date(today + timedelta(days=passed), self.month, self.number or 1)


def day(tokens: Sequence[Token], at: int) -> tuple[Day, int] | None:
    """``tomorrow``, ``on friday``, ``next monday``, ``in 3 days``, ``on the 5 th of december``."""
    for said, offset in OFFSETS.items():
        words = said.split()
        if offset >= 0 and list(tokens[at : at + len(words)]) == words:
            return Day(offset=offset), at + len(words)
    return _weekday(tokens, at) or _in_days(tokens, at) or _date(tokens, at)


def duration_s(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """Hours, minutes and seconds: ``1 hour and 30 minutes``, ``an hour and a half``, ``half an hour``."""
    total, end = Fraction(0), at
    while True:
        more = end + (word(tokens, end) == "and" and end > at)
        part = _measured(tokens, more)
        if part is None:
            break
        total, end = total + part[0], part[1]
    return (round(total), end) if end > at else None


def _measured(tokens: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    token = tokens[at] if at < len(tokens) else None
    count = token if isinstance(token, Fraction) else Fraction(1) if token in {"a", "an"} else None
    unit = UNITS_S.get(word(tokens, at + 1).removesuffix("s"))
    if count is None or count < 0 or unit is None:
        return None
    at += 2
    if [word(tokens, at + index) for index in range(3)] == ["and", "a", "half"]:
        return (count + Fraction(1, 2)) * unit, at + 3
    return count * unit, at


def _weekday(tokens: Sequence[Token], at: int) -> tuple[Day, int] | None:
    at += word(tokens, at) == "on"
    next_ = word(tokens, at) == "next"
    at += next_ or word(tokens, at) in {"this", "coming"}
    name = word(tokens, at)
    return (Day(weekday=DAY_NAMES.index(name), next=next_), at + 1) if name in DAY_NAMES else None


def _in_days(tokens: Sequence[Token], at: int) -> tuple[Day, int] | None:
    """``in 3 days``, ``in a week``."""
    if word(tokens, at) != "in" or at + 1 >= len(tokens):
        return None
    token = tokens[at + 1]
    count = 1 if token in {"a", "one"} else int(token) if isinstance(token, Fraction) else None
    size = DAYS_IN.get(word(tokens, at + 2).removesuffix("s"))
    return (Day(offset=min(count, 3650) * size), at + 3) if count and count > 0 and size else None


def _date(tokens: Sequence[Token], at: int) -> tuple[Day, int] | None:
    """``the 5 th of december``, ``december 5``, ``the twenty fifth``; a number alone is none."""
    start = at + (word(tokens, at) == "on")
    month = MONTHS.get(word(tokens, start))
    if month is not None:
        found = day_number(tokens, start + 1 + (word(tokens, start + 1) == "the"))
        return (Day(month=month, number=found[0]), found[1]) if found and exists(month, found[0]) else None
    the = word(tokens, start) == "the"
    found = day_number(tokens, start + the)
    if found is None:
        return None
    number, end, ordinal = found
    alone = the and ordinal and word(tokens, end) not in DAY_NAMES
    behind = MONTHS.get(word(tokens, end + (word(tokens, end) == "of")))
    if behind is not None:
        after = end + 1 + (word(tokens, end) == "of")
        return (Day(month=behind, number=number), after) if exists(behind, number) else None
    # Of "the first monday of the month" it says nothing.
    return (Day(number=number), end + of_the_month(tokens, end)) if alone else None


def of_the_month(tokens: Sequence[Token], at: int) -> int:
    """How many tokens of that stand at ``at``."""
    return 3 if list(tokens[at : at + 3]) == ["of", "the", "month"] else 0


def day_number(tokens: Sequence[Token], at: int) -> tuple[int, int, bool] | None:
    """1 to 31, and whether it is an ordinal: ``5 th``, ``20 fifth``, ``fifth``, ``5``."""
    token = tokens[at] if at < len(tokens) else None
    if isinstance(token, Fraction):
        number, ordinal = int(token), word(tokens, at + 1) in SUFFIXES
        ones = ORDINALS.get(word(tokens, at + 1), 10)
        if number in (20, 30) and ones < 10:
            return number + ones, at + 2, True
        fits = token.denominator == 1 and 1 <= number <= 31
        return (number, at + 1 + ordinal, ordinal) if fits else None
    known = ORDINALS.get(str(token))
    return (known, at + 1, True) if known else None


def word(tokens: Sequence[Token], at: int) -> str:
    token = tokens[at] if 0 <= at < len(tokens) else ""
    return token if isinstance(token, str) else ""
