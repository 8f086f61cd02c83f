"""Text from people, models and libraries, made safe to draw."""

import unicodedata

MAX_CHARACTERS = 4000


def plain(text: str, limit: int = MAX_CHARACTERS) -> str:
    """``text`` without control characters (an escape sequence would reach the terminal) and cut at ``limit``."""
    cut = text[:limit] + "…" if len(text) > limit else text
    return "".join(" " if c in "\n\t\r" else c for c in cut if c in "\n\t\r" or unicodedata.category(c) != "Cc")
