"""Times of day in English words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from fractions import Fraction

from assistant.brain.numbers import Token

HALVES = {("am",): "am", ("pm",): "pm", ("a", "m"): "am", ("p", "m"): "pm"}
NAMED = {"noon": time(12), "midday": time(12), "midnight": time(0)}
PM_PARTS = frozenset(("afternoon", "evening", "night", "tonight"))


@dataclass(frozen=True, slots=True)
class Clock:
    """``half`` is ``am``, ``pm`` or, of a time that needs none, empty; None where it was left open."""

    hour: int
    minute: int
    half: str | None = None

    def times(self, part: str | None, *, early: bool) -> list[time]:
        """What may be meant, the likeliest first; ``early``: of two it is the morning's."""
        half = self.half
        if half is None and part == "morning":
            half = "am"
        if half is None and part in PM_PARTS:
            half = "pm" if self.hour != 12 or part == "afternoon" else "am"
        if half == "":
            return [time(self.hour, self.minute)]
        am, pm = time(self.hour % 12, self.minute), time(self.hour % 12 + 12, self.minute)
        if half is not None:
            return [am] if half == "am" else [pm]
        likely_am = self.hour in (range(4, 12) if early else range(7, 12))
        return [am, pm] if likely_am else [pm, am]


def clock(tokens: Sequence[Token], at: int) -> tuple[Clock, int] | None:
    """The time of day at ``at``, and the first token behind it: ``6 30``, ``quarter to 7``, ``18 30``, ``noon``."""
    word = tokens[at] if at < len(tokens) else None
    if isinstance(word, str) and word in NAMED:
        named = NAMED[word]
        return Clock(named.hour, named.minute, ""), at + 1
    found = _relative(tokens, at) or _plain(tokens, at)
    if found is None:
        return None
    hour, minute, at = found
    half, at = _half(tokens, at)
    if not 1 <= hour <= 12:
        half = ""
    return Clock(hour, minute, half), at


def _plain(tokens: Sequence[Token], at: int) -> tuple[int, int, int] | None:
    hour = _whole(tokens, at)
    if hour is None:
        return None
    at += 1
    if 100 <= hour <= 2359:  # "630", as some recognisers write it
        hour, minute = divmod(hour, 100)
        return (hour, minute, at) if minute < 60 else None
    if hour > 23:
        return None
    if tokens[at : at + 1] == ["o'clock"]:
        return hour, 0, at + 1
    oh = tokens[at : at + 1] in (["oh"], ["o"])
    minute_said = _whole(tokens, at + oh)
    if minute_said is not None and minute_said < 60 and _unit(tokens, at + oh + 1) is None:
        return hour, minute_said, at + oh + 1
    return (hour, 0, at) if not oh else None


def _relative(tokens: Sequence[Token], at: int) -> tuple[int, int, int] | None:
    """``half past 6``, ``a quarter to 7``, ``20 [minutes] past 6``."""
    at += tokens[at : at + 1] == ["a"]
    said = _whole(tokens, at)
    minutes = {"half": 30, "quarter": 15}.get(str(tokens[at]) if at < len(tokens) else "", said)
    if minutes is None or not 0 < minutes < 60:
        return None
    at += 1
    at += tokens[at : at + 1] in (["minutes"], ["minute"])
    lead = tokens[at] if at < len(tokens) else None
    hour = _whole(tokens, at + 1)
    if hour is None or not 0 <= hour <= 23:
        return None
    if lead in {"past", "after"}:
        return hour, minutes, at + 2
    if lead in {"to", "before", "of", "till"}:
        return (hour - 1) % 24 or (12 if hour == 1 else 0), 60 - minutes, at + 2
    return None


def _half(tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    for words, half in HALVES.items():
        if tuple(tokens[at : at + len(words)]) == words:
            return half, at + len(words)
    return None, at


def _whole(tokens: Sequence[Token], at: int) -> int | None:
    token = tokens[at] if 0 <= at < len(tokens) else None
    return int(token) if isinstance(token, Fraction) and token.denominator == 1 and token >= 0 else None


def _unit(tokens: Sequence[Token], at: int) -> str | None:
    """A number before one of these counts something else: ``at 6 5 minutes``."""
    word = tokens[at] if at < len(tokens) else None
    return word if isinstance(word, str) and word.startswith(("minute", "hour", "second", "day")) else None
