"""Times and tasks that are corrected as they are said."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.agenda.corrected import read
from assistant.brain.agenda.dates import when
from assistant.brain.agenda.entry import When
from assistant.brain.agenda.repeat import WEEKDAYS
from assistant.brain.text import join, tokenize

NOW = datetime(2026, 11, 20, 15, 20)  # a Friday


def at(hour: int, minute: int = 0, *, days_later: int = 0) -> When:
    return When(at=NOW.replace(hour=hour, minute=minute) + timedelta(days=days_later))


@pytest.mark.parametrize(
    ("text", "expected", "rest"),
    [
        ("to call mum at six, no wait, seven", at(19), "to call mum"),
        ("to call mum at six no wait at seven", at(19), "to call mum"),
        ("to call mum at six, no seven", at(19), "to call mum"),
        ("to call mum at six actually seven", at(19), "to call mum"),
        ("at six to call mum, no wait, seven thirty", at(19, 30), "to call mum"),
        ("at six, no seven, to call mum", at(19), "to call mum"),
        ("to call mum tomorrow, no wait, on sunday at six", at(18, days_later=2), "to call mum"),
        ("to call mum at six tomorrow, no wait, on sunday", at(18, days_later=2), "to call mum"),
        ("to call mum tomorrow at eight pm, sorry, nine", at(21, days_later=1), "to call mum"),
        ("to call mum tomorrow at eight pm, sorry, in the morning", at(8, days_later=1), "to call mum"),
        ("to call mum at six, no wait, seven, no wait, eight", at(20), "to call mum"),
        ("to call mum at six, no wait, in ten minutes", When(600), "to call mum"),
        ("in ten minutes to look, no wait, twenty minutes", When(1200), "to look"),
        ("in ten minutes to look, no wait, twenty", When(1200), "to look"),
        ("in ten minutes to look, no wait, at six", at(18), "to look"),
        (
            "every day at six to look, no wait, every weekday",
            When(at=NOW.replace(hour=18, minute=0), repeat=WEEKDAYS),
            "to look",
        ),
        ("at six to call mum, no wait, dad", at(18), "to call dad"),
        ("at six to call mum, no wait, call my dad", at(18), "to call my dad"),
        ("at six to call mum, no wait, to visit dad", at(18), "to visit dad"),
        ("to go to the bank, I mean the post office at six", at(18), "to go to the post office"),
        ("to call mum, no wait, dad at six", at(18), "to call dad"),
        ("to call mum at six, no wait", at(18), "to call mum"),
        ("to say sorry to mum at six", at(18), "to say sorry to mum"),
        ("to wait for the bus at six", at(18), "to wait for the bus"),
        ("to actually call mum tomorrow", at(9, days_later=1), "to actually call mum"),
        ("to buy milk", None, "to buy milk"),
        ("", None, ""),
    ],
)
def test_what_is_said_last_counts(text: str, expected: When | None, rest: str) -> None:
    reading = read(text)
    assert (when(reading.said, NOW, alarm=False), join(reading.rest)) == (expected, rest)


HOURS = st.sampled_from(["six", "7", "half past eight", "quarter to nine", "10:30", "five pm"])
DAYS = st.sampled_from(["", " tomorrow", " on monday", " every weekday"])
CORRECTING = st.sampled_from([", no wait,", ", sorry,", " no wait", ", I mean", " actually", ". No,"])


@given(HOURS, HOURS, DAYS, CORRECTING, st.sampled_from(["", " at"]))
def test_an_hour_that_is_corrected_is_the_other_hour(old: str, new: str, day: str, correcting: str, at_: str) -> None:
    if "pm" in old and "pm" not in new:
        new += " pm"  # what was said of the half of the day stays
    corrected = read(f"to call mum{day} at {old}{correcting}{at_} {new}")
    assert corrected == read(f"to call mum{day} at {new}")


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["at", "six", "no", "wait", ",", "to", "call", "mum", "in", "ten", "minutes"])).map(
        " ".join
    )
)
def test_any_text_can_be_read(text: str) -> None:
    reading = read(text)
    assert len(reading.rest) <= len(tokenize(text))
