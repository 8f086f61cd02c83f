from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.skills.arithmetic import CannotCalculate, evaluate, nth_root, percentage, power, root

NUMBERS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=1000)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_multiplication_binds_closer_than_addition(a: Fraction, b: Fraction, c: Fraction) -> None:
    assert evaluate([a, b, c], ["+", "*"]) == a + b * c
    assert evaluate([a, b, c], ["*", "-"]) == a * b - c


@given(NUMBERS, NUMBERS.filter(bool))
def test_division_is_exact(a: Fraction, b: Fraction) -> None:
    assert evaluate([a, b, b], ["/", "*"]) == a


@given(NUMBERS.map(abs), st.sampled_from([2, 3]))
def test_a_root_raised_again_gives_the_number(value: Fraction, degree: int) -> None:
    assert nth_root(value**degree, degree) == value
    assert abs(nth_root(value, degree) ** degree - value) <= max(value, Fraction(1)) / 10**40


@given(st.integers(-50, 50).filter(bool), st.integers(-40, 40))
def test_whole_powers_are_exact(base: int, exponent: int) -> None:
    assert power(Fraction(base), Fraction(exponent)) == Fraction(base) ** exponent


@pytest.mark.parametrize(
    ("base", "exponent"),
    [(10, 10**9), (Fraction(1, 10), 10**9), (10**300, 10**300), (2, -(10**12)), (Fraction(10**6 + 1, 10**6), 10**8)],
)
def test_huge_powers_are_refused_at_once(base: int, exponent: int) -> None:
    with pytest.raises(CannotCalculate, match="too big"):
        power(Fraction(base), Fraction(exponent))


@pytest.mark.parametrize("operator", ["/", "%"])
def test_division_by_zero_is_said(operator: str) -> None:
    with pytest.raises(CannotCalculate, match="divide by zero"):
        evaluate([Fraction(1), Fraction(0)], [operator])


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
    assert root(value=Fraction(-4), degree="square") == "A negative number has no real square root."
    assert root(value=Fraction(-27), degree="cube") == "The cube root of minus 27 is minus 3."
    with pytest.raises(CannotCalculate, match="no real answer"):
        power(Fraction(-2), Fraction(1, 2))


@given(NUMBERS, NUMBERS)
def test_percentages_never_fail(share: Fraction, whole: Fraction) -> None:
    assert " percent of " in percentage(share=share, whole=whole)
