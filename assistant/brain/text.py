"""What was said, whoever wrote it down, in one form: lower-case words and exact numbers. Pure.

"What's 7 × 6?" and "what's seven times six" both become ``["what's", 7, "times", 6]``.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from assistant.brain.numbers import Token, parse_number

SYMBOLS = str.maketrans(
    {
        "×": " times ",
        "∙": " times ",
        "·": " times ",
        "÷": " divided by ",
        "²": " squared ",
        "³": " cubed ",
        "√": " square root of ",
        "%": " percent ",
        "°": " degrees ",
        "^": " to the power of ",
        "−": "-",
        "–": "-",
        "’": "'",
        "‘": "'",
    }
)
PARTS = {"½": ".5", "¼": ".25", "¾": ".75", "1/2": ".5"}
PART = re.compile(r"(\d*) ?([½¼¾])|(\d+) (?:and (?:a )?)?(1/2)\b")
BETWEEN_NUMBERS = {"+": "plus", "-": "minus", "*": "times", "x": "times", "/": "divided by", "=": "equals"}
PIECE = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|(?<![\w.])\.\d+|\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[+\-*/=]")
SPELLINGS = {
    "whats": "what's",
    "todays": "today's",
    "tomorrows": "tomorrow's",
    "yesterdays": "yesterday's",
    "nevermind": "never mind",
}
SHORT = {"h": "hours", "hr": "hours", "hrs": "hours", "min": "minutes", "mins": "minutes", "s": "seconds"} | {
    "sec": "seconds",
    "secs": "seconds",
}
# After these words "minus five" is a negative number; elsewhere it takes away.
_BEFORE_OPERAND = (
    "is what's are plus minus times by over of to from and between convert add subtract multiply divide in into "
    "calculate compute"
)
BEFORE_OPERAND = frozenset(_BEFORE_OPERAND.split())


def tokenize(text: str) -> list[Token]:
    """Words and numbers of ``text``; symbols between numbers become words, other punctuation goes."""
    return _with_signs(_with_numbers(_with_operators(_pieces(text))))


def join(tokens: Sequence[Token]) -> str:
    """The tokens as one readable line."""
    return " ".join(str(token) for token in tokens)


def decimals_for_fractions(text: str) -> str:
    """``1½`` and ``1 and a 1/2`` are 1.5."""
    return PART.sub(_part, text)


def _pieces(text: str) -> list[str]:
    text = decimals_for_fractions(text).translate(SYMBOLS)
    # A sign that touches its number is not an operator: "-5" is five below zero.
    text = re.sub(r"(?<![\w.)])-(?=[\d.])", " negative ", text)
    return PIECE.findall(text.casefold())


def _part(match: re.Match[str]) -> str:
    return f" {match[1] or match[3] or 0}{PARTS[match[2] or match[4]]} "


def _is_number(piece: str) -> bool:
    return piece[0].isdecimal() or piece[0] == "."


def _with_operators(pieces: Sequence[str]) -> list[Token]:
    tokens: list[Token] = []
    for at, piece in enumerate(pieces):
        if _is_number(piece):
            tokens.append(Fraction(piece.replace(",", "")))
        elif piece in BETWEEN_NUMBERS and _stands_between(pieces, at):
            tokens.extend(BETWEEN_NUMBERS[piece].split())
        elif piece[0].isalpha():
            after_number = bool(tokens) and isinstance(tokens[-1], Fraction)
            word = SHORT.get(piece, piece) if after_number else SPELLINGS.get(piece, piece)
            tokens.extend(word.split())
    return tokens


def _stands_between(pieces: Sequence[str], at: int) -> bool:
    before, after = pieces[at - 1] if at else "", pieces[at + 1] if at + 1 < len(pieces) else ""
    closes = before != "" and (_is_number(before) or before in {"squared", "cubed", "percent"})
    opens = after != "" and (_is_number(after) or after in {"negative", "square"})
    return closes and opens


def _with_numbers(tokens: Sequence[Token]) -> list[Token]:
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        parsed = parse_number(tokens[: _end_of_lower(tokens, at)], at)
        if parsed is None:
            result.append(tokens[at])
            at += 1
        else:
            result.append(parsed[0])
            at = parsed[1]
    return result


def _end_of_lower(tokens: Sequence[Token], at: int) -> int:
    """Where a number must end at the latest: in "between a hundred and four" the first of two ends before "and"."""
    parsed = parse_number(tokens, at) if at and tokens[at - 1] == "between" else None
    if parsed is None or tokens[parsed[1] : parsed[1] + 1] == ["and"]:
        return len(tokens)
    joints = [place for place in range(at, parsed[1]) if tokens[place] == "and"]
    return joints[-1] if joints else len(tokens)


def _with_signs(tokens: Sequence[Token]) -> list[Token]:
    result: list[Token] = []
    for token in tokens:
        if isinstance(token, Fraction) and result and result[-1] in {"negative", "minus"}:
            before = result[-2] if len(result) > 1 else None
            signed = result[-1] == "negative" or before is None or before in BEFORE_OPERAND
            if signed:
                result[-1] = -token
                continue
        result.append(token)
    return result
