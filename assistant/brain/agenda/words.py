"""What an agenda says: times as people say them, and what is announced. Pure."""

from collections.abc import Sequence
from datetime import datetime

from assistant.brain.agenda.entry import Entry, Kind
from assistant.brain.agenda.repeat import DAILY, LAST_DAY, WEEKDAYS, WEEKEND, Repeat, Unit
from assistant.brain.durations import UNITS_S, listed
from assistant.brain.language import ENGLISH_LANGUAGE, Language, clock_time, ordinal
from assistant.brain.persons import turned

MAX_TOLD = 3
NAMED = {DAILY: "every day", WEEKDAYS: "every weekday", WEEKEND: "every weekend"}
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def rings(entry: Entry, language: Language = ENGLISH_LANGUAGE) -> str:
    """What is announced when it is due."""
    if entry.kind is Kind.TIMER:
        return language.say("Your {timer} is done.", timer=language.timer(entry.name, entry.duration_s or 0))
    if entry.kind is Kind.REMINDER:
        return f"A reminder: {turned(entry.name or '')}."
    purpose = f" for {entry.name}" if entry.name else ""
    return f"It's {clock_time(entry.at)}: your alarm{purpose}." if entry.at else f"Your alarm{purpose}."


def missed(entries: Sequence[tuple[Entry, float]]) -> str:
    """``You missed a timer for pasta, 10 minutes ago.`` Each with the seconds since it was due."""
    told = [f"{_missed_one(entry)}, {ago(late_s)}" for entry, late_s in entries[:MAX_TOLD]]
    return f"You missed {listed([*told, *and_more(len(entries))])}."


def _missed_one(entry: Entry) -> str:
    if entry.kind is Kind.REMINDER:
        return f"the reminder: {turned(entry.name or '')}"
    if entry.kind is Kind.TIMER:
        return f"a timer for {entry.name}" if entry.name else f"a {entry.label} timer"
    purpose = f" for {entry.name}" if entry.name else ""
    return f"an alarm for {clock_time(entry.at)}" if entry.at and not purpose else f"an alarm{purpose}"


def ago(seconds: float) -> str:
    """In the largest unit that fits: ``2 hours ago``."""
    for unit, size_s in UNITS_S:
        if count := int(seconds // size_s):
            return f"{count} {unit}{'s' if count != 1 else ''} ago"
    return "just now"


def and_more(count: int) -> list[str]:
    """What stands for those of ``count`` things that are not read out."""
    return [f"{count - MAX_TOLD} more"] if count > MAX_TOLD else []


def moment(at: datetime, repeat: Repeat | None, now: datetime) -> str:
    """``7 AM tomorrow``, ``5 PM every Friday``, ``noon on December 24th``: local times without zone."""
    if repeat is None:
        return f"{clock_time(at)} {_day(at, now)}"
    next_one = f", the next one {_day(at, now)}" if repeat.count not in {1, 12} else ""
    return f"{clock_time(at)} {_repeated(repeat, at)}{next_one}"


def _day(at: datetime, now: datetime) -> str:
    distance = (at.date() - now.date()).days
    if distance == 0:
        return "today"
    if distance == 1:
        return "tomorrow"
    if 1 < distance < 7:
        return f"on {NAMES[at.weekday()]}"
    year = f", {at.year}" if at.year != now.year else ""
    return f"on {at:%B} {ordinal(at.day)}{year}"


def _repeated(repeat: Repeat, at: datetime) -> str:
    """``every day``, ``every other Monday``, ``on the 15th of every month``."""
    if repeat in NAMED:
        return NAMED[repeat]
    if repeat.unit is Unit.DAY:
        return _every(repeat.count, "day")
    days = listed([NAMES[day] for day in sorted(repeat.on)]) if repeat.unit is Unit.WEEK else ""
    if days:
        return (
            f"every{' other' * (repeat.count - 1)} {days}"
            if repeat.count <= 2
            else f"{_every(repeat.count, 'week')} on {days}"
        )
    (day,) = repeat.on
    if repeat.count % 12 == 0:
        return f"{_every(repeat.count // 12, 'year')} on {at:%B} {ordinal(day)}"
    return f"on the {'last day' if day == LAST_DAY else ordinal(day)} of {_every(repeat.count, 'month')}"


def _every(count: int, unit: str) -> str:
    return {1: f"every {unit}", 2: f"every other {unit}"}.get(count, f"every {count} {unit}s")
