"""Time, date and day."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.brain.agenda.words import clock_time, ordinal
from assistant.brain.skill import Context, skill

WHEN = {-1: "Yesterday was", 0: "It's", 1: "Tomorrow is"}


@skill("TellTime", offered=False)
def tell_time(context: Context, place: Mapping[str, str] | None = None) -> str:
    """``It's 3:20 PM.``"""
    if place is None:
        return f"It's {clock_time(context.now())}."
    try:
        there = context.now().astimezone(ZoneInfo(place["zone"]))
    except ZoneInfoNotFoundError:
        return "I can't tell: this computer has no time zone data."
    return f"In {place['name']} it's {clock_time(there)}."


@skill("TellDate", offered=False)
def tell_date(context: Context, day: int = 0) -> str:
    """``It's Friday, November 20th, 2026.``"""
    date = context.now() + timedelta(days=day)
    return f"{WHEN[day]} {date:%A}, {date:%B} {ordinal(date.day)}, {date.year}."


@skill("TellDay", offered=False)
def tell_day(context: Context, day: int = 0) -> str:
    return f"{WHEN[day]} {context.now() + timedelta(days=day):%A}."


@skill("TellMonth", offered=False)
def tell_month(context: Context) -> str:
    return f"It's {context.now():%B}."


@skill("TellYear", offered=False)
def tell_year(context: Context) -> str:
    return f"It's {context.now().year}."
