from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.agenda.dates import split, when
from assistant.brain.agenda.entry import When
from assistant.brain.agenda.repeat import DAILY, WEEKDAYS, Repeat, Unit
from assistant.brain.text import join, tokenize

NOW = datetime(2026, 11, 20, 15, 20)  # a Friday


UNITS = ("days", "weeks", "months", "years")
LEADS = ["every", "each", "other", "second", "2", "3rd", "31", "on", "the", "of", "last", "and", "at", "seven"]
WORDS = [*LEADS, *UNITS, "day", "monday", "mondays", "month", "year"]


def at(text: str, repeat: Repeat | None = None) -> When:
    return When(at=datetime.fromisoformat(text), repeat=repeat)


def weekly(*days: int, count: int = 1) -> Repeat:
    return Repeat(Unit.WEEK, count, frozenset(days))


def monthly(day: int, count: int = 1) -> Repeat:
    return Repeat(Unit.MONTH, count, frozenset((day,)))


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
        ("every friday at five to go home", at("2026-11-20T17:00", weekly(4)), "to go home"),
        ("at six every day to take my pills", at("2026-11-20T18:00", DAILY), "to take my pills"),
        ("to buy 6 eggs tomorrow", at("2026-11-21T09:00"), "to buy 6 eggs"),
        ("to cook dinner for 6 at 5", at("2026-11-20T17:00"), "to cook dinner for 6"),
        ("on december 24th to wrap presents", at("2026-12-24T09:00"), "to wrap presents"),
        ("on the twenty fifth of december at noon to eat", at("2026-12-25T12:00"), "to eat"),
        ("next friday to pay", at("2026-11-27T09:00"), "to pay"),
        ("on february 29th to leap", at("2028-02-29T09:00"), "to leap"),
        ("on february 30th to leap", None, "on february 30 th to leap"),
        ("on the thirtieth of february to leap", None, "on the thirtieth of february to leap"),
        ("in ten minutes to look", When(600), "to look"),
        ("at three to nap", at("2026-11-21T15:00"), "to nap"),
        ("to buy milk", None, "to buy milk"),
        ("to buy 6", None, "to buy 6"),
    ],
)
def test_times_of_reminders_and_what_stands_beside_them(text: str, expected: When | None, rest: str) -> None:
    reading = split(tokenize(text))
    assert (when(reading.said, NOW, alarm=False), join(reading.rest)) == (expected, rest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every other day at seven", at("2026-11-21T07:00", Repeat(Unit.DAY, 2))),
        ("every second day at noon", at("2026-11-21T12:00", Repeat(Unit.DAY, 2))),
        ("every 3 days at 6 pm", at("2026-11-20T18:00", Repeat(Unit.DAY, 3))),
        ("every other monday at seven", at("2026-11-23T07:00", weekly(0, count=2))),
        ("every two weeks on monday at seven", at("2026-11-23T07:00", weekly(0, count=2))),
        ("at seven every two weeks on monday and friday", at("2026-11-23T07:00", weekly(0, 4, count=2))),
        ("on tuesday every three weeks at seven", at("2026-11-24T07:00", weekly(1, count=3))),
        ("every week at seven", at("2026-11-21T07:00", weekly(5))),
        ("weekly on sunday at seven", at("2026-11-22T07:00", weekly(6))),
        ("every fortnight on friday at 2 pm", at("2026-11-27T14:00", weekly(4, count=2))),
        ("on the first of every month at seven", at("2026-12-01T07:00", monthly(1))),
        ("monthly on the 15th at seven", at("2026-12-15T07:00", monthly(15))),
        ("every month on the 20th at 5 pm", at("2026-11-20T17:00", monthly(20))),
        ("every month on the 20th at 2 pm", at("2026-12-20T14:00", monthly(20))),
        ("every 25th at noon", at("2026-11-25T12:00", monthly(25))),
        ("every second of the month at noon", at("2026-12-02T12:00", monthly(2))),
        ("on the 31st of every month at noon", at("2026-11-30T12:00", monthly(31))),
        ("on the last day of every month at noon", at("2026-11-30T12:00", monthly(31))),
        ("on the 5th of every other month at noon", at("2026-12-05T12:00", monthly(5, 2))),
        ("every year on december 24th at noon", at("2026-12-24T12:00", monthly(24, 12))),
        ("yearly on february 29th at noon", at("2028-02-29T12:00", monthly(29, 12))),
        ("on the 15th of the month at noon", at("2026-12-15T12:00")),
        ("on the first monday of every month at noon", None),
        ("every third monday at noon", None),
        ("every 24th of december at noon", None),
        ("every 2 hours", None),
        ("every 0 days at noon", None),
        ("every", None),
    ],
)
def test_repetitions(text: str, expected: When | None) -> None:
    reading = split(tokenize(text))
    assert (None if reading.rest else when(reading.said, NOW, alarm=True)) == expected


@given(st.sampled_from(UNITS), st.integers(1, 40), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_the_first_time_is_to_come_and_no_further_than_one_unit(unit: str, count: int, now: datetime) -> None:
    said = split(tokenize(f"every {count} {unit} at seven")).said
    found = when(said, now, alarm=True)
    assert found is not None
    assert found.at is not None
    assert now < found.at <= now + timedelta(days=1)


@given(st.lists(st.sampled_from(WORDS), max_size=9))
def test_no_words_of_a_repetition_break_it(words: list[str]) -> None:
    reading = split(tokenize(" ".join(words)))
    meant = when(reading.said, NOW, alarm=False)
    assert meant is None or meant.at is None or meant.at > NOW
