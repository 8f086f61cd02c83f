from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.skill import Context
from assistant.brain.skills.arithmetic import calculate
from assistant.brain.sums import MAX_BRACKETS, MAX_CHARACTERS, CannotCalculate, nth_root, power, work_out, written

NUMBERS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=1000)


def value(text: str) -> Fraction:
    return work_out(text)[0]


@given(NUMBERS, NUMBERS, NUMBERS)
def test_multiplication_binds_closer_than_addition(a: Fraction, b: Fraction, c: Fraction) -> None:
    x, y, z = map(written, (a, b, c))
    assert value(f"{x} + {y} * {z}") == a + b * c
    assert value(f"{x} * {y} - {z}") == a * b - c
    assert value(f"({x} + {y}) * {z}") == (a + b) * c


@given(NUMBERS, NUMBERS.filter(bool))
def test_division_is_exact(a: Fraction, b: Fraction) -> None:
    assert value(f"{written(a)} / {written(b)} * {written(b)}") == a


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("12 * 30", "12 times 30 is 360."),
        ("2**10", "2 to the power of 10 is 1,024."),
        ("2 ^ 3 ^ 2", "2 to the power of 3 to the power of 2 is 512."),
        ("-2 ^ 2", "minus 2 to the power of 2 is minus 4."),
        ("(-2) ^ 2", "minus 2 to the power of 2 is 4."),
        ("15% of 80", "15 percent of 80 is 12."),
        ("200 * 15%", "200 times 15 percent is 30."),
        ("7 % 3", "7 modulo 3 is 1."),
        ("sqrt(144)", "the square root of 144 is 12."),
        ("cube root of 27", "the cube root of 27 is 3."),
        ("√2", "the square root of 2 is about 1.41."),
        ("1,000 + 1", "1,000 plus 1 is 1,001."),
        ("(2 + 3) * 4 =", "That is 20."),
        ("half of 50 + 1", "half of 50 plus 1 is 26."),
        ("twice 4", "twice 4 is 8."),
        ("10 divided by 4", "10 divided by 4 is 2.5."),
        ("sqrt(-4)", "A negative number has no real square root."),
        ("1 / 0", "You can't divide by zero."),
        ("9 ^ 9 ^ 9", "That number is too big for me to say."),
        ("__import__('os')", "I don't understand that sum."),
        ("2 + ", "I don't understand that sum."),
        ("2 3", "I don't understand that sum."),
        ("2(3 + 4)(5)", "That is 70."),
        ("(" * MAX_BRACKETS, "I don't understand that sum."),
        ("1+" * MAX_CHARACTERS, "That sum is too long for me."),
        ("(" * (MAX_CHARACTERS - 1) + "1", "That sum is too long for me."),
        ("-" * (MAX_CHARACTERS - MAX_BRACKETS) + "(" * MAX_BRACKETS, "I don't understand that sum."),
        ("", "I don't understand that sum."),
    ],
)
def test_sums_as_a_model_writes_them(text: str, answer: str) -> None:
    assert calculate(Context(), text) == answer


@given(st.text(max_size=60) | st.text(alphabet="0123456789+-*/^()%. ", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    assert calculate(Context(), text)


@given(NUMBERS.map(abs), st.sampled_from([2, 3]))
def test_a_root_raised_again_gives_the_number(value: Fraction, degree: int) -> None:
    assert nth_root(value**degree, degree) == value
    assert abs(nth_root(value, degree) ** degree - value) <= max(value, Fraction(1)) / 10**40


@given(st.integers(-50, 50).filter(bool), st.integers(-40, 40))
def test_whole_powers_are_exact(base: int, exponent: int) -> None:
    assert power(Fraction(base), Fraction(exponent)) == Fraction(base) ** exponent


@pytest.mark.parametrize(
    ("base", "exponent"),
    [
        (10, 10**9),
        (Fraction(1, 10), 10**9),
        (10**300, 10**300),
        (2, -(10**12)),
        (Fraction(1, 10**300), 20),
        (Fraction(10**6 + 1, 10**6), 10**8),
    ],
)
def test_huge_powers_are_refused_at_once(base: int, exponent: int) -> None:
    with pytest.raises(CannotCalculate, match="too big"):
        power(Fraction(base), Fraction(exponent))


@pytest.mark.parametrize("operator", ["/", "mod", "%"])
def test_division_by_zero_is_said(operator: str) -> None:
    with pytest.raises(CannotCalculate, match="divide by zero"):
        work_out(f"1 {operator} 0")


@pytest.mark.parametrize(
    ("base", "exponent", "result"), [(0, 0, 1), (0, 5, 0), (4, Fraction(1, 2), 2), (1, 10**9, None), (-8, 3, -512)]
)
def test_corners_of_powers(base: int, exponent: Fraction | int, result: int | None) -> None:
    if result is None:
        with pytest.raises(CannotCalculate):
            power(Fraction(base), Fraction(exponent))
    else:
        assert power(Fraction(base), Fraction(exponent)) == result


def test_what_has_no_real_answer_is_said() -> None:
    with pytest.raises(CannotCalculate, match="no real answer"):
        power(Fraction(-2), Fraction(1, 2))
