"""Sums as one types them: with brackets, and as long as one likes. Sentence templates know neither. Pure."""

import re

from assistant.brain.sums import CannotCalculate, NotASum, work_out, written
from assistant.brain.tokens import tokenizer

PLAIN = "1+1"
"""Stands for a sum in a sentence that is to be matched."""

_SUM = re.compile(r"-?(?:sqrt|[(√]|\.?\d).*[\d)%²³]", re.IGNORECASE | re.DOTALL)
_OPERATOR = re.compile(r"[-+*/×÷·^−√]|sqrt", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+)*")


def typed_sum(text: str, language: str = "en") -> tuple[str, str] | None:
    """The sum in ``text`` as ``calculate`` takes it, and the text with ``PLAIN`` in its place.

    ``"What's 2,000*(3+4)?"`` → ``("2000*(3+4)", "What's 1+1?")``. None where what stands from the first digit or
    bracket to the last is no sum.
    """
    found = _SUM.search(text)
    if found is None or not _OPERATOR.search(found[0]):
        return None
    expression = _NUMBER.sub(lambda number: _as_english(number[0], language), found[0])
    try:
        work_out(expression)
    except NotASum:
        return None
    except CannotCalculate:
        pass  # the reason is an answer, too
    return expression, f"{text[: found.start()]} {PLAIN} {text[found.end() :]}"


def _as_english(number: str, language: str) -> str:
    """``2,5`` is ``2.5`` where the language has it so; what is no number of the language's stays apart."""
    return " ".join(written(token) if not isinstance(token, str) else token for token in tokenizer(language)(number))
