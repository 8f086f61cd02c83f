"""Times and tasks that are corrected as they are said: "to call mum at six, no wait, seven". Pure.

A template cannot see this: what to be reminded of is free text, and may have any words in it.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from assistant.brain import corrections
from assistant.brain.agenda.dates import Reading, Said, split
from assistant.brain.agenda.day_words import UNITS_S
from assistant.brain.numbers import Token
from assistant.brain.text import tokenize

LEADS = frozenset(("to", "that", "about", "of", "for"))
"""What a task may begin with."""


def read(text: str) -> Reading:
    """The time in ``text``, as written down, and what stands beside it, both as they were corrected to at last.

    Words of a task may look like a correction ("to say sorry"): they are one where another time follows the first, or
    with a pause or a "no wait" before them.
    """
    sure = corrections.split(text, sure=True)
    parts = sure or corrections.split(text)
    if parts is None:
        return split(tokenize(text))
    first = read(parts[0])
    correction = tokenize(parts[1])
    if (counted := _counted_anew(parts[0], correction)) is not None and first.said.after_s is not None:
        return counted
    second = _second(first, correction)
    time_again = not second.rest and first.said.with_(second.said) is None
    if not sure and not time_again:
        return split(tokenize(text))
    return Reading(_over(second.said, first.said), _task(first.rest, second.rest))


def without_lead(tokens: Sequence[Token]) -> Sequence[Token]:
    """``to call mum`` → ``call mum``."""
    return tokens[1:] if tokens and tokens[0] in LEADS else tokens


def _counted_anew(first: str, correction: Sequence[Token]) -> Reading | None:
    """``in ten minutes … no wait, twenty``: another number, of the same unit."""
    if len(correction) != 1 or not isinstance(correction[0], Fraction):
        return None
    tokens = tokenize(first)
    for at in range(len(tokens) - 2, -1, -1):
        if isinstance(tokens[at], Fraction) and str(tokens[at + 1]).removesuffix("s") in UNITS_S:
            return split([*tokens[:at], *correction, *tokens[at + 1 :]])
    return None


def _second(first: Reading, correction: Sequence[Token]) -> Reading:
    """What it is corrected to; ``twenty minutes`` after ``in ten minutes`` is a time, too."""
    if first.said.after_s is not None and not (again := split(["in", *correction])).rest:
        return again
    return split(correction)


def _over(new: Said, old: Said) -> Said:
    """What was said of a time anew, and of the old what it leaves as it was."""
    if new.after_s is not None or new.empty:
        return old if new.empty else new
    if new.day is not None or new.repeat is not None:
        old = replace(old, day=None, repeat=None)
    if new.part is not None and old.clock is not None:
        old = replace(old, clock=replace(old.clock, half=None))
    if new.clock is not None and new.clock.half is None and old.clock is not None and old.clock.half:
        new = replace(new, clock=replace(new.clock, half=old.clock.half))  # "six pm, no, seven"
    return new.over(replace(old, after_s=None))


def _task(old: Sequence[Token], new: Sequence[Token]) -> Sequence[Token]:
    """The new words from where the old have the first of them, else for as many: ``to call mum``, ``[call] dad``."""
    if not new or new[0] in LEADS:
        return new or old
    fewer = max(0, len(old) - len(new))
    start = next((at for at in range(len(old) - 1, -1, -1) if old[at] == new[0]), fewer)
    return [*old[:start], *new]
