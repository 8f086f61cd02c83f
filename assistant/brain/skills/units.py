"""Unit conversion, with pint's exact factors."""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from assistant.brain.numbers import phrase, speak
from assistant.brain.skill import skill

if TYPE_CHECKING:
    from pint import UnitRegistry

PLURALS = {
    "foot": "feet",
    "inch": "inches",
    "stone": "stone",
    "kelvin": "kelvin",
    "degree_Celsius": "degrees Celsius",
    "degree_Fahrenheit": "degrees Fahrenheit",
    "square_foot": "square feet",
    "mile_per_hour": "miles per hour",
    "kilometer_per_hour": "kilometers per hour",
    "kilocalorie": "calories",
}
# Names that people use for something other than pint does.
PINT_NAMES = {"square_meter": "meter ** 2", "ton": "short_ton", "tonne": "metric_ton", "year": "common_year"}
SPELLINGS = {
    "calorie": "kilocalorie",
    "celsius": "degree_Celsius",
    "centigrade": "degree_Celsius",
    "c": "degree_Celsius",
    "fahrenheit": "degree_Fahrenheit",
    "f": "degree_Fahrenheit",
    "kph": "kilometer_per_hour",
    "kb": "kilobyte",
    "mb": "megabyte",
    "gb": "gigabyte",
    "tb": "terabyte",
    "l": "liter",
    "ml": "milliliter",
    "litre": "liter",
}
SINGULARS = {"feet": "foot", "inches": "inch"}
LONGEST_SYMBOL = 3
NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")


class NoSuchUnit(ValueError):
    """Nothing is measured in that."""


def with_amount(slots: Mapping[str, Any]) -> dict[str, Any]:
    """``one`` for "a mile"."""
    amount = slots.get("amount", Fraction(1))
    return {**slots, "amount": amount if isinstance(amount, Fraction) else Fraction(1)}


@skill(slots=with_amount)
def convert_units(amount: Fraction, source: str, target: str) -> str:
    """Convert an amount from one unit of measurement to another, such as 5 miles to kilometers."""
    import pint

    try:
        result = convert(amount, source, target)
    except NoSuchUnit as unknown:
        return f"I don't know the unit {unknown}."
    except pint.DimensionalityError:
        return f"I can't turn {_name(source, 2)} into {_name(target, 2)}."
    return f"{speak(amount)[0]} {_name(source, amount)} {phrase(result)} {_name(target, result)}."


def convert(value: Fraction, source: str, target: str) -> Fraction:
    """Raises NoSuchUnit, pint.DimensionalityError."""
    units = _registry()
    quantity: Any = units.Quantity(value, _known(source))
    return Fraction(quantity.to(_known(target)).magnitude)


def _known(name: str) -> Any:
    """A unit of pint's. Raises NoSuchUnit."""
    import pint

    plain = _plain(name)
    try:
        return _registry().parse_units(PINT_NAMES.get(plain, plain))
    except pint.UndefinedUnitError as error:
        raise NoSuchUnit(name) from error


@lru_cache(maxsize=256)
def _plain(name: str) -> str:
    """One of them, in pint's spelling: ``square feet`` → ``square_foot``, ``km`` → ``kilometer``."""
    text = name.strip().removeprefix("°").replace("_", " ").replace("metre", "meter")
    joined = "_".join(SINGULARS.get(word, word) for word in text.split())
    joined = joined.removeprefix("degrees_").removeprefix("degree_").replace("s_per_", "_per_")
    lower = joined.casefold()
    for spelling in (lower, lower.removesuffix("s")):
        if spelling in SPELLINGS:
            return SPELLINGS[spelling]
        if spelling in PLURALS or spelling in PINT_NAMES:
            return spelling
    if not NAME.fullmatch(lower):  # pint would work out whatever stands there
        raise NoSuchUnit(name)
    return _short(joined) or lower


def _short(symbol: str) -> str:
    """What a symbol stands for: ``km`` is a kilometer; empty for a word, or for none."""
    return _registry().get_name(symbol) if len(symbol) <= LONGEST_SYMBOL and symbol in _registry() else ""


@cache
def _registry() -> "UnitRegistry[Any]":
    """Made at the first conversion: importing pint and reading its definitions takes a quarter of a second."""
    import pint

    return pint.UnitRegistry(non_int_type=Fraction)


def _name(unit: str, count: Fraction | int) -> str:
    unit = _plain(unit)
    unit = unit if unit in PLURALS else unit.removesuffix("s")
    one = unit.replace("_", " ")
    if abs(count) == 1:
        return "calorie" if unit == "kilocalorie" else one
    return PLURALS.get(unit, one + "s")
