"""Unit conversion, with pint's exact factors."""

from fractions import Fraction
from functools import cache
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


@skill("ConvertUnits", offered=False)
def convert_units(source: str, target: str, amount: Fraction | str = "one") -> str:
    """``5 miles is about 8.05 kilometers.``"""
    import pint

    value = amount if isinstance(amount, Fraction) else Fraction(1)
    try:
        result = convert(value, source, target)
    except pint.DimensionalityError:
        return f"I can't turn {_name(source, 2)} into {_name(target, 2)}."
    return f"{speak(value)[0]} {_name(source, value)} {phrase(result)} {_name(target, result)}."


def convert(value: Fraction, source: str, target: str) -> Fraction:
    """Raises pint.DimensionalityError."""
    units = _registry()
    quantity: Any = units.Quantity(value, PINT_NAMES.get(source, source))
    return Fraction(quantity.to(PINT_NAMES.get(target, target)).magnitude)


@cache
def _registry() -> "UnitRegistry[Any]":
    """Made at the first conversion: importing pint and reading its definitions takes a quarter of a second."""
    import pint

    return pint.UnitRegistry(non_int_type=Fraction)


def _name(unit: str, count: Fraction | int) -> str:
    one = unit.replace("_", " ")
    if abs(count) == 1:
        return "calorie" if unit == "kilocalorie" else one
    return PLURALS.get(unit, one + "s")
