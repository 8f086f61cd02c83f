"""Figures from many measurements. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile of ``count`` values, in their own unit."""

    count: int
    p50: float
    p95: float


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0…1) of them lie, interpolated as numpy does. Raises ValueError for none."""
    if not values:
        raise ValueError("no values have no percentile")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    # In this form equal neighbours give themselves, whatever the weights are.
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(values: Iterable[float | None]) -> Spread | None:
    """Of those that are there; None where there are none."""
    there = [value for value in values if value is not None]
    if not there:
        return None
    return Spread(len(there), percentile(there, 0.5), percentile(there, 0.95))


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein's: substitutions, insertions and deletions."""
    row = list(range(len(other) + 1))
    for at, word in enumerate(one, 1):
        above, row = row, [at]
        for over, against in enumerate(other, 1):
            row.append(min(above[over] + 1, row[-1] + 1, above[over - 1] + (word != against)))
    return row[-1]


def ratio(before: float | None, now: float | None) -> float | None:
    """How many times as much it was before; None where that says nothing."""
    return before / now if before is not None and now is not None and now > 0 and before >= 0 else None
