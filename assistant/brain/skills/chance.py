"""Coin, dice and random numbers."""

from fractions import Fraction

from assistant.brain.durations import listed
from assistant.brain.numbers import speak
from assistant.brain.skill import Context, skill

MAX_DICE = 20
MAX_SIDES = 1000
LARGEST = 10**12


@skill("FlipCoin")
def flip_coin(context: Context) -> str:
    """Flip a coin."""
    return context.rng.choice(["Heads.", "Tails."])


@skill("RollDice")
def roll_dice(context: Context, count: Fraction = Fraction(1), sides: Fraction = Fraction(6)) -> str:
    """Roll one or more dice, and say what each shows and their sum."""
    if count.denominator != 1 or not 1 <= count <= MAX_DICE:
        return f"I can roll one to {MAX_DICE} dice."
    if sides.denominator != 1 or not 2 <= sides <= MAX_SIDES:
        return f"My dice have two to {MAX_SIDES} sides."
    rolls = [context.rng.randint(1, int(sides)) for _ in range(int(count))]
    if len(rolls) == 1:
        return f"{rolls[0]}."
    return f"{listed([str(roll) for roll in rolls])}: {sum(rolls)} together."


@skill("RandomNumber")
def random_number(context: Context, low: Fraction = Fraction(1), high: Fraction = Fraction(100)) -> str:
    """Pick a random whole number between two."""
    low, high = sorted((low, high))
    if low.denominator != 1 or high.denominator != 1 or max(abs(low), abs(high)) > LARGEST:
        return "I can only pick between whole numbers that are not too big."
    return f"{speak(Fraction(context.rng.randint(int(low), int(high))))[0]}."
