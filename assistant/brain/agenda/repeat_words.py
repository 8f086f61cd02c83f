"""Repetitions in English: ``every other day``, ``every 2 weeks on monday``, ``the 1 st of every month``. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from assistant.brain.agenda.day_words import day_number, of_the_month, word
from assistant.brain.agenda.repeat import DAILY, LAST_DAY, WEEKDAYS, WEEKEND, Repeat, Unit
from assistant.brain.days import DAY_NAMES, MONTHS, SUFFIXES
from assistant.brain.numbers import Token

MOST = 99
WEEKLY, MONTHLY, YEARLY = Repeat(), Repeat(Unit.MONTH), Repeat(Unit.MONTH, 12)
NAMED = {
    "day": (DAILY, None),
    "morning": (DAILY, "morning"),
    "afternoon": (DAILY, "afternoon"),
    "evening": (DAILY, "evening"),
    "night": (DAILY, "night"),
    "weekday": (WEEKDAYS, None),
    "weekend": (WEEKEND, None),
    "working": (WEEKDAYS, None),
    "week": (WEEKLY, None),
    "fortnight": (replace(WEEKLY, count=2), None),
    "month": (MONTHLY, None),
    "year": (YEARLY, None),
}
ADVERBS = {
    "daily": DAILY,
    "weekly": WEEKLY,
    "biweekly": replace(WEEKLY, count=2),
    "fortnightly": replace(WEEKLY, count=2),
    "monthly": MONTHLY,
    "yearly": YEARLY,
    "annually": YEARLY,
    "weekdays": WEEKDAYS,
    "weekends": WEEKEND,
}
COUNTS = {"other": 2, "second": 2, "third": 3, "fourth": 4}
EVERY = frozenset(("every", "each"))


@dataclass(frozen=True, slots=True)
class Repetition:
    """What is said, the part of the day in it, and the first token behind it. Days may still have to be completed."""

    repeat: Repeat
    part: str | None
    end: int


def repetition(tokens: Sequence[Token], at: int) -> Repetition | None:
    """The repetition at ``at``, if there is one."""
    if word(tokens, at) in EVERY:
        return _every(tokens, at + 1)
    if (found := _of_every_month(tokens, at)) is not None:
        return found
    adverb = ADVERBS.get(word(tokens, at))
    if adverb is not None:
        return _with_days(tokens, at + 1, adverb)
    start = at + (word(tokens, at) == "on")
    if word(tokens, start) in {"weekdays", "weekends"}:
        return Repetition(ADVERBS[word(tokens, start)], None, start + 1)
    return _on_days(tokens, start, WEEKLY, plural=True)


def _every(tokens: Sequence[Token], at: int) -> Repetition | None:
    """Behind ``every``: ``day``, ``other morning``, ``2 weeks on monday``, ``monday and friday``, ``15 th``."""
    count, start = _count(tokens, at)
    name = word(tokens, start)
    repeat, part = NAMED.get(name.removesuffix("s") if count > 1 else name, (None, None))
    if repeat is None:
        days = _on_days(tokens, start, replace(WEEKLY, count=count), plural=False) if count <= 2 else None
        return days or _every_date(tokens, at)
    start += 1 + (name == "working" and word(tokens, start + 1).startswith("day"))
    if count > 1 and repeat == DAILY:
        repeat = Repeat(Unit.DAY)
    found = _with_days(tokens, start, replace(repeat, count=repeat.count * count))
    return replace(found, part=part)


def _count(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """How many, and the token behind: ``other``, ``2``, ``2 nd``; one, where nothing is said."""
    token = tokens[at] if at < len(tokens) else ""
    if isinstance(token, Fraction):
        whole = token.denominator == 1 and 1 <= token <= MOST
        return (int(token), at + 1 + (word(tokens, at + 1) in SUFFIXES)) if whole else (1, at)
    return (COUNTS[token], at + 1) if token in COUNTS else (1, at)


def _every_date(tokens: Sequence[Token], at: int) -> Repetition | None:
    """``every 15 th``, but not of one month alone."""
    number, end, ordinal = day_number(tokens, at) or (0, at, False)
    tail = of_the_month(tokens, end)
    behind = word(tokens, end + (word(tokens, end) == "of"))
    if not ordinal or behind in MONTHS or behind in DAY_NAMES or (word(tokens, at) in COUNTS and not tail):
        return None
    return Repetition(replace(MONTHLY, on=frozenset((number,))), None, end + tail)


def _of_every_month(tokens: Sequence[Token], at: int) -> Repetition | None:
    """``on the first of every month``, ``the last day of each month``."""
    start = at + (word(tokens, at) == "on")
    if word(tokens, start) != "the":
        return None
    last = word(tokens, start + 1) == "last"
    number, end, ordinal = (LAST_DAY, start + 2, True) if last else day_number(tokens, start + 1) or (0, 0, False)
    end += word(tokens, end) == "day"
    if not ordinal or word(tokens, end) != "of" or word(tokens, end + 1) not in EVERY:
        return None
    found = _every(tokens, end + 2)
    if found is None or found.repeat.unit is not Unit.MONTH or found.repeat.on or not found.repeat.count % 12:
        return None
    return replace(found, repeat=replace(found.repeat, on=frozenset((number,))))


def _with_days(tokens: Sequence[Token], at: int, repeat: Repeat) -> Repetition:
    """Weeks may have their days behind them: ``weekly on monday and friday``."""
    days = None
    if repeat.unit is Unit.WEEK and not repeat.on:
        days = _on_days(tokens, at + (word(tokens, at) == "on"), repeat, plural=False)
    return days or Repetition(repeat, None, at)


def _on_days(tokens: Sequence[Token], at: int, repeat: Repeat, *, plural: bool) -> Repetition | None:
    """``monday and friday``; with ``plural``, ``mondays and fridays``."""
    found: set[int] = set()
    end = at
    while True:
        start = end + (word(tokens, end) == "and" and end > at)
        said = word(tokens, start)
        name = said.removesuffix("s")
        if name not in DAY_NAMES or (plural and not found and name == said):
            break
        found.add(DAY_NAMES.index(name))
        end = start + 1
    return Repetition(replace(repeat, on=frozenset(found)), None, end) if found else None
