"""Second thoughts: "set a timer for five minutes – no wait, ten minutes".

Pure, and imports nothing of ours, so that the session may ask ``starts_with_correction`` too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Words:
    """How a language corrects itself."""

    phrases: str
    """What begins a correction."""
    needs_more: frozenset[str]
    """Alone these are an answer or a question, not a correction."""
    not_corrections: str
    needs_pause: frozenset[str]
    """Inside a sentence these correct only after a comma."""


WORDS = {
    "en": Words(
        phrases=(
            "no wait|no sorry|no actually|no i mean|no i meant|oh wait|oh sorry|oops|sorry|actually|wait a moment|"
            "wait a second|wait|hang on|i mean|i meant|i said|make that|make it|scratch that|correction|or rather|"
            "no not that|no"
        ),
        needs_more=frozenset({"no", "sorry", "i said", "i mean", "i meant"}),
        not_corrections="no thanks|no thank you|no problem|no worries|no need|no one|no idea|no more",
        needs_pause=frozenset({"no", "make it", "i said", "correction"}),
    ),
    "de": Words(
        phrases=(
            "nein warte|nein moment|nein doch|nein ich meine|nein ich meinte|ach nein|ach warte|nee warte|äh nein|"
            "moment mal|moment|warte mal|warte|ups|sorry|entschuldigung|tschuldigung|verzeihung|ich meine|ich meinte|"
            "ich meine natürlich|ich sagte|besser gesagt|vielmehr|korrektur|oder besser|oder nein|quatsch|nein|nee"
        ),
        needs_more=frozenset({"nein", "nee", "sorry", "entschuldigung", "ich sagte", "ich meine", "ich meinte"}),
        not_corrections="nein danke|nein nein|nein kein problem|moment lang",
        needs_pause=frozenset({"nein", "nee", "moment", "ich sagte", "korrektur", "ich meine"}),
    ),
    "fr": Words(
        phrases=(
            "non attends|non pardon|non plutôt|non je veux dire|non je voulais dire|ah non|euh non|oups|pardon|"
            "excuse moi|désolé|désolée|attends|je veux dire|je voulais dire|j'ai dit|ou plutôt|plutôt|enfin non|"
            "correction|en fait|non pas ça|non"
        ),
        needs_more=frozenset({"non", "pardon", "excuse moi", "désolé", "désolée", "j'ai dit", "je veux dire"}),
        not_corrections="non merci|non non|en fait rien|plutôt bien|plutôt que",
        needs_pause=frozenset({"non", "plutôt", "en fait", "j'ai dit", "correction"}),
    ),
    "es": Words(
        phrases=(
            "no espera|no perdón|no perdona|no mejor|no quiero decir|no quise decir|ay no|eh no|uy|perdón|perdona|"
            "lo siento|espera|quiero decir|quise decir|quería decir|he dicho|mejor dicho|o mejor|mejor|digo|"
            "corrección|no eso no|no"
        ),
        needs_more=frozenset({"no", "perdón", "perdona", "lo siento", "quiero decir", "he dicho", "mejor", "digo"}),
        not_corrections="no gracias|no no|no pasa nada|no hay|no sé|no importa|mejor que|no más",
        needs_pause=frozenset({"no", "mejor", "digo", "he dicho", "corrección"}),
    ),
}
"""By ISO 639-1 code. A language without words is looked at with the English ones."""

MAX_CORRECTED_TOKENS = 24
"""A longer first part is not pieced together, which bounds the time."""

T = TypeVar("T")


def _pattern(phrases: str) -> str:
    longest_first = sorted(phrases.split("|"), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(phrase).replace(r"\ ", r"[\s,]+") for phrase in longest_first) + r")\b"


@cache
def _lead(words: Words) -> re.Pattern[str]:
    corrects = rf"(?!{_pattern(words.not_corrections)}){_pattern(words.phrases)}"
    return re.compile(rf"(?:{corrects}[\s,.!?;:–—-]*)+", re.IGNORECASE)


_PAUSE = re.compile(r"[,.!?;:–—…-]\s*$")


def _of(language: str) -> Words:
    return WORDS.get(language, WORDS["en"])


def starts_with_correction(text: str, language: str = "en") -> bool:
    """Whether ``text`` takes back what was said just before it: "actually …", "wait", "sorry, …", "no …"."""
    words = _of(language)
    lead = _lead(words).match(text.lstrip())
    if lead is None:
        return False
    return lead.end() < len(text.lstrip()) or _words(lead[0]) not in words.needs_more


def behind(text: str, language: str = "en") -> str | None:
    """What stands behind the last correcting words: "" for "no wait", "ten" for "five minutes, no wait, ten".

    None where there are none.
    """
    if (parts := split(text, language)) is not None:
        return parts[1]
    lead = _lead(_of(language)).match(text.lstrip())
    return text.lstrip()[lead.end() :] if lead else None


def split(text: str, language: str = "en", *, sure: bool = False) -> tuple[str, str] | None:
    """What was said first and what it was corrected to (without the correcting words), at the last correction.

    ``"set a timer for five minutes, no wait ten minutes"`` → ``("set a timer for five minutes", "ten minutes")``.
    None where nothing is corrected. ``sure``: only behind a pause, or with words like "no wait" that can be nothing
    else; "sorry" in "to say sorry to mum" is part of the sentence.
    """
    words, found = _of(language), None
    for lead in _lead(words).finditer(text):
        before = text[: lead.start()]
        said = _words(lead[0])
        doubtful = sure and said.partition(" ")[0] not in words.needs_pause
        alone_ok = not (doubtful or said in words.needs_pause) or _PAUSE.search(before)
        starts_word = not before or not before[-1].isalnum()
        kept = before.rstrip(" ,.!?;:–—…-")
        if kept.strip() and starts_word and alone_ok:
            found = kept, text[lead.end() :].strip()
    return found


def readings(first: Sequence[T], correction: Sequence[T]) -> Iterator[list[T]]:
    """Ways to read the correction, the most likely first.

    The correction alone; a number in place of the last that counts the same ("um" + "sieben" + "Uhr abends"); then
    the longest beginning of ``first`` that it completes ("set a timer for" + "ten minutes"); then in place of as many
    tokens inside ``first``, from the end ("add" + "bread" + "to my list").
    """
    size = len(correction)
    yield list(correction)
    if not correction or len(first) > MAX_CORRECTED_TOKENS:
        return
    counts = isinstance(correction[0], Fraction)
    numbers = [at for at, token in enumerate(first) if counts and isinstance(token, Fraction)]
    for at in reversed(numbers):
        if list(first[at + 1 : at + size]) == list(correction[1:]):
            yield [*first[:at], *correction, *first[at + size :]]
            break
    for end in range(len(first), 0, -1):
        if not {end - 1, end - 2} & set(numbers):  # "an hour, no, thirty minutes" is no hour and a half
            yield [*first[:end], *correction]
    for start in range(len(first) - size - 1, -1, -1):
        yield [*first[:start], *correction, *first[start + size :]]


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.casefold()))
