from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.intents import load_sentences
from assistant.brain.skills.units import convert, convert_units

UNITS = sorted({value["out"] for value in load_sentences("en")["lists"]["unit"]["values"]})


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_in_the_sentences_is_known(unit: str) -> None:
    assert convert(Fraction(7), unit, unit) == 7


@given(st.fractions(max_denominator=1000), st.sampled_from([("mile", "meter"), ("degree_Celsius", "kelvin")]))
def test_there_and_back_is_exact(value: Fraction, units: tuple[str, str]) -> None:
    assert convert(convert(value, *units), *reversed(units)) == value


@pytest.mark.parametrize(
    ("value", "source", "target", "answer"),
    [
        (5, "mile", "kilometer", "5 miles is about 8.05 kilometers."),
        (1, "kilogram", "ounce", "1 kilogram is about 35.27 ounces."),
        (1, "foot", "inch", "1 foot is 12 inches."),
        (36, "inch", "foot", "36 inches is 3 feet."),
        (72, "degree_Fahrenheit", "degree_Celsius", "72 degrees Fahrenheit is about 22.22 degrees Celsius."),
        (-40, "degree_Celsius", "degree_Fahrenheit", "minus 40 degrees Celsius is minus 40 degrees Fahrenheit."),
        (1, "year", "day", "1 year is 365 days."),
        (100, "kilometer_per_hour", "mile_per_hour", "100 kilometers per hour is about 62.14 miles per hour."),
        (1, "kilocalorie", "kilojoule", "1 calorie is 4.184 kilojoules."),
        (10, "liter", "kilometer", "I can't turn liters into kilometers."),
    ],
)
def test_conversions_as_spoken(value: int, source: str, target: str, answer: str) -> None:
    assert convert_units(source=source, target=target, amount=Fraction(value)) == answer


@pytest.mark.parametrize(
    ("source", "target", "answer"),
    [
        ("miles", "km", "5 miles is about 8.05 kilometers."),
        ("°C", "F", "5 degrees Celsius is 41 degrees Fahrenheit."),
        ("degrees celsius", "kelvin", "5 degrees Celsius is 278.15 kelvin."),
        ("square feet", "square metres", "5 square feet is about 0.465 square meters."),
        ("lbs", "kg", "5 pounds is about 2.27 kilograms."),
        ("GB", "megabytes", "5 gigabytes is 5,000 megabytes."),
        ("miles per hour", "kph", "5 miles per hour is about 8.05 kilometers per hour."),
        ("bananas", "m", "I don't know the unit bananas."),
        ("m**9999999", "m", "I don't know the unit m**9999999."),
        ("", "m", "I don't know the unit ."),
    ],
)
def test_units_as_a_model_writes_them(source: str, target: str, answer: str) -> None:
    assert convert_units(Fraction(5), source, target) == answer
