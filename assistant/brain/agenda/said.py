"""Times that the templates of other languages caught, in the English words that ``dates.py`` reads. Pure.

A clock time is ``hour`` with any of: ``minute``; ``past`` and ``to``, minutes after and before it; ``half``, before the
half hour ("fünf nach halb acht": ``past`` 5, ``half`` 30, ``hour`` 8). An hour with a half is "las siete y media" to a
tokenizer; with hundredths it is a time of day as Germans write it, in the slot ``dotted``: ``7.05 Uhr``.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from assistant.brain.durations import COUNTED, in_units, total_s

CLOCK = ("hour", "dotted", "minute", "past", "to", "half")
AROUND = ("which", "day", "month", "date", "part", "repeat")
UNREADABLE = "?"
DAY_MINUTES = 24 * 60


def as_time(slots: Mapping[str, Any]) -> dict[str, Any]:
    """The slots of a time as the argument ``time``: ``7:30 tomorrow morning``; others as they are."""
    rest = dict(slots)
    clock = {name: rest.pop(name) for name in CLOCK if name in rest}
    around = {name: rest.pop(name) for name in AROUND if name in rest}
    counted = {name: rest.pop(name) for name in [*COUNTED, *(f"half_{unit}" for unit in COUNTED)] if name in rest}
    said = [_after(counted)] if counted else []
    said += [_clock(clock, "part" in around)] if clock else []
    said += [str(int(word) if isinstance(word, Fraction) else word) for word in around.values()]
    return rest | ({"time": " ".join(said)} if said else {})


def _after(counted: Mapping[str, Any]) -> str:
    amounts = in_units(counted)
    return f"in {total_s(*(Fraction(amounts.get(unit, 0)) for unit in COUNTED))} seconds"


def _clock(clock: Mapping[str, Any], has_part: bool) -> str:
    """Twelve is noon unless a part of the day is said, as these languages count to 24."""
    numbers = {name: Fraction(1) if value == "one" else Fraction(value) for name, value in clock.items()}
    dotted, said = numbers.get("dotted", Fraction(0)), numbers.get("hour", Fraction(0))
    hour = dotted or said
    minutes = dotted % 1 * 100 if dotted else said % 1 * 60
    minutes += numbers.get("minute", 0) + numbers.get("past", 0) - numbers.get("to", 0) - numbers.get("half", 0)
    if not (0 <= hour < 25 and abs(minutes) < 60 and minutes.denominator == 1):
        return UNREADABLE
    total = int(hour) * 60 + int(minutes)
    total += DAY_MINUTES // 2 if hour == 1 and total < 60 else 0  # "halb eins", which may be either
    whole_hour, minute = divmod(total % DAY_MINUTES, 60)
    noon = " pm" if whole_hour == 12 == int(hour) and not has_part else ""
    return f"{whole_hour}:{minute:02}{noon}"
