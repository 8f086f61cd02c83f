"""Durations as people say them. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

UNITS_S = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
COUNTED = ("hours", "minutes", "seconds")
COUNTS = {"one": Fraction(1), "half": Fraction(1, 2), "quarter": Fraction(1, 4), "three quarters": Fraction(3, 4)}
"""``one`` for "an hour", ``half`` for "and a half", the others for "eine Dreiviertelstunde"."""


def in_units(slots: Mapping[str, Any]) -> dict[str, Any]:
    """What the template ``<duration>`` caught, as the arguments hours, minutes and seconds; others as they are."""
    arguments = dict(slots)
    for unit in COUNTED:
        parts = [arguments.pop(name) for name in (unit, f"half_{unit}") if name in arguments]
        if parts:
            arguments[unit] = sum((COUNTS.get(part, part) for part in parts), Fraction(0))
    return arguments


def total_s(hours: Fraction, minutes: Fraction, seconds: Fraction) -> int:
    """Whole seconds, rounded."""
    return round(hours * 3600 + minutes * 60 + seconds)


def spoken(duration_s: int) -> str:
    """``5400`` → ``1 hour and 30 minutes``."""
    return listed([f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in parts(duration_s)])


def roughly(duration_s: float) -> str:
    """To the minute from two minutes on, below to ten seconds, and never nothing: ``310`` → ``5 minutes``."""
    step_s = 60 if duration_s >= 120 else 10
    return spoken(max(1, round(duration_s / step_s)) * step_s)


def adjective(duration_s: int) -> str:
    """``5400`` → ``1 hour 30 minute``, as in "your 1 hour 30 minute timer"."""
    return " ".join(f"{count} {unit}" for count, unit in parts(duration_s))


def listed(items: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def parts(duration_s: int) -> list[tuple[int, str]]:
    parts = []
    for unit, size_s in UNITS_S:
        count, duration_s = divmod(duration_s, size_s)
        if count:
            parts.append((count, unit))
    return parts or [(0, "second")]
