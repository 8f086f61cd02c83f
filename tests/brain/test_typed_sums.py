"""What is typed with brackets counts as mathematics has it, in any sentence that asks for a sum."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.brain import NO_MODEL_SPOKEN
from assistant.brain.sums import work_out
from assistant.brain.typed_sums import typed_sum
from assistant.brain.understanding import Understanding
from tests.brain.conftest import Ask

SUMS = st.recursive(
    st.integers(0, 99).map(str),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " + ", " - ", " * ", " / "]), inner).map("".join)
        | st.tuples(st.just("("), inner, st.just(")")).map("".join)
        | inner.map("-({})".format)
        | st.tuples(st.just("("), inner, st.just(")**"), st.integers(0, 3).map(str)).map("".join)
    ),
    max_leaves=12,
)


def by_python(text: str) -> Fraction:
    exact = re.sub(r"\d+", r"Fraction(\g<0>)", text)
    return Fraction(eval(exact, {"Fraction": Fraction}))


@given(SUMS.filter(lambda text: len(text) < 150))
def test_typed_sums_are_what_python_makes_of_them(text: str) -> None:
    found = typed_sum(f"what's {text}?")
    if found is None:  # a number alone
        assert not set(text) & set("+-*/")
        return
    expression, sentence = found
    assert sentence == "what's  1+1 ?"
    try:
        expected = by_python(text)
    except ZeroDivisionError:
        return
    assert work_out(expression)[0] == expected


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("(2+3)*4", "That is 20."),
        ("What's (2 + 3) * 4?", "That is 20."),
        ("calculate 2*(3+4) please", "That is 14."),
        ("((1+2)*3)^2 =", "That is 81."),
        ("-(2+3)*4", "That is minus 20."),
        ("(2+3)×(4−1)", "That is 15."),
        ("15% of (20+30)", "That is 7.5."),
        ("sqrt(9+16)", "That is 5."),
        ("sqrt(16)", "The square root of 16 is 4."),
        ("what is 1+2+3+4+5+6", "1 plus 2 plus 3 plus 4 plus 5 plus 6 is 21."),
        ("(1,000+1)/(5-5)", "You can't divide by zero."),
        ("(2+3)*4, no wait, (2+3)*5", "That is 25."),
        ("2 plus three (of them)", NO_MODEL_SPOKEN),
        ("(two plus three) times four", NO_MODEL_SPOKEN),
        ("call 555-1234", NO_MODEL_SPOKEN),
    ],
)
def test_brackets_in_sentences(ask: Ask, text: str, answer: str) -> None:
    assert ask(text) == answer


@pytest.mark.parametrize(
    ("language", "text", "expression"),
    [
        ("de", "Was ist (2,5+1)*1.000?", "(2.5+1)*1000"),
        ("fr", "combien font 2*(3+4)", "2*(3+4)"),
        ("es", "cuánto es (2+3)*4", "(2+3)*4"),
    ],
)
def test_brackets_in_other_languages(language: str, text: str, expression: str) -> None:
    match = Understanding(language, "Computer").find(text, corrected=False)
    assert match is not None
    assert (match.intent, dict(match.slots)) == ("Calculate", {"expression": expression})


@given(st.text(max_size=60) | st.text(alphabet="0123456789+-*/^()%., ", max_size=60))
def test_any_text_may_be_looked_at(text: str) -> None:
    for language in ("en", "de", "fr"):
        typed_sum(text, language)
