"""Coin, dice, cards and random numbers."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from assistant.brain.durations import listed
from assistant.brain.numbers import speak
from assistant.brain.skill import Context, skill

MAX_DICE = 20
MAX_SIDES = 1000
LARGEST = 10**12
MAX_SHUFFLED = 20
SUITS = ("clubs", "diamonds", "hearts", "spades")
RANKS = ("ace", *["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], "jack", "queen", "king")
OPTIONS = ("first_option", "second_option", "third_option")
BEATS = {"rock": "scissors", "paper": "rock", "scissors": "paper"}


def as_options(slots: Mapping[str, Any]) -> dict[str, list[str]]:
    """The wildcards that a template caught, or the numbers from ``low`` (or one) to ``count``."""
    if "count" in slots:
        low = int(slots.get("low", 1))
        high = min(int(slots["count"]), low + MAX_SHUFFLED)
        return {"options": [str(number) for number in range(low, high + 1)]}
    return {"options": [str(slots[name]) for name in OPTIONS if name in slots]}


@skill
def flip_coin(context: Context) -> str:
    """Flip a coin."""
    return context.rng.choice(["Heads.", "Tails."])


@skill
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


@skill
def random_number(context: Context, low: Fraction = Fraction(1), high: Fraction = Fraction(100)) -> str:
    """Pick a random whole number between two."""
    low, high = sorted((low, high))
    if low.denominator != 1 or high.denominator != 1 or max(abs(low), abs(high)) > LARGEST:
        return "I can only pick between whole numbers that are not too big."
    return f"{speak(Fraction(context.rng.randint(int(low), int(high))))[0]}."


@skill(slots=as_options)
def pick_one(context: Context, options: Sequence[str]) -> str:
    """Pick one of several options at random."""
    if not options:
        return "There is nothing to pick from."
    return f"{context.rng.choice(options)}."


@skill(slots=as_options, offered=False)
def shuffle(context: Context, options: Sequence[str]) -> str:
    """The options in another order."""
    if not 2 <= len(options) <= MAX_SHUFFLED:
        return f"I can shuffle two to {MAX_SHUFFLED} numbers."
    return f"{listed(context.rng.sample(options, len(options)))}."


@skill(offered=False)
def draw_card(context: Context) -> str:
    """One card of fifty-two."""
    return f"The {context.rng.choice(RANKS)} of {context.rng.choice(SUITS)}."


@skill(offered=False)
def rock_paper_scissors(context: Context, hand: str = "") -> str:
    """Show a hand; who wins is told if the user showed one."""
    mine = context.rng.choice(sorted(BEATS))
    if not hand:
        return f"{mine}."
    if hand == mine:
        return f"{mine}. It's a draw."
    return f"{mine}. {'I' if BEATS[mine] == hand else 'You'} win."
