from zoneinfo import ZoneInfo, available_timezones

import pytest

from assistant.brain import zones
from assistant.brain.intents import load_sentences
from assistant.brain.skill import Context, Reply
from assistant.brain.skills.clock import NO_ZONES, compare_times, tell_time
from assistant.brain.zones import ALIASES, CITIES, find_place, is_place


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Paris", "Europe/Paris"),
        ("são paulo", "America/Sao_Paulo"),
        ("New York", "America/New_York"),
        ("buenos aires", "America/Argentina/Buenos_Aires"),
        ("Europe/Rome", "Europe/Rome"),
        ("Germany", "Europe/Berlin"),
        ("the Netherlands", "Europe/Amsterdam"),
        ("north korea", "Asia/Pyongyang"),
        ("Singapore", "Asia/Singapore"),
        ("UTC", "UTC"),
        ("atlantis", None),
        ("", None),
    ],
)
def test_places_and_their_zones(name: str, zone: str | None) -> None:
    place = find_place(name)
    assert (place and place.zoneinfo) == (zone and ZoneInfo(zone))


def test_a_country_with_several_zones_says_so() -> None:
    assert [place.several for name in ("Australia", "Japan") if (place := find_place(name))] == [True, False]


def test_every_zone_that_we_name_exists() -> None:
    assert set(CITIES) <= available_timezones()
    assert all(find_place(name) for name in ALIASES)


def test_every_place_that_is_listened_for_is_known() -> None:
    values = load_sentences("en")["lists"]["place"]["values"]
    names = [value if isinstance(value, str) else value["out"] for value in values]
    assert [name for name in names if find_place(name) is None] == []


def test_a_place_without_a_known_time_is_said(context: Context) -> None:
    reply = tell_time(context, "narnia")
    assert isinstance(reply, Reply)
    assert (reply.text, reply.fallback) == ("I don't know what time it is in Narnia.", True)


def test_a_computer_without_time_zones_says_so(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "_places", dict)
    assert tell_time(context, "paris") == compare_times(context, "paris") == NO_ZONES
    assert is_place("paris")
