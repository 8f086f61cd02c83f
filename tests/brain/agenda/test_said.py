"""Times of day in German, French and Spanish words: every way to say a minute of the day is that minute."""

from datetime import datetime, time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.agenda.dates import split, when
from assistant.brain.agenda.said import as_time
from assistant.brain.text import tokenize
from assistant.brain.understanding import Understanding

NOW = datetime(2026, 11, 20, 15, 20)  # a Friday
WAKE = {"de": "weck mich um", "fr": "réveille-moi à", "es": "despiértame a las"}


@cache
def understanding(language: str) -> Understanding:
    return Understanding(language, "Computer")


def said(language: str, text: str) -> str:
    """The time of an alarm in English words."""
    match = understanding(language).find(text, corrected=False)
    assert match is not None
    assert match.intent == "SetAlarm"
    return str(as_time(match.slots)["time"])


def rings_at(language: str, text: str) -> time | None:
    """The time of day."""
    reading = split(tokenize(said(language, text)))
    assert not reading.rest
    meant = when(reading.said, NOW, alarm=True)
    return meant.at.time() if meant and meant.at else None


@pytest.mark.parametrize("language", WAKE)
@given(hour=st.integers(13, 23), minute=st.integers(1, 59))
def test_a_time_in_digits_is_that_time(language: str, hour: int, minute: int) -> None:
    assert rings_at(language, f"{WAKE[language]} {hour}:{minute:02}") == time(hour, minute)


@given(hour=st.integers(1, 23), minute=st.integers(1, 59))
def test_a_point_parts_german_hours_and_minutes(hour: int, minute: int) -> None:
    assert said("de", f"weck mich um {hour}.{minute:02} Uhr").split()[0] == f"{hour}:{minute:02}"


@given(hour=st.integers(2, 11), minutes=st.integers(1, 29))
def test_german_times_are_counted_around_the_hour_and_the_half(hour: int, minutes: int) -> None:
    def after(offset: int) -> str:
        total = hour * 60 + offset
        return f"{total // 60}:{total % 60:02}"

    ways = {
        f"{minutes} nach {hour}": after(minutes),
        f"{minutes} Minuten vor {hour}": after(-minutes),
        f"halb {hour}": after(-30),
        f"{minutes} vor halb {hour}": after(-30 - minutes),
        f"{minutes} nach halb {hour}": after(-30 + minutes),
        f"viertel {hour}": after(-45),
        f"dreiviertel {hour}": after(-15),
    }
    assert {way: said("de", f"weck mich um {way}") for way in ways} == ways


@given(hour=st.integers(2, 11), minutes=st.integers(1, 29))
def test_french_and_spanish_times_are_counted_around_the_hour(hour: int, minutes: int) -> None:
    before = f"{hour - 1}:{60 - minutes:02}"
    assert said("fr", f"réveille-moi à {hour} heures moins {minutes}") == before
    assert said("es", f"despiértame a las {hour} menos {minutes}") == before
    assert said("fr", f"réveille-moi à {hour} heures et demie") == f"{hour}:30"
    assert said("es", f"despiértame a las {hour} y media") == f"{hour}:30"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "weck mich um halb eins", "12:30"),
        ("de", "weck mich um mitternacht", "0:00"),
        ("de", "weck mich morgen früh um viertel nach sechs", "6:15 tomorrow morning"),
        ("de", "weck mich werktags um sieben", "7:00 every weekday"),
        ("de", "weck mich um 25 uhr", "?"),
        ("de", "weck mich um 7 uhr 80", "?"),
        ("fr", "réveille-moi à midi et demi", "12:30 pm"),
        ("fr", "réveille-moi à minuit moins le quart", "23:45"),
        ("fr", "réveille-moi lundi prochain à six heures", "6:00 monday next"),
        ("es", "despiértame a las doce de la noche", "12:00 night"),
        ("es", "despiértame a la una y cuarto", "1:15"),
    ],
)
def test_corners(language: str, text: str, expected: str) -> None:
    assert sorted(said(language, text).split()) == sorted(expected.split())
