"""Sums."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from assistant.brain.numbers import speak
from assistant.brain.skill import Context, skill
from assistant.brain.sums import CannotCalculate, work_out, written

CHAIN = ("a", "op1", "b", "op2", "c", "op3", "d")


def as_expression(slots: Mapping[str, Any]) -> dict[str, str]:
    """``{a: 12, op1: "+", b: 30}``, or numbers for a given ``expression``: ``{a} squared``."""
    values = {name: written(value) if isinstance(value, Fraction) else value for name, value in slots.items()}
    pattern = values.pop("expression", " ".join(f"{{{name}}}" for name in CHAIN if name in values))
    return {"expression": pattern.format(**values)}


@skill(slots=as_expression)
def calculate(context: Context, expression: str) -> str:
    """Work out a sum, such as 12 * (3 + 4), 15% of 80, 2 ^ 10 or sqrt(144)."""
    language = context.language
    try:
        value, words = work_out(expression, language)
    except CannotCalculate as reason:
        return language.say(str(reason))
    result, exact = speak(value, language.style)
    text = "{sum} is {result}." if exact else "{sum} is about {result}."
    return language.say(text, sum=words or language.say("That"), result=result)
