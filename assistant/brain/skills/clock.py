"""Time, here and elsewhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from assistant.brain.skill import Context, Reply, skill
from assistant.brain.zones import Place, find_place

NO_ZONES = "I can't tell: this computer has no time zone data."


def as_places(slots: Mapping[str, Any]) -> dict[str, Any]:
    """Places of the list, and others."""
    return {{"city": "place", "other_city": "other"}.get(name, name): value for name, value in slots.items()}


@skill(slots=as_places)
def tell_time(context: Context, place: str = "") -> str | Reply:
    """Tell what time it is, here or in a city or country."""
    language, now = context.language, context.now()
    if not place:
        return language.say("It's {time}.", count=now.hour, time=language.time(now))
    try:
        found = find_place(place)
        if found is None:
            return _unknown(context, place)
        there = now.astimezone(found.zoneinfo)
    except ZoneInfoNotFoundError:
        return language.say(NO_ZONES)
    day = language.say(" on {day}", day=language.weekday(there)) if there.date() != now.date() else ""
    if found.several:
        city = found.zone.rpartition("/")[2].replace("_", " ")
        return f"In {city}, {found.name}, it's {language.time(there)}{day}; other parts have other times."
    text = "In {place} it's {time}{day}."
    return language.say(text, count=there.hour, place=found.name, time=language.time(there), day=day)


@skill(slots=as_places)
def compare_times(context: Context, place: str, other: str = "") -> str | Reply:
    """Tell the time difference between two places, or between a place and here."""
    try:
        places = [find_place(name) for name in (place, other) if name]
        if None in places:
            return _unknown(context, place if places[0] is None else other)
        first, *rest = (context.now().astimezone(found.zoneinfo) for found in places if found)
    except ZoneInfoNotFoundError:
        return NO_ZONES
    then, where = (rest[0], f"in {_name(places[1])}") if rest else (context.now(), "here")
    difference_s = round(_offset_s(first) - _offset_s(then))
    if not difference_s:
        return f"It's the same time in {_name(places[0])} and {where}."
    apart = f"{context.language.duration(abs(difference_s))} {'ahead of' if difference_s > 0 else 'behind'}"
    return f"{_name(places[0])} is {apart} {_name(places[1]) if rest else 'us'}."


def _name(place: Place | None) -> str:
    return place.name if place else ""


def _unknown(context: Context, place: str) -> Reply:
    return Reply(context.language.say("I don't know what time it is in {place}.", place=place.title()), fallback=True)


def _offset_s(moment: datetime) -> float:
    offset = moment.utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
