"""Dates as people name them, in English: ``in 2 weeks``, ``next friday``, ``3 march``, ``christmas``. Pure."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from assistant.brain.days import (
    DAY_NAMES,
    DAYS_IN,
    MONTHS,
    OFFSETS,
    ORDINALS,
    SUFFIXES,
    months_later,
    next_date,
    next_weekday,
)

RELATIVE = {**OFFSETS, "now": 0}
FIXED = {
    "new year": (1, 1),
    "new year's": (1, 1),
    "new year's day": (1, 1),
    "valentine's day": (2, 14),
    "saint patrick's day": (3, 17),
    "april fools": (4, 1),
    "april fool's day": (4, 1),
    "independence day": (7, 4),
    "halloween": (10, 31),
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "christmas day": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
}
_AGO = re.compile(r"(?:in )?(an?|\d+) (day|week|month|year)s?( ago| from now| from today)?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_ORDINAL = re.compile(rf"(\d+)(?:{'|'.join(SUFFIXES)})\b")


def parse_date(text: str, today: date, *, past: bool = False) -> date | None:
    """The day that is meant; one without a year is the next, or the last that is ``past``.

    None for what is no date, or none of the calendar's.
    """
    words = " ".join(_ORDINAL.sub(r"\1", text.casefold().replace(",", " ").replace("’", "'")).split())
    found = _read(words.removeprefix("on "), today)
    if not past or found is None or found <= today:
        return found
    earlier = (_read(words, today - timedelta(days)) for days in (7, 366))
    return next((day for day in earlier if day is not None and day <= today), found)


def _read(words: str, today: date) -> date | None:
    try:
        for read in (_relative, _iso, _counted, _weekday, _feast, _day_of_month):
            if (found := read(words, today)) is not None:
                return found
    except (ValueError, OverflowError):  # the 30th of February, the year 20,000
        pass
    return None


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Nature, 20 April 1876)."""
    century, rest = divmod(year, 100)
    leaps, corrected = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    golden = year % 19
    epact = (19 * golden + century - leaps - moon + 15) % 30
    weekday = (32 + 2 * corrected + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _relative(words: str, today: date) -> date | None:
    return today + timedelta(days=RELATIVE[words]) if words in RELATIVE else None


def _iso(words: str, _today: date) -> date | None:
    found = _ISO.fullmatch(words)
    return date(int(found[1]), int(found[2]), int(found[3])) if found else None


def _counted(words: str, today: date) -> date | None:
    """``in 2 weeks``, ``3 days ago``, ``a week from now``."""
    found = _AGO.fullmatch(words)
    if not found or not (found[3] or words.startswith("in ")):
        return None
    count = (1 if found[1].startswith("a") else int(found[1])) * (-1 if found[3] == " ago" else 1)
    if found[2] in {"month", "year"}:
        return months_later(today, count * (12 if found[2] == "year" else 1))
    return today + timedelta(days=count * DAYS_IN[found[2]])


def _weekday(words: str, today: date) -> date | None:
    """The next one, not today; ``next friday`` too, as most people mean that; ``last friday`` is the one before."""
    which, _, name = words.rpartition(" ")
    if name not in DAY_NAMES or which not in {"", "this", "next", "last", "this coming"}:
        return None
    if which == "last":
        return next_weekday(today - timedelta(days=7), DAY_NAMES.index(name))
    return next_weekday(today + timedelta(days=1), DAY_NAMES.index(name))


def _feast(words: str, today: date) -> date | None:
    name = words.removeprefix("the ").removeprefix("next ").replace("st patrick", "saint patrick")
    name = name if name in FIXED or name in MOVING else name.removesuffix(" day").replace("years", "year's")
    if name in MOVING:
        feasts = (MOVING[name](year) for year in (today.year, today.year + 1))
        return next(day for day in feasts if day >= today)
    return next_date(today, *FIXED[name]) if name in FIXED else None


def _day_of_month(words: str, today: date) -> date | None:
    """``3 march``, ``march 3 1990``, ``the third of march``, ``the 3``, ``march``, ``march 2027``."""
    parts = [part for part in words.split() if part not in {"the", "of", "in"}]
    months = [number for name, number in MONTHS.items() for part in parts if part in {name, name[:3]}]
    numbers = [ORDINALS.get(part) or int(part) for part in parts if part in ORDINALS or part.isdecimal()]
    if len(months) + len(numbers) != len(parts) or len(months) > 1 or len(numbers) > 2:
        return None
    year = next((number for number in numbers if number > 31), None)
    day = next((number for number in numbers if number <= 31), None)
    if not months:
        return next_date(today, None, day) if day is not None and year is None else None
    if year is not None:
        return date(year, months[0], day or 1)
    return next_date(today, months[0], day or 1)


def _thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    return next_weekday(date(year, 11, 22), DAY_NAMES.index("thursday"))


MOVING: dict[str, Callable[[int], date]] = {
    "easter": easter,
    "easter sunday": easter,
    "good friday": lambda year: easter(year) - timedelta(days=2),
    "easter monday": lambda year: easter(year) + timedelta(days=1),
    "pentecost": lambda year: easter(year) + timedelta(days=49),
    "thanksgiving": _thanksgiving,
}
