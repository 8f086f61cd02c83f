"""What an agenda says: times as people say them, and what is announced. Pure."""

from collections.abc import Sequence
from datetime import datetime

from assistant.brain.agenda.entry import DAILY, WEEKDAYS, WEEKEND, Entry, Kind
from assistant.brain.durations import UNITS_S, listed
from assistant.brain.language import ENGLISH_LANGUAGE, Language, clock_time, ordinal
from assistant.brain.persons import turned

MAX_TOLD = 3
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


def moment(at: datetime, days: frozenset[int], now: datetime) -> str:
    """``7 AM tomorrow``, ``5 PM every Friday``, ``noon on December 24th``: local times without zone."""
    if days:
        return f"{clock_time(at)} {_repeated(days)}"
    distance = (at.date() - now.date()).days
    if distance == 0:
        return f"{clock_time(at)} today"
    if distance == 1:
        return f"{clock_time(at)} tomorrow"
    if 1 < distance < 7:
        return f"{clock_time(at)} on {NAMES[at.weekday()]}"
    year = f", {at.year}" if at.year != now.year else ""
    return f"{clock_time(at)} on {at:%B} {ordinal(at.day)}{year}"


def _repeated(days: frozenset[int]) -> str:
    if days == DAILY:
        return "every day"
    if days == WEEKDAYS:
        return "every weekday"
    if days == WEEKEND:
        return "every weekend"
    return f"every {listed([NAMES[day] for day in sorted(days)])}"
