"""Sums, exactly: fractions in, fractions out, and nothing is evaluated as code."""

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt, log2

from assistant.brain.numbers import decimal, phrase, speak
from assistant.brain.skill import skill

MAX_BITS = 4096
"""Powers beyond 2⁴⁰⁹⁶ are refused, so that no question takes long."""

DIGITS = 60
WORDS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo", "^": "to the power of"}
FIXED = {
    "squared": (Fraction(2), "{a} squared"),
    "cubed": (Fraction(3), "{a} cubed"),
    "twice": (Fraction(2), "twice {a}"),
    "half": (Fraction(1, 2), "half of {a}"),
    "third": (Fraction(1, 3), "a third of {a}"),
    "quarter": (Fraction(1, 4), "a quarter of {a}"),
}


class CannotCalculate(ValueError):
    """Why there is no answer, as a sentence to speak."""


@skill("Calculate", offered=False)
def calculate(
    *,
    a: Fraction,
    b: Fraction | str,
    op1: str = "+",
    c: Fraction | None = None,
    op2: str = "",
    d: Fraction | None = None,
    op3: str = "",
) -> str:
    """``12 plus 30 is 42.``"""
    if isinstance(b, str):
        second, pattern = FIXED[b]
        return _answer(lambda: evaluate([a, second], [op1]), pattern.format(a=_say(a)))
    values = [value for value in (a, b, c, d) if value is not None]
    operators = [op for op in (op1, op2, op3) if op]
    question = _say(a)
    for op, value in zip(operators, values[1:], strict=True):
        question += f" {WORDS[op]} {_say(value)}"
    return _answer(lambda: evaluate(values, operators), question)


@skill("Percentage", offered=False)
def percentage(share: Fraction, whole: Fraction) -> str:
    return _answer(lambda: share * whole / 100, f"{_say(share)} percent of {_say(whole)}")


@skill("Root", offered=False)
def root(value: Fraction, degree: str) -> str:
    return _answer(lambda: nth_root(value, 2 if degree == "square" else 3), f"The {degree} root of {_say(value)}")


def evaluate(values: list[Fraction], operators: list[str]) -> Fraction:
    """``values`` joined by ``operators`` (one fewer), with the usual precedence. Raises CannotCalculate."""
    values, operators = list(values), list(operators)
    for level in ("^", "*/%", "+-"):
        at = 0
        while at < len(operators):
            if operators[at] in level:
                values[at : at + 2] = [_apply(operators.pop(at), values[at], values[at + 1])]
            else:
                at += 1
    return values[0]


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """Exact for whole exponents, else to 60 digits. Raises CannotCalculate."""
    if base == 0:
        if exponent < 0:
            raise CannotCalculate("You can't divide by zero.")
        return Fraction(int(exponent == 0))
    bits = abs(exponent) * Fraction(max(1.0, abs(log2(max(base.numerator.__abs__(), base.denominator)))))
    if bits > MAX_BITS:
        raise CannotCalculate("That number is too big for me to say.")
    if exponent.denominator == 1:
        return base**exponent.numerator
    if base < 0:
        raise CannotCalculate("That has no real answer.")
    with localcontext() as settings:
        settings.prec = DIGITS
        return Fraction(decimal(base, DIGITS) ** decimal(exponent, DIGITS))


def nth_root(value: Fraction, degree: int) -> Fraction:
    """The real root: exact where it is rational, else to 60 digits. Raises CannotCalculate."""
    if value < 0 and degree % 2 == 0:
        raise CannotCalculate("A negative number has no real square root.")
    size = abs(value)
    top, bottom = _whole_root(size.numerator, degree), _whole_root(size.denominator, degree)
    if top is not None and bottom is not None:
        result = Fraction(top, bottom)
    else:
        with localcontext() as settings:
            settings.prec = DIGITS
            result = Fraction(decimal(size, DIGITS) ** (Decimal(1) / degree))
    return -result if value < 0 else result


def _whole_root(number: int, degree: int) -> int | None:
    """The whole root, by bisection; None if there is none."""
    if degree == 2:
        found = isqrt(number)
        return found if found * found == number else None
    low, high = 0, 1 << (number.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < number:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == number else None


def _apply(operator: str, a: Fraction, b: Fraction) -> Fraction:
    if operator in "/%" and b == 0:
        raise CannotCalculate("You can't divide by zero.")
    operations: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
        "+": lambda x, y: x + y,
        "-": lambda x, y: x - y,
        "*": lambda x, y: x * y,
        "/": lambda x, y: x / y,
        "%": lambda x, y: x % y,
        "^": power,
    }
    return operations[operator](a, b)


def _answer(result: Callable[[], Fraction], question: str) -> str:
    try:
        return f"{question} {phrase(result())}."
    except CannotCalculate as reason:
        return str(reason)


def _say(value: Fraction) -> str:
    return speak(value)[0]
