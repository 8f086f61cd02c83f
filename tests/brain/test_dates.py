from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.dates import easter, parse_date
from assistant.brain.days import months_later, next_date

TODAY = date(2026, 11, 20)  # a Friday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", (2026, 11, 20)),
        ("the day after tomorrow", (2026, 11, 22)),
        ("2027-03-05", (2027, 3, 5)),
        ("in 2 weeks", (2026, 12, 4)),
        ("3 days ago", (2026, 11, 17)),
        ("a month from now", (2026, 12, 20)),
        ("Friday", (2026, 11, 27)),
        ("on monday", (2026, 11, 23)),
        ("last friday", (2026, 11, 13)),
        ("March 3rd", (2027, 3, 3)),
        ("the 3rd of March, 1990", (1990, 3, 3)),
        ("december 2027", (2027, 12, 1)),
        ("the third of march", (2027, 3, 3)),
        ("the 31st", (2026, 12, 31)),
        ("the 20th", (2026, 11, 20)),
        ("29 february", (2028, 2, 29)),
        ("Christmas Day", (2026, 12, 25)),
        ("new years eve", (2026, 12, 31)),
        ("St Patrick’s Day", (2027, 3, 17)),
        ("thanksgiving", (2026, 11, 26)),
        ("good friday", (2027, 3, 26)),
    ],
)
def test_days_as_people_name_them(text: str, day: tuple[int, int, int]) -> None:
    assert parse_date(text, TODAY) == date(*day)


@pytest.mark.parametrize(
    "text",
    ["", "30 february", "in 99999 years", "the 32nd", "3 march april", "soon", "friday week", "9999999 days ago"],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_date(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "day"), [("friday", (2026, 11, 20)), ("1 january", (2026, 1, 1)), ("easter", (2026, 4, 5))]
)
def test_the_past_is_looked_at_where_it_is_meant(text: str, day: tuple[int, int, int]) -> None:
    assert parse_date(text, TODAY, past=True) in {date(*day), date(2026, 11, 13)}


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1818, 3, 22), (1943, 4, 25), (2000, 4, 23), (2024, 3, 31), (2025, 4, 20), (2038, 4, 25)]
)
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_months_later_stay_in_their_month(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_the_29th_of_february_is_found_beyond_a_century_without_it() -> None:
    assert next_date(date(2096, 3, 1), 2, 29) == date(2104, 2, 29)
    with pytest.raises(ValueError, match="calendar"):
        next_date(TODAY, 2, 30)


@given(st.text(max_size=40), st.dates(date(1, 1, 2)))
def test_no_text_breaks_it(text: str, today: date) -> None:
    parse_date(text, today)
    parse_date(f"in {text} days", today, past=True)
