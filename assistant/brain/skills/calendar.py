"""Dates, and sums with them."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from assistant.brain.agenda.words import ordinal
from assistant.brain.dates import parse_date
from assistant.brain.skill import Context, Reply, skill

RELATIVE = {"today": "It's", "tomorrow": "Tomorrow is", "yesterday": "Yesterday was"}
DAYS_IN_WEEK = 7
PARTS = ("which", "weekday", "ordinal", "month", "year")


def as_when(slots: Mapping[str, Any]) -> dict[str, Any]:
    """What the template ``<date>`` caught, as the argument ``when``: ``3 march 1990``, ``in 2 weeks``."""
    rest = dict(slots)
    tens, count = rest.pop("tens", 0), rest.pop("count", None)
    parts = {name: rest.pop(name) for name in PARTS if name in rest}
    if count is not None:
        number = int(count) if isinstance(count, Fraction) else 1
        rest["when"] = f"{number} {rest.pop('span')} {rest.pop('side')}"
    elif parts:
        if "ordinal" in parts:
            parts["ordinal"] += tens
        rest["when"] = " ".join(str(int(part) if isinstance(part, Fraction) else part) for part in parts.values())
    return rest


@skill(slots=as_when)
def tell_date(context: Context, when: str = "today") -> str | Reply:
    """Tell the date and weekday of a day: today, next friday, in 2 weeks, 3 march, easter."""
    today = context.now().date()
    day = parse_date(when, today)
    if day is None:
        return _unknown(when)
    return f"{_subject(when, day, today)} {day:%A}, {in_full(day)}."


@skill(slots=as_when, offered=False)
def tell_day(context: Context, when: str = "today") -> str | Reply:
    """The weekday alone, for today and its neighbours; the date with it, for others."""
    if when not in RELATIVE:
        return tell_date(context, when)
    day = parse_date(when, context.now().date())
    return f"{RELATIVE[when]} {day:%A}."


@skill(slots=as_when)
def count_days(
    context: Context, when: str, unit: Literal["days", "weeks"] = "days", since: bool = False
) -> str | Reply:
    """Count the days or weeks until a date, or since one in the past."""
    today = context.now().date()
    day = parse_date(when, today, past=since)
    if day is None:
        return _unknown(when)
    days = abs((day - today).days)
    if not days:
        return "That's today."
    where = "until" if day > today else "since"
    return f"{_counted(days, unit)} {where} {day:%A}, {in_full(day, today)}."


@skill(offered=False)
def tell_month(context: Context) -> str:
    return f"It's {context.now():%B}."


@skill(offered=False)
def tell_year(context: Context) -> str:
    return f"It's {context.now().year}."


@skill(offered=False)
def tell_week(context: Context) -> str:
    """The number of the week as ISO 8601 counts."""
    return f"It's week {context.now().isocalendar().week}."


def _subject(when: str, day: date, today: date) -> str:
    if when in RELATIVE:
        return RELATIVE[when]
    return "That was" if day < today else "That's"


def _counted(days: int, unit: str) -> str:
    weeks, rest = divmod(days, DAYS_IN_WEEK) if unit == "weeks" else (0, days)
    parts = [f"{count} {name}{'s' if count != 1 else ''}" for count, name in ((weeks, "week"), (rest, "day")) if count]
    return " and ".join(parts)


def in_full(day: date, today: date | None = None) -> str:
    """``March 3rd, 2027``; without the year if it is the same as today's."""
    year = "" if today is not None and day.year == today.year else f", {day.year}"
    return f"{day:%B} {ordinal(day.day)}{year}"


def _unknown(when: str) -> Reply:
    return Reply(f"I don't know when that is: {when}.", fallback=True)
