"""What days are called in English, and which of the calendar that may be. Pure."""

from calendar import monthrange
from datetime import MAXYEAR, date, timedelta

DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = "january february march april may june july august september october november december"
MONTHS = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
ORDINALS = {name: number for number, name in enumerate(_ORDINALS.split(), start=1)} | {"thirtieth": 30}
SUFFIXES = ("st", "nd", "rd", "th")
OFFSETS = {
    "today": 0,
    "tomorrow": 1,
    "yesterday": -1,
    "the day after tomorrow": 2,
    "day after tomorrow": 2,
    "the day before yesterday": -2,
    "day before yesterday": -2,
}
"""Days from today."""
DAYS_IN = {"day": 1, "week": 7}

LEAP_YEAR = 2024
LEAP_YEARS = 9  # of as many years in a row one has the 29th of February, also around 2100


def months_later(day: date, months: int, number: int | None = None) -> date:
    """The same day of another month, or its day ``number``; its last, where it is shorter. Raises ValueError."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not 1 <= year <= MAXYEAR:
        raise ValueError("beyond the calendar")
    return date(year, month + 1, min(number or day.day, monthrange(year, month + 1)[1]))


def next_weekday(earliest: date, weekday: int) -> date:
    """The first from ``earliest`` on; 0 is Monday."""
    return earliest + timedelta(days=(weekday - earliest.weekday()) % 7)


def next_date(earliest: date, month: int | None, number: int) -> date:
    """The first from ``earliest`` on that is this day of that month, or of any. Raises ValueError."""
    first = earliest.replace(day=1)
    for ahead in range(12 * LEAP_YEARS):
        found = months_later(first, ahead, number)
        if found.day == number and month in (None, found.month) and found >= earliest:
            return found
    raise ValueError("not in the calendar")


def exists(month: int, number: int) -> bool:
    """Some year has this day."""
    return 1 <= number <= monthrange(LEAP_YEAR, month)[1]
