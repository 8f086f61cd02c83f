"""Dates, and sums with them."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from assistant.brain.dates import parse_date
from assistant.brain.language import Language
from assistant.brain.skill import Context, Reply, skill

RELATIVE = {"today": "It's {day}.", "tomorrow": "Tomorrow is {day}.", "yesterday": "Yesterday was {day}."}
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
        return _unknown(context, when)
    return context.language.say(_sentence(when, day, today), day=context.language.full_date(day))


@skill(slots=as_when, offered=False)
def tell_day(context: Context, when: str = "today") -> str | Reply:
    """The weekday alone, for today and its neighbours; the date with it, for others."""
    if when not in RELATIVE:
        return tell_date(context, when)
    day = parse_date(when, context.now().date()) or context.now().date()
    return context.language.say(RELATIVE[when], day=context.language.weekday(day))


@skill(slots=as_when)
def count_days(
    context: Context, when: str, unit: Literal["days", "weeks"] = "days", since: bool = False
) -> str | Reply:
    """Count the days or weeks until a date, or since one in the past."""
    today = context.now().date()
    day = parse_date(when, today, past=since)
    if day is None:
        return _unknown(context, when)
    language, days = context.language, abs((day - today).days)
    if not days:
        return language.say("That's today.")
    text = "{span} until {day}." if day > today else "{span} since {day}."
    return language.say(text, span=_counted(language, days, unit), day=language.full_date(day, today))


@skill(offered=False)
def tell_month(context: Context) -> str:
    return context.language.say("It's {month}.", month=context.language.month(context.now()))


@skill(offered=False)
def tell_year(context: Context) -> str:
    return context.language.say("It's {year}.", year=context.now().year)


@skill(offered=False)
def tell_week(context: Context) -> str:
    """The number of the week as ISO 8601 counts."""
    return context.language.say("It's week {week}.", week=context.now().isocalendar().week)


def _sentence(when: str, day: date, today: date) -> str:
    if when in RELATIVE:
        return RELATIVE[when]
    return "That was {day}." if day < today else "That's {day}."


def _counted(language: Language, days: int, unit: str) -> str:
    weeks, rest = divmod(days, DAYS_IN_WEEK) if unit == "weeks" else (0, days)
    parts = ((weeks, "week"), (rest, "day"))
    return language.listed([language.counted(count, name) for count, name in parts if count])


def _unknown(context: Context, when: str) -> Reply:
    return Reply(context.language.say("I don't know when that is: {when}.", when=when), fallback=True)
