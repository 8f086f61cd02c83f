"""How a text ends: as a finished sentence, or as one that hangs in the air. Pure.

A wrong "it dangles" costs the listener's wait, a wrong "it is finished" cuts the speaker off; a word that can end a
sentence of its kind is therefore counted as dangling only where it seldom does.
"""

import re
from dataclasses import dataclass

from assistant.brain import corrections
from assistant.brain.protocols import Completeness

CLOSERS = "\"'”’»›)]"
LIST_ITEM_WORDS = 3
FEWEST_WORDS = 2


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Words:
    """What a language's words say at the end of a text."""

    always: frozenset[str]
    """More comes, whatever went before."""
    unless_asked: frozenset[str]
    """More comes, but for a question, which may well end so: ``where are you from?``"""
    before_number: frozenset[str]
    """Between these and a bare number at the end, a unit or a name is missing: ``a timer for ten``."""
    alone: frozenset[str]
    """Only the beginning of something, if nothing else was said."""
    joins: frozenset[str]
    """Ends a list: ``eggs and milk``."""


WORDS = {
    "en": Words(
        always=_words(
            "a an the and or but because my your our their every um uh er erm hmm uhm than whose plus minus times set"
        ),
        unless_asked=_words(
            "to for from of with without in into at by about between as if that's whether while since until is are was "
            "were the i'm it's i'd i'll you're we're let's what's who's where's called named both either"
        ),
        before_number=_words("for of to at in plus minus times by"),
        alone=_words(
            "so well okay ok hey please then now like i can could would will you me tell what how when where who why "
            "which is are do does did we they set give and also yes yeah right alright computer assistant listen"
        ),
        joins=_words("and or"),
    )
}
"""By ISO 639-1 code. A language without words is judged by its punctuation alone."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TRAILS = re.compile(r"(?:\.\.+|…|[,:;—–-])$")
_ENDS = re.compile(r"[.!?。！？]$")
_NUMBER_WORDS = _words(
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty hundred"
)


def hangs(text: str, language: str = "en") -> bool:
    """Whether the last words ask for more, even behind a complete command: "… and", "… um", "no wait"."""
    spoken = _WORD.findall(text.casefold())
    words = WORDS.get(language)
    if not spoken or words is None:
        return False
    return _is_half_corrected(text) or spoken[-1] in words.always


def judge(text: str, language: str = "en") -> Completeness:
    """What a text that is no command says about its end."""
    bare = text.rstrip().rstrip(CLOSERS)
    spoken = [word.replace("’", "'") for word in _WORD.findall(bare.casefold())]
    words = WORDS.get(language)
    asked = bare.endswith(("?", "？"))
    if not spoken:
        return Completeness.OPEN
    if _TRAILS.search(bare) or (words is not None and _dangles(bare, spoken, words, asked)):
        return Completeness.DANGLING
    long_enough = len(spoken) >= FEWEST_WORDS or not bare.isascii()
    return Completeness.FINISHED if _ENDS.search(bare) and (asked or long_enough) else Completeness.OPEN


def _dangles(bare: str, spoken: list[str], words: Words, asked: bool) -> bool:
    if spoken[-1] in words.always:
        return True
    if not asked and (spoken[-1] in words.unless_asked or words.alone.issuperset(spoken)):
        return True
    if _is_number(spoken[-1]) and len(spoken) > 1 and spoken[-2] in words.before_number:
        return True
    return not asked and _is_rising_list(bare, words)


def _is_rising_list(bare: str, words: Words) -> bool:
    """``milk, eggs, bread``: short items and no "and" before the last one."""
    items = [_WORD.findall(item.casefold()) for item in bare.split(",")]
    if len(items) < 3 or not all(items):
        return False
    return all(len(item) <= LIST_ITEM_WORDS for item in items[1:]) and words.joins.isdisjoint(items[-1])


def _is_half_corrected(text: str) -> bool:
    """``no wait``, or ``no wait, ten``: what it is corrected to has not been said yet, or its unit has not."""
    correction = corrections.behind(text)
    return correction is not None and all(map(_is_number, _WORD.findall(correction.casefold())))


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in _NUMBER_WORDS
