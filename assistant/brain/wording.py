"""The user's words as they were written down, for the words that a template took. Pure."""

import re
from collections.abc import Sequence

from assistant.brain.numbers import Token
from assistant.brain.tokens import Tokenize, tokenizer


def as_written(text: str, tokens: Sequence[Token], otherwise: str = "", language: str = "en") -> str:
    """Where ``tokens`` stand in ``text``, with its capitals, digits and commas; else ``otherwise``, or the tokens.

    ``("Remind me to call Dr. Smith at 6", ["call", "dr", "smith"])`` → ``call Dr. Smith``.
    """
    gap = r"[^\w]+"
    pattern = gap.join(re.escape(token) if isinstance(token, str) else r"\w+(?:[\W]+\w+){0,5}?" for token in tokens)
    found = list(re.finditer(rf"(?<!\w){pattern}(?!\w)", text.replace("’", "'"), re.IGNORECASE)) if tokens else []
    if not found:
        return otherwise or " ".join(str(token) for token in tokens)
    return _from_its_number(found[-1][0], tokens, tokenizer(language))


def _from_its_number(text: str, tokens: Sequence[Token], tokenize: Tokenize) -> str:
    """How many words a number has at the beginning, the pattern cannot tell: ``add two eggs`` is ``two eggs``."""
    if isinstance(tokens[0], str):
        return text
    starts = reversed([word.start() for word in re.finditer(r"\w+", text)])
    return next((text[start:] for start in starts if tokenize(text[start:]) == list(tokens)), text)
