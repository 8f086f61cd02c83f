"""The user's words as they were written down, for the words that a template took. Pure."""

import re
from collections.abc import Sequence

from assistant.brain.numbers import Token


def as_written(text: str, tokens: Sequence[Token], otherwise: str = "") -> str:
    """Where ``tokens`` stand in ``text``, with its capitals, digits and commas; else ``otherwise``, or the tokens.

    ``("Remind me to call Dr. Smith at 6", ["call", "dr", "smith"])`` → ``call Dr. Smith``.
    """
    gap = r"[^\w]+"
    pattern = gap.join(re.escape(token) if isinstance(token, str) else r"\w+(?:[\W]+\w+){0,5}?" for token in tokens)
    found = list(re.finditer(rf"(?<!\w){pattern}(?!\w)", text.replace("’", "'"), re.IGNORECASE)) if tokens else []
    return found[-1][0] if found else otherwise or " ".join(str(token) for token in tokens)
