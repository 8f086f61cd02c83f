"""Sums, exactly: fractions in, fractions out, and nothing is evaluated as code. Pure.

A sum is written as ``12 + 3 * 4``, ``15% of 80``, ``(2 + 3) squared``, ``square root of 144``.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt, log2

from assistant.brain.language import ENGLISH_LANGUAGE, Language
from assistant.brain.numbers import decimal

MAX_BITS = 4096
"""Powers beyond 2⁴⁰⁹⁶ are refused, so that no question takes long."""

MAX_CHARACTERS = 200
MAX_BRACKETS = 40
"""Each takes six calls within each other, of the thousand that Python allows."""

DIGITS = 60
WORDS = {
    "+": "{a} plus {b}",
    "-": "{a} minus {b}",
    "*": "{a} times {b}",
    "/": "{a} divided by {b}",
    "mod": "{a} modulo {b}",
    "^": "{a} to the power of {b}",
}
PARTS = {"half": "half", "third": "a third", "quarter": "a quarter"}
SIZES = {"half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4)}
POWERS = {"squared": 2, "cubed": 3}
ROOTS = {"square": 2, "cube": 3, "cubic": 3}
SPELLINGS = {"**": "^", "×": "*", "·": "*", "x": "*", "÷": "/", "−": "-", "²": "squared", "³": "cubed", "√": "sqrt"} | {
    "plus": "+",
    "minus": "-",
    "times": "*",
    "over": "/",
    "modulo": "mod",
    "pct": "percent",
}
PIECE = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+|[a-z]+|\*\*|\S")
FILLERS = frozenset({"a", "the", "=", ","})


class CannotCalculate(ValueError):
    """Why there is no answer, as a sentence to speak."""


class NotASum(CannotCalculate):
    """The text is none that can be read."""

    def __init__(self) -> None:
        super().__init__("I don't understand that sum.")


def work_out(text: str, language: Language = ENGLISH_LANGUAGE) -> tuple[Fraction, str]:
    """The value of a sum, and the sum in words; no words where brackets would be needed to say it.

    Raises CannotCalculate.
    """
    if len(text) > MAX_CHARACTERS or text.count("(") > MAX_BRACKETS:
        raise CannotCalculate("That sum is too long for me.")
    reader = _Reader(list(_pieces(text)), language)
    value, words = reader.sum()
    if not reader.ended:
        raise NotASum
    return value, "" if reader.grouped else words


def written(value: Fraction) -> str:
    """A number as ``work_out`` reads it: ``0.1``, ``(-5)``, ``(1/3)``."""
    exact = decimal(value)
    text = f"{exact:f}" if Fraction(exact) == value else str(value)
    return text if value >= 0 and "/" not in text else f"({text})"


def _pieces(text: str) -> Iterator[str]:
    for piece in PIECE.findall(text.casefold()):
        if piece not in FILLERS:
            yield SPELLINGS.get(piece, piece)


class _Reader:
    """Reads by descent: each method takes what binds as closely as its name says, and gives value and words."""

    def __init__(self, pieces: list[str], language: Language) -> None:
        self._pieces = pieces
        self._language = language
        self._say = language.say
        self._at = 0
        self.grouped = False

    @property
    def ended(self) -> bool:
        return self._at == len(self._pieces)

    def sum(self) -> tuple[Fraction, str]:
        value, words = self._product()
        while operator := self._took("+", "-"):
            other, more = self._product()
            value = value + other if operator == "+" else value - other
            words = self._say(WORDS[operator], a=words, b=more)
        return value, words

    def _product(self) -> tuple[Fraction, str]:
        value, words = self._share()
        while operator := self._operator_of_product():
            other, more = self._share()
            value = _product(operator, value, other)
            words = self._say(WORDS[operator], a=words, b=more)
        return value, words

    def _operator_of_product(self) -> str:
        if self._took("divided"):
            self._took("by")
            return "/"
        if self._took("%"):  # behind a number it is percent unless one more follows
            return "mod"
        if self._next() == "(":
            return "*"
        return self._took("*", "/", "mod")

    def _share(self) -> tuple[Fraction, str]:
        """``15 percent of 80``, ``half of 50``."""
        value, words = self._power()
        if self._took("percent") or (self._next() == "%" and not self._begins_number(self._at + 1) and self._took("%")):
            value, words = value / 100, self._say("{a} percent", a=words)
        if self._took("of"):
            whole, more = self._share()
            return value * whole, self._say("{a} of {b}", a=words, b=more)
        return value, words

    def _power(self) -> tuple[Fraction, str]:
        value, words = self._atom()
        while name := self._took(*POWERS):
            value, words = power(value, Fraction(POWERS[name])), self._say(f"{{a}} {name}", a=words)
        if self._took("^"):
            exponent, more = self._power()
            return power(value, exponent), self._say(WORDS["^"], a=words, b=more)
        return value, words

    def _atom(self) -> tuple[Fraction, str]:
        if self._took("-"):
            value, words = self._power()
            return -value, self._say("minus {a}", a=words)
        if self._took("("):
            return self._group()
        if name := self._took(*PARTS):
            return SIZES[name], self._say(PARTS[name])
        if self._took("twice", "double"):
            value, words = self._power()
            return 2 * value, self._say("twice {a}", a=words)
        if degree := self._root():
            value, words = self._atom()
            return nth_root(value, degree), self._say(
                f"the {'square' if degree == 2 else 'cube'} root of {{a}}", a=words
            )
        return self._number()

    def _group(self) -> tuple[Fraction, str]:
        began = self._at
        value, words = self.sum()
        self._took(")")
        self.grouped |= self._at - began > 3  # one number alone, with its sign, needs no brackets
        return value, words

    def _root(self) -> int:
        """The degree of a root that begins here; 0 if none does."""
        if name := self._took("sqrt", "cbrt", "root"):
            self._took("of")
            return 3 if name == "cbrt" else 2
        if self._next() in ROOTS and self._pieces[self._at + 1 : self._at + 2] == ["root"]:
            degree = ROOTS[self._took(*ROOTS)]
            self._took("root")
            self._took("of")
            return degree
        return 0

    def _number(self) -> tuple[Fraction, str]:
        if not self._begins_number(self._at):
            raise NotASum
        value = Fraction(self._pieces[self._at].replace(",", ""))
        self._at += 1
        return value, self._language.number(value)

    def _begins_number(self, at: int) -> bool:
        piece = self._pieces[at] if at < len(self._pieces) else ""
        return piece == "(" or piece.lstrip(".")[:1].isdecimal()

    def _next(self) -> str:
        return "" if self.ended else self._pieces[self._at]

    def _took(self, *pieces: str) -> str:
        """The next piece if it is one of these, and then it is behind us; else empty."""
        piece = self._next()
        if piece not in pieces:
            return ""
        self._at += 1
        return piece


def _product(operator: str, a: Fraction, b: Fraction) -> Fraction:
    if operator == "*":
        return a * b
    if b == 0:
        raise CannotCalculate("You can't divide by zero.")
    return a / b if operator == "/" else a % b


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
