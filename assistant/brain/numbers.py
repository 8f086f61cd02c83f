"""English numbers: from words to exact fractions, and from fractions to what a voice reads well. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ONES = {word: value for value, word in enumerate(_ONES.split())}
TENS = {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
DIGITS = {word: value for word, value in ONES.items() if value < 10} | {"oh": 0, "o": 0}
PARTS = {"half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4), "quarters": Fraction(1, 4)}

Token = str | Fraction
Parsed = tuple[Fraction, int]
"""A value, and the index of the first token after it."""

EXACT_PLACES = 4
LARGEST_SPOKEN = 10**15


@dataclass(frozen=True, slots=True)
class Style:
    """How a language writes a number for the voice; the default is English."""

    decimal: str = "."
    group: str = ","
    minus: str = "minus "
    power: str = "10 to the power of {exponent}"
    scaled: str = "{lead} times {power}"

    def of(self, text: str) -> str:
        """English digits in this style."""
        return text.translate({ord(","): self.group, ord("."): self.decimal})


ENGLISH = Style()


def parse_number(tokens: Sequence[Token], start: int) -> Parsed | None:
    """The number that begins at ``start``, as long as it goes; None where there is none.

    ``["two", "and", "a", "half"]`` → ``(5/2, 4)``; digits come as Fraction tokens and may take a scale
    (``2 million``). "one hundred and two hundred" stays two numbers.
    """
    part = _leading_part(tokens, start)
    if part is not None:
        return part
    whole = _whole(tokens, start)
    if whole is None:
        return _decimals(tokens, start, Fraction(0))
    value, at = whole
    return _decimals(tokens, at, value) or _and_part(tokens, at, value) or (value, at)


def word_at(tokens: Sequence[Token], at: int) -> str:
    """The word at ``at``; empty for a number or past the end."""
    token = tokens[at] if at < len(tokens) else ""
    return token if isinstance(token, str) else ""


def _whole(tokens: Sequence[Token], start: int) -> Parsed | None:
    """Groups with falling scales: "two million three hundred thousand and five"."""
    group = _group(tokens, start)
    if group is None:
        return None
    total, ceiling = Fraction(0), 10**15
    while group is not None:
        value, at = group
        scale = SCALES.get(word_at(tokens, at), 1)
        if scale >= ceiling:
            break
        total, ceiling = total + value * scale, scale
        start = at + (scale > 1)
        if scale == 1:
            break
        following = start + (word_at(tokens, start) == "and")
        group = _group(tokens, following)
        if group is not None and group[0] >= 1000:
            group = None
    return total, start


def _group(tokens: Sequence[Token], start: int) -> Parsed | None:
    """A digit token, or a number below a thousand in words (also "twelve hundred" and "a hundred")."""
    if start < len(tokens) and isinstance(token := tokens[start], Fraction):
        return _hundreds(tokens, start + 1, token) or (token, start + 1)
    word = word_at(tokens, start)
    if word == "a":
        return _after_a(tokens, start + 1)
    if word in SCALES:
        return Fraction(1), start
    small = _below_hundred(tokens, start)
    if small is None:
        return _hundreds(tokens, start, Fraction(1))
    return _hundreds(tokens, small[1], small[0]) or small


def _after_a(tokens: Sequence[Token], at: int) -> Parsed | None:
    """``a hundred``, ``a million``, ``a couple of``."""
    if word_at(tokens, at) in SCALES:
        return Fraction(1), at
    if word_at(tokens, at) == "couple" and word_at(tokens, at + 1) == "of":
        return Fraction(2), at + 2
    return _hundreds(tokens, at, Fraction(1))


def _hundreds(tokens: Sequence[Token], at: int, count: Fraction) -> Parsed | None:
    if word_at(tokens, at) != "hundred":
        return None
    at += 1
    rest = _below_hundred(tokens, at + (word_at(tokens, at) == "and"))
    # "one hundred and two hundred" are two numbers.
    if rest is None or rest[0] == 0 or word_at(tokens, rest[1]) == "hundred":
        return count * 100, at
    return count * 100 + rest[0], rest[1]


def _below_hundred(tokens: Sequence[Token], at: int) -> Parsed | None:
    word = word_at(tokens, at)
    if word in ONES:
        return Fraction(ONES[word]), at + 1
    if word not in TENS:
        return None
    ones = ONES.get(word_at(tokens, at + 1), 0)
    return (Fraction(TENS[word] + ones), at + 2) if 0 < ones < 10 else (Fraction(TENS[word]), at + 1)


def _decimals(tokens: Sequence[Token], at: int, whole: Fraction) -> Parsed | None:
    """``point one four`` after a whole number, or alone."""
    if word_at(tokens, at) != "point" or whole.denominator != 1:
        return None
    digits, at = "", at + 1
    while at < len(tokens):
        token = tokens[at]
        if isinstance(token, Fraction) and token.denominator == 1 and token >= 0:
            digits += str(token)
            at += 1
        elif isinstance(token, str) and token in DIGITS:
            digits += str(DIGITS[token])
            at += 1
        elif not digits and (small := _below_hundred(tokens, at)) is not None:
            digits, at = str(small[0]), small[1]  # "three point fourteen"
            break
        else:
            break
    return (whole + Fraction(int(digits), 10 ** len(digits)), at) if digits else None


def _and_part(tokens: Sequence[Token], at: int, whole: Fraction) -> Parsed | None:
    """``and a half`` after a whole number."""
    if word_at(tokens, at) != "and" or whole.denominator != 1:
        return None
    at += 1 + (word_at(tokens, at + 1) == "a")
    if at < len(tokens) and tokens[at] == Fraction(1, 2):
        return whole + Fraction(1, 2), at + 1
    part = PARTS.get(word_at(tokens, at))
    return (whole + part, at + 1) if part is not None else None


def _leading_part(tokens: Sequence[Token], start: int) -> Parsed | None:
    """``half an [hour]``, ``[a] half hour``, ``[a] quarter of an [hour]``, ``three quarters of an [hour]``."""
    at = start + (word_at(tokens, start) == "a")
    count = Fraction(1)
    if at == start and word_at(tokens, start + 1) in PARTS:
        small = _below_hundred(tokens, start)
        if small is not None:
            count, at = small
        elif isinstance(tokens[start], Fraction):
            count, at = Fraction(tokens[start]), start + 1
    part = PARTS.get(word_at(tokens, at))
    if part is None:
        return None
    value, at = count * part, at + 1
    of = word_at(tokens, at) == "of"
    if word_at(tokens, at + of) in {"a", "an"}:
        scaled = SCALES.get(word_at(tokens, at + of + 1))
        return (value * scaled, at + of + 2) if scaled else (value, at + of + 1)
    return (value, at) if word_at(tokens, at) in {"hour", "minute"} else None


def speak(value: Fraction, style: Style = ENGLISH) -> tuple[str, bool]:
    """The number as a voice reads it well, and whether it is exact.

    ``1/3`` → ``("0.333", False)``; 1234 → ``("1,234", True)``; from 10¹⁵ on and below 10⁻⁶, in powers of ten.
    """
    sign = style.minus if value < 0 else ""
    size = abs(value)
    if size >= LARGEST_SPOKEN or 0 < size < Fraction(1, 10**6):
        return sign + _power_of_ten(size, style), False
    if size.denominator == 1:
        return sign + style.of(f"{size.numerator:,}"), True
    if 10**EXACT_PLACES % size.denominator == 0:
        return sign + style.of(_fixed(size, EXACT_PLACES)), True
    places = 2 if size >= 1 else 2 - _exponent(size)
    text = _fixed(size, places)
    return sign + style.of(text), Fraction(text.replace(",", "")) == size


def phrase(value: Fraction) -> str:
    """``is 42`` or ``is about 3.33``."""
    text, exact = speak(value)
    return f"is {text}" if exact else f"is about {text}"


def decimal(value: Fraction, digits: int = 50) -> Decimal:
    with localcontext() as context:
        context.prec = digits
        return Decimal(value.numerator) / Decimal(value.denominator)


def _exponent(size: Fraction) -> int:
    return decimal(size).adjusted()


def _fixed(size: Fraction, places: int) -> str:
    text = f"{decimal(size).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".")


def _power_of_ten(size: Fraction, style: Style) -> str:
    exponent = _exponent(size)
    lead = _fixed(size / Fraction(10) ** exponent, 2)
    if lead == "10":
        lead, exponent = "1", exponent + 1
    power = style.power.format(exponent=f"{style.minus if exponent < 0 else ''}{abs(exponent)}")
    return power if lead == "1" else style.scaled.format(lead=style.of(lead), power=power)
