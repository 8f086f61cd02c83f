"""What an agenda says: times as people say them, and what is announced. Pure."""

from collections.abc import Sequence
from datetime import datetime

from assistant.brain.agenda.entry import Entry, Kind
from assistant.brain.agenda.repeat import DAILY, LAST_DAY, WEEKDAYS, WEEKEND, Repeat, Unit
from assistant.brain.durations import UNITS_S
from assistant.brain.language import ENGLISH_LANGUAGE, Language, ordinal

MAX_TOLD = 3
NAMED = {DAILY: "{time} every day", WEEKDAYS: "{time} every weekday", WEEKEND: "{time} every weekend"}


def rings(entry: Entry, language: Language = ENGLISH_LANGUAGE) -> str:
    """What is announced when it is due."""
    if entry.kind is Kind.TIMER:
        return language.say("Your {timer} is done.", timer=language.timer(entry.name, entry.duration_s or 0))
    if entry.kind is Kind.REMINDER:
        return language.say("A reminder: {task}.", task=language.turned(entry.name or ""))
    if entry.at is None:
        return language.say("Your alarm for {name}." if entry.name else "Your alarm.", name=entry.name)
    sentence = "It's {time}: your alarm for {name}." if entry.name else "It's {time}: your alarm."
    return language.say(sentence, count=entry.at.hour, time=language.time(entry.at), name=entry.name)


def missed(entries: Sequence[tuple[Entry, float]], language: Language = ENGLISH_LANGUAGE) -> str:
    """``You missed a timer for pasta, 10 minutes ago.`` Each with the seconds since it was due."""
    told = [f"{_missed_one(entry, language)}, {ago(late_s, language)}" for entry, late_s in entries[:MAX_TOLD]]
    return language.say("You missed {things}.", things=language.listed([*told, *and_more(len(entries), language)]))


def _missed_one(entry: Entry, language: Language) -> str:
    say, name = language.say, entry.name
    if entry.kind is Kind.REMINDER:
        return say("the reminder: {task}", task=language.turned(name or ""))
    if entry.kind is Kind.TIMER:
        if not name:
            return say("a {timer}", timer=language.timer(None, entry.duration_s or 0))
        return say("a timer for {name}", name=name)
    if name or entry.at is None:
        return say("an alarm for {name}" if name else "an alarm", name=name)
    return say("an alarm for {time}", count=entry.at.hour, time=language.time(entry.at))


def ago(seconds: float, language: Language = ENGLISH_LANGUAGE) -> str:
    """In the largest unit that fits: ``2 hours ago``."""
    for unit, size_s in UNITS_S:
        if count := int(seconds // size_s):
            return language.say("{span} ago", span=language.counted(count, unit))
    return language.say("just now")


def and_more(count: int, language: Language = ENGLISH_LANGUAGE) -> list[str]:
    """What stands for those of ``count`` things that are not read out."""
    return [language.say("{total} more", total=count - MAX_TOLD)] if count > MAX_TOLD else []


def moment(at: datetime, repeat: Repeat | None, now: datetime, language: Language = ENGLISH_LANGUAGE) -> str:
    """``7 AM tomorrow``, ``5 PM every Friday``, ``noon on December 24th``: local times without zone."""
    sentence, day = _on_day(at, now, language) if repeat is None else _repeated(repeat, at, now, language)
    return language.say(sentence, count=at.hour, time=language.time(at), day=day)


def _on_day(at: datetime, now: datetime, language: Language) -> tuple[str, str]:
    """The sentence, and the day in it."""
    distance = (at.date() - now.date()).days
    if distance in {0, 1}:
        return ("{time} today", "{time} tomorrow")[distance], ""
    if 1 < distance < 7:
        return "{time} on {day}", language.weekday(at)
    return "{time} on {day}", language.short_date(at, now)


def _repeated(repeat: Repeat, at: datetime, now: datetime, language: Language) -> tuple[str, str]:
    if repeat in NAMED:
        return NAMED[repeat], ""
    if repeat.unit is Unit.WEEK and repeat.count == 1:
        return "{time} every {day}", language.listed([language.day_name(day) for day in sorted(repeat.on)])
    if repeat.count in {1, 12}:
        return "{time} {day}", _rarely(repeat, at)
    sentence, day = _on_day(at, now, ENGLISH_LANGUAGE)
    next_one = sentence.removeprefix("{time} ").format(day=day)
    return "{time} {day}", f"{_rarely(repeat, at)}, the next one {next_one}"


def _rarely(repeat: Repeat, at: datetime) -> str:
    """``every other Monday``, ``on the 15th of every month``; only English sentences ask for such."""
    if repeat.unit is Unit.DAY:
        return _every(repeat.count, "day")
    if repeat.unit is Unit.WEEK:
        days = ENGLISH_LANGUAGE.listed([ENGLISH_LANGUAGE.day_name(day) for day in sorted(repeat.on)])
        return f"every other {days}" if repeat.count == 2 else f"{_every(repeat.count, 'week')} on {days}"
    (day,) = repeat.on
    if repeat.count % 12 == 0:
        return f"{_every(repeat.count // 12, 'year')} on {at:%B} {ordinal(day)}"
    return f"on the {'last day' if day == LAST_DAY else ordinal(day)} of {_every(repeat.count, 'month')}"


def _every(count: int, unit: str) -> str:
    return {1: f"every {unit}", 2: f"every other {unit}"}.get(count, f"every {count} {unit}s")
