"""Second thoughts: "set a timer for five minutes – no wait, ten minutes".

Pure, and imports nothing of ours, so that the session may ask ``starts_with_correction`` too.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

PHRASES = (
    "no wait",
    "no sorry",
    "no actually",
    "no i mean",
    "no i meant",
    "oh wait",
    "oh sorry",
    "oops",
    "sorry",
    "actually",
    "wait a moment",
    "wait a second",
    "wait",
    "hang on",
    "i mean",
    "i meant",
    "i said",
    "make that",
    "make it",
    "scratch that",
    "correction",
    "or rather",
    "no not that",
    "no",
)
"""What begins a correction."""

NEEDS_MORE = frozenset({"no", "sorry", "i said", "i mean", "i meant"})
"""Alone these are an answer or a question, not a correction."""

NOT_CORRECTIONS = ("no thanks", "no thank you", "no problem", "no worries", "no need", "no one", "no idea", "no more")

NEEDS_PAUSE = frozenset({"no", "make it", "i said", "correction"})
"""Inside a sentence these correct only after a comma."""

MAX_CORRECTED_TOKENS = 24
"""A longer first part is not pieced together, which bounds the time."""

T = TypeVar("T")


def _pattern(phrases: Sequence[str]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(phrase).replace(r"\ ", r"[\s,]+") for phrase in longest_first) + r")\b"


_LEAD = re.compile(rf"(?:(?!{_pattern(NOT_CORRECTIONS)}){_pattern(PHRASES)}[\s,.!?;:–—-]*)+", re.IGNORECASE)
_PAUSE = re.compile(r"[,.!?;:–—…-]\s*$")


def starts_with_correction(text: str) -> bool:
    """Whether ``text`` takes back what was said just before it: "actually …", "wait", "sorry, …", "no …"."""
    lead = _LEAD.match(text.lstrip())
    if lead is None:
        return False
    return lead.end() < len(text.lstrip()) or _words(lead[0]) not in NEEDS_MORE


def behind(text: str) -> str | None:
    """What stands behind the last correcting words: "" for "no wait", "ten" for "five minutes, no wait, ten".

    None where there are none.
    """
    if (parts := split(text)) is not None:
        return parts[1]
    lead = _LEAD.match(text.lstrip())
    return text.lstrip()[lead.end() :] if lead else None


def split(text: str) -> tuple[str, str] | None:
    """What was said first and what it was corrected to (without the correcting words), at the last correction.

    ``"set a timer for five minutes, no wait ten minutes"`` → ``("set a timer for five minutes", "ten minutes")``.
    None where nothing is corrected.
    """
    found = None
    for lead in _LEAD.finditer(text):
        before = text[: lead.start()]
        alone_ok = _words(lead[0]) not in NEEDS_PAUSE or _PAUSE.search(before)
        starts_word = not before or not before[-1].isalnum()
        kept = before.rstrip(" ,.!?;:–—…-")
        if kept.strip() and starts_word and alone_ok:
            found = kept, text[lead.end() :].strip()
    return found


def readings(first: Sequence[T], correction: Sequence[T]) -> Iterator[list[T]]:
    """Ways to read the correction, the most likely first.

    The correction alone; then the longest beginning of ``first`` that it completes ("set a timer for" + "ten minutes");
    then in place of as many tokens inside ``first``, from the end ("set a timer for" + "fifteen" + "minutes").
    """
    yield list(correction)
    if not correction or len(first) > MAX_CORRECTED_TOKENS:
        return
    for end in range(len(first), 0, -1):
        yield [*first[:end], *correction]
    for start in range(len(first) - len(correction) - 1, -1, -1):
        yield [*first[:start], *correction, *first[start + len(correction) :]]


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", text.casefold()))
