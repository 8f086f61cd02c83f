"""When something is to happen, in English words: "at half past six tomorrow", "every weekday at seven". Pure.

A sentence template would have to spell out every order of time, day and repetition, and what is free text beside them.
So one small grammar of tokens reads them all, for sentences and for what a language model writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from fractions import Fraction

from assistant.brain.agenda.clock_words import Clock, clock
from assistant.brain.agenda.day_words import Day, day, duration_s
from assistant.brain.agenda.entry import When
from assistant.brain.agenda.repeat import Repeat, Unit, following
from assistant.brain.agenda.repeat_words import repetition
from assistant.brain.numbers import Token

LEADS = frozenset("at on for by in around about from the this every each".split())  # noqa: SIM905
PARTS_OF_DAY = {"morning": time(9), "afternoon": time(15), "evening": time(19), "night": time(21), "tonight": time(21)}
ALARM_HOURS = range(4, 12)
"""An alarm for one of these is in the morning unless something else is said."""
REMINDER_HOURS = range(6, 24)
"""Nobody means another hour without saying so."""
MORNING = time(9)
KINDS = ("clock", "part", "day", "repeat", "after_s")


@dataclass(frozen=True, slots=True)
class Said:
    """What the words say of a time, each at most once."""

    clock: Clock | None = None
    part: str | None = None
    day: Day | None = None
    repeat: Repeat | None = None
    after_s: int | None = None

    @property
    def empty(self) -> bool:
        return self == Said()

    def with_(self, other: "Said") -> "Said | None":
        """Both; None where they say the same kind of thing twice."""
        merged = {}
        for name in KINDS:
            mine, others = getattr(self, name), getattr(other, name)
            if mine is not None and others is not None:
                return None
            merged[name] = mine if mine is not None else others
        return Said(**merged)

    def over(self, other: "Said") -> "Said":
        """Both; this one where they say the same kind of thing."""
        mine = {name: value for name in KINDS if (value := getattr(self, name)) is not None}
        return replace(other, **mine)


@dataclass(frozen=True, slots=True)
class Reading:
    """A time, and the tokens around it, which say something else."""

    said: Said
    rest: Sequence[Token] = field(default=())


def split(tokens: Sequence[Token]) -> Reading:
    """The time that stands at the beginning or the end of ``tokens``, or in part at both.

    ``["tomorrow", "to", "call", "mum", "at", 6]`` → tomorrow at six, ``["to", "call", "mum"]``.
    """
    front, at = read(tokens, 0, bare=True)
    rest = list(tokens[at:])
    for start in range(len(rest)):
        if not _may_begin(rest, start):
            continue
        back, end = read(rest, start, bare=False)
        if end < len(rest) or back.empty:
            continue
        if start == 0:  # "at seven, no, at eight"
            return Reading(back.over(front))
        if (both := front.with_(back)) is not None:
            return Reading(both, rest[:start])
    return Reading(front, rest)


def when(said: Said, now: datetime, *, alarm: bool) -> When | None:
    """The moment that is meant, as seen ``now`` (local, without zone); None if it is past, or says too little.

    An hour without AM or PM: an alarm from four to eleven is in the morning; a reminder is not in the night; else it is
    the next such hour.
    """
    if said.after_s is not None and said.clock is None and said.repeat is None:
        return When(said.after_s) if said.after_s > 0 else None
    at = _time(said, alarm=alarm)
    if said.repeat is not None:
        return _repeated(said.repeat, said.day, at[0], now) if at else None
    if at is None or said.empty:
        return None
    if said.day is not None or said.part is not None:
        moment = _on_day(said.day, at, now)
    else:
        moment = _next(at, now, alarm=alarm)
    return When(at=moment) if moment is not None and moment > now else None


def read(tokens: Sequence[Token], at: int, *, bare: bool) -> tuple[Said, int]:
    """What is said of a time from ``at`` on, and the first token behind it. ``bare``: a number alone is an hour."""
    said = Said()
    while True:
        for reader in (_after, _repetition, _day, _part, _clock if bare or not said.empty else _clock_with_lead):
            found = reader(tokens, at)
            if found is not None and (both := said.with_(found[0])) is not None:
                said, at = both, found[1]
                break
        else:
            return said, at


Found = tuple[Said, int] | None


def _after(tokens: Sequence[Token], at: int) -> Found:
    """``in ten minutes``, ``ten minutes from now``."""
    start = at + (tokens[at : at + 1] == ["in"])
    found = duration_s(tokens, start)
    if found is None:
        return None
    seconds, end = found
    from_now = list(tokens[end : end + 2]) == ["from", "now"]
    if start == at and not from_now:
        return None
    return Said(after_s=seconds), end + 2 * from_now


def _repetition(tokens: Sequence[Token], at: int) -> Found:
    found = repetition(tokens, at)
    return (Said(repeat=found.repeat, part=found.part), found.end) if found else None


def _day(tokens: Sequence[Token], at: int) -> Found:
    found = day(tokens, at)
    return found and (Said(day=found[0]), found[1])


def _part(tokens: Sequence[Token], at: int) -> Found:
    """``in the morning``, ``this evening``, ``morning`` (behind a day)."""
    for lead in (["in", "the"], ["this"], ["at"], []):
        end = at + len(lead)
        word = tokens[end] if end < len(tokens) else None
        if list(tokens[at:end]) == lead and isinstance(word, str) and word in PARTS_OF_DAY:
            today = Day(offset=0) if lead == ["this"] or word == "tonight" else None
            return Said(part=word, day=today), end + 1
    return None


def _clock(tokens: Sequence[Token], at: int) -> Found:
    found = clock(tokens, at + _lead(tokens, at))
    return found and (Said(clock=found[0]), found[1])


def _clock_with_lead(tokens: Sequence[Token], at: int) -> Found:
    """A number alone is no time of day where anything else may stand: ``to buy 6``."""
    found = _clock(tokens, at)
    plain = found is not None and found[1] == at + 1 and isinstance(tokens[at], Fraction)
    return None if plain else found


def _lead(tokens: Sequence[Token], at: int) -> int:
    return int(at < len(tokens) and tokens[at] in {"at", "for", "by", "around", "about"})


def _may_begin(tokens: Sequence[Token], at: int) -> bool:
    """Not inside a phrase that another token began: ``for`` in ``for dinner at six`` leads nothing."""
    return at == 0 or tokens[at - 1] not in LEADS


def _time(said: Said, *, alarm: bool) -> list[time] | None:
    """The times of day that may be meant, the likeliest first; None if none was said that an alarm could ring at."""
    if said.clock is not None:
        return said.clock.times(said.part, early=alarm)
    if alarm:
        return None
    return [PARTS_OF_DAY[said.part]] if said.part else [MORNING]


def _repeated(repeat: Repeat, day: Day | None, at: time, now: datetime) -> When:
    """A day that is said beside it (``every two weeks … on monday``) is the first, or says which one of the month."""
    if day is not None and day.month is None and day.number is not None and repeat.unit is Unit.MONTH:
        repeat, day = replace(repeat, on=frozenset((day.number,))), None
    if repeat.on:
        first = following(datetime.combine(now, at), replace(repeat, count=1), now)
    elif day is None:
        first = _soonest([at], now)
    else:
        first = datetime.combine(day.date(now, at), at)
    whole = repeat.complete(first)
    return When(at=following(first, whole, now), repeat=whole)


def _on_day(day: Day | None, times: Sequence[time], now: datetime) -> datetime | None:
    """The first of ``times`` on that day that is still to come; without a day, today or tomorrow."""
    if day is None:
        return _soonest(times[:1], now)
    candidates = [datetime.combine(day.date(now, at), at) for at in times]
    return next((moment for moment in candidates if moment > now), None)


def _next(times: Sequence[time], now: datetime, *, alarm: bool) -> datetime | None:
    hours = ALARM_HOURS if alarm else REMINDER_HOURS
    likely = [at for at in times if at.hour in hours] or list(times)
    return _soonest(likely, now)


def _soonest(times: Sequence[time], now: datetime) -> datetime:
    today = [datetime.combine(now, at) for at in times]
    return min(moment if moment > now else moment + timedelta(days=1) for moment in today)
