"""Whose something is, turned round for the answer. Pure."""

import re

# "You" is left alone: it may be the user's word for anybody.
TURNED = {
    "i": "you",
    "i'm": "you're",
    "i've": "you've",
    "i'd": "you'd",
    "i'll": "you'll",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "am": "are",
    "we": "you",
    "our": "your",
    "us": "you",
    "your": "my",
    "yours": "mine",
}


def turned(text: str) -> str:
    """``my sister`` is ``your sister`` to the user."""

    def other(match: re.Match[str]) -> str:
        return TURNED.get(match[0].lower().replace("’", "'"), match[0])

    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)*", other, text)
