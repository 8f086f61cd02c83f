"""JSGF rules for numbers in words, small enough that a recogniser expands them many times."""

from assistant.brain.numbers import ONES, TENS

WORDS = {value: word for word, value in (ONES | TENS).items()}
DIGIT_RULE = "number_digit"


def number_rules(low: int, high: int) -> tuple[str, dict[str, str]]:
    """The name of the rule for whole numbers from ``low`` (0 or 1) to ``high`` (up to 999), and all rules it needs.

    ``one hundred five``, ``one hundred and five`` and ``a hundred and five`` are all in it.
    """
    if low not in (0, 1) or not low < high <= 999:
        raise ValueError(f"no spoken numbers for {low} to {high}")
    name = f"number_{low}_{high}"
    rules = {DIGIT_RULE: " | ".join(WORDS[digit] for digit in range(1, 10))}
    parts = _below_hundred(low, min(high, 99))
    if high >= 100:
        rules["number_1_99"] = " | ".join(_below_hundred(1, 99))
        counts = " | ".join(["a", *(WORDS[digit] for digit in range(1, high // 100 + 1))])
        parts.append(f"({counts}) hundred [[and] <number_1_99>]")
    rules[name] = " | ".join(parts)
    return name, rules


def _below_hundred(low: int, high: int) -> list[str]:
    parts = [WORDS[value] for value in range(low, min(high, 19) + 1)]
    whole = [WORDS[tens] for tens in range(20, 100, 10) if tens + 9 <= high]
    if whole:
        parts.append(f"({' | '.join(whole)}) [<{DIGIT_RULE}>]")
    last = high // 10 * 10
    if last >= 20 and high < last + 9:
        ones = " | ".join(WORDS[digit] for digit in range(1, high - last + 1))
        parts.append(f"{WORDS[last]} [{ones}]" if ones else WORDS[last])
    return parts
