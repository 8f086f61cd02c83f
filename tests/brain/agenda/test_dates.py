from datetime import datetime

import pytest

from assistant.brain.agenda.dates import split, when
from assistant.brain.agenda.entry import DAILY, WEEKDAYS, When
from assistant.brain.text import join, tokenize

NOW = datetime(2026, 11, 20, 15, 20)  # a Friday


def at(text: str, days: frozenset[int] = frozenset()) -> When:
    return When(at=datetime.fromisoformat(text), days=days)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at seven", at("2026-11-21T07:00")),
        ("6:30 tomorrow", at("2026-11-21T06:30")),
        ("every weekday at seven", at("2026-11-23T07:00", WEEKDAYS)),
        ("seven thirty on weekdays", at("2026-11-23T07:30", WEEKDAYS)),
        ("at half past six in the morning", at("2026-11-21T06:30")),
        ("tomorrow morning at quarter to seven", at("2026-11-21T06:45")),
        ("at 5 pm", at("2026-11-20T17:00")),
        ("at six oh five", at("2026-11-21T06:05")),
        ("at noon", at("2026-11-21T12:00")),
        ("18:30", at("2026-11-20T18:30")),
        ("in an hour and a half", When(5400)),
        ("tomorrow", None),
        ("at 25", None),
    ],
)
def test_times_of_alarms(text: str, expected: When | None) -> None:
    reading = split(tokenize(text))
    assert (None if reading.rest else when(reading.said, NOW, alarm=True)) == expected


@pytest.mark.parametrize(
    ("text", "expected", "rest"),
    [
        ("at six to call mum", at("2026-11-20T18:00"), "to call mum"),
        ("to call mum at six", at("2026-11-20T18:00"), "to call mum"),
        ("tomorrow to call mum at six", at("2026-11-21T18:00"), "to call mum"),
        ("tomorrow morning to buy milk", at("2026-11-21T09:00"), "to buy milk"),
        ("every friday at five to go home", at("2026-11-20T17:00", frozenset((4,))), "to go home"),
        ("at six every day to take my pills", at("2026-11-20T18:00", DAILY), "to take my pills"),
        ("to buy 6 eggs tomorrow", at("2026-11-21T09:00"), "to buy 6 eggs"),
        ("to cook dinner for 6 at 5", at("2026-11-20T17:00"), "to cook dinner for 6"),
        ("on december 24th to wrap presents", at("2026-12-24T09:00"), "to wrap presents"),
        ("on the twenty fifth of december at noon to eat", at("2026-12-25T12:00"), "to eat"),
        ("next friday to pay", at("2026-11-27T09:00"), "to pay"),
        ("in ten minutes to look", When(600), "to look"),
        ("at three to nap", at("2026-11-21T15:00"), "to nap"),
        ("to buy milk", None, "to buy milk"),
        ("to buy 6", None, "to buy 6"),
    ],
)
def test_times_of_reminders_and_what_stands_beside_them(text: str, expected: When | None, rest: str) -> None:
    reading = split(tokenize(text))
    assert (when(reading.said, NOW, alarm=False), join(reading.rest)) == (expected, rest)
