from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.text import tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("What's 7 × 6?", ["what's", 7, "times", 6]),
        ("what's seven times six", ["what's", 7, "times", 6]),
        ("What’s 12+30=", ["what's", 12, "plus", 30]),
        ("7 x 6", [7, "times", 6]),
        ("7-5", [7, "minus", 5]),
        ("7 - 5", [7, "minus", 5]),
        ("7 − -5", [7, "minus", -5]),
        ("ten minus minus five", [10, "minus", -5]),
        ("What is minus five plus 3?", ["what", "is", -5, "plus", 3]),
        ("10/4", [10, "divided", "by", 4]),
        ("1,234.5 and 1,2", [Fraction("1234.5"), "and", 1, 2]),
        ("20% of .5", [20, "percent", "of", Fraction(1, 2)]),
        ("5² and √16", [5, "squared", "and", "square", "root", "of", 16]),
        ("72°F", [72, "degrees", "f"]),
        ("5km, 1½ cups", [5, "km", Fraction(3, 2), "cups"]),
        ("1 and a 1/2 hours", [Fraction(3, 2), "hours"]),
        ("twenty-five minutes", [25, "minutes"]),
        ("a 5-minute timer", ["a", 5, "minute", "timer"]),
        ("90s timer", [90, "seconds", "timer"]),
        ("Whats the time, O.K.?!", ["what's", "the", "time", "o", "k"]),
        ("between a hundred and four", ["between", 100, "and", 4]),
        ("between one hundred and two and seven", ["between", 102, "and", 7]),
        ("between five and ten", ["between", 5, "and", 10]),
        ("", []),
        ("🙂 …", []),
    ],
)
def test_all_recognisers_spellings_become_one(text: str, tokens: list[object]) -> None:
    assert tokenize(text) == tokens


@given(st.text(max_size=200))
def test_any_text_becomes_lower_case_words_and_numbers(text: str) -> None:
    for token in tokenize(text):
        assert isinstance(token, Fraction) or (token and token == token.casefold() and not token.isspace())


@given(st.text("0123456789.,-+*/x×÷ ", max_size=40))
def test_digits_and_signs_never_break(text: str) -> None:
    tokenize(text)
