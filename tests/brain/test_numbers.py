from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unicode_rbnf import RbnfEngine

from assistant.brain.numbers import parse_number, phrase, speak
from assistant.brain.text import tokenize

ENGINE = RbnfEngine.for_language("en")


def parsed(words: str) -> Fraction | None:
    tokens = words.replace("-", " ").split()
    result = parse_number(tokens, 0)
    return result[0] if result is not None and result[1] == len(tokens) else None


@given(st.integers(0, 10**15 - 1))
def test_every_number_in_words_is_read_back(number: int) -> None:
    assert parsed(ENGINE.format_number(number).text) == number


@given(st.integers(0, 10**9), st.text("0123456789", min_size=1, max_size=6))
def test_decimals_are_exact(whole: int, digits: str) -> None:
    words = f"{ENGINE.format_number(whole).text} point {' '.join(ENGINE.format_number(int(d)).text for d in digits)}"
    assert parsed(words) == Fraction(f"{whole}.{digits}")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("a hundred", 100),
        ("a hundred and five", 105),
        ("a million", 10**6),
        ("twelve hundred", 1200),
        ("two thousand and twenty six", 2026),
        ("point five", Fraction(1, 2)),
        ("three point oh five", Fraction("3.05")),
        ("three point fourteen", Fraction("3.14")),
        ("two and a half", Fraction(5, 2)),
        ("six and a quarter", Fraction(25, 4)),
        ("half a million", 500_000),
        ("a couple of", 2),
    ],
)
def test_ways_to_say_a_number(words: str, value: Fraction | int) -> None:
    assert parsed(words) == value


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("five and six", [5, "and", 6]),
        ("one hundred and two hundred", [100, "and", 200]),
        ("five thousand six million", [5000, 6_000_000]),
        ("twenty thirty", [20, 30]),
        ("two million 5 hundred", [2_000_500]),
        ("an hour and a half", ["an", "hour", "and", "a", "half"]),
        ("three quarters of an hour", [Fraction(3, 4), "hour"]),
        ("a half hour", [Fraction(1, 2), "hour"]),
        ("half of fifty", ["half", "of", 50]),
        ("no point", ["no", "point"]),
    ],
)
def test_where_numbers_end(text: str, tokens: list[object]) -> None:
    assert tokenize(text) == tokens


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        (Fraction(42), "is 42"),
        (Fraction(-5), "is minus 5"),
        (Fraction(1234567), "is 1,234,567"),
        (Fraction(10, 3), "is about 3.33"),
        (Fraction(1, 3), "is about 0.333"),
        (Fraction(1, 8), "is 0.125"),
        (Fraction("0.00012345"), "is about 0.000123"),
        (Fraction(2**100), "is about 1.27 times 10 to the power of 30"),
        (Fraction(10**20), "is about 10 to the power of 20"),
        (Fraction(999_999, 10**15) / 1000, "is about 10 to the power of minus 12"),
        (Fraction(29_999, 10_000), "is 2.9999"),
        (Fraction(299_999, 100_000), "is about 3"),
    ],
)
def test_numbers_are_spoken_short_and_say_when_they_are_rounded(value: Fraction, spoken: str) -> None:
    assert phrase(value) == spoken


@example(Fraction(1, 390625))
@given(st.fractions(min_value=-(10**12), max_value=10**12))
def test_a_spoken_number_is_near_the_true_one_and_exact_when_it_says_so(value: Fraction) -> None:
    text, exact = speak(value)
    if " times " in text or "power" in text:
        return
    read = Fraction(text.replace(",", "").replace("minus ", "-"))
    assert read == value if exact else 0 < abs(read - value) <= Fraction(1, 200)
