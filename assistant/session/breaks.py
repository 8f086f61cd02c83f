"""Where a person would take breath: what a word and what follows it say about the place between them. Pure.

When in doubt there is no break: a missed one costs a little waiting, a wrong one is heard.
"""

import re
from enum import Enum

CLOSERS = "\"'”’»›)]}*_`~」』）】》"
"""What may follow the mark that ends a sentence and still belong to it: quotes, brackets, Markdown."""

ENDS_ANYWHERE = "。！？｡।॥۔؟"
"""Ends a sentence with or without a space behind it."""

PAUSES_ANYWHERE = "，、；：—"
"""A pause with or without a space behind it."""

OPENERS = "\"'“‘„«‹([{*_`~¿¡"
_ENDS = frozenset("!?")
_ENDS_ANYWHERE = frozenset(ENDS_ANYWHERE)
_QUOTES = frozenset("\"'”’»›")
_PAUSES = frozenset(",;:،؛" + PAUSES_ANYWHERE)
_DASHES = frozenset(("-", "–", "—", "--"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words("mr mrs ms mx dr prof rev gen col sgt capt lt hon sen rep gov st mt hr fr sr sra dra mme mlle")
_NEVER_ENDS = _words("e.g i.e vs cf viz approx ca al z.b d.h u.a bzw ggf evtl inkl vgl p.ej")
_MAY_END = _words("etc inc ltd co corp jr bros usw a.m p.m")
_NUMBERED = _words("no nos nr núm fig vol art sec ch p pp max min str jan feb mar apr jun jul aug sep sept oct nov dec")
_STARTERS = _words(
    "a also an and are as at but do does for he her his how however i if in is it its my no on she so that the then "
    "there these they this we what when who why yes you your"
)
_ORDINAL_LANGUAGES = _words("cs da de et fi hr hu is lv nb nn no pl sk sl tr")

_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]|[A-HJ-ZÀ-Þ]")  # U.S and J, but not the pronoun I
_OF_NAME = re.compile(r"(?:Jr|Sr|[A-Z]{2})\b")  # Springfield, IL
_MAY_BE_OF_NAME = re.compile(r"[A-Z]|[JS]r|[A-Z]{2}")
_WHOLE_WORD = re.compile(r"\w+(?=\W)|\W")


class Break(Enum):
    NONE = 0
    PAUSE = 1
    SENTENCE = 2


def break_after(word: str, following: str, *, opens: bool, complete: bool, language: str = "en") -> Break | None:
    """The break between ``word`` (no space in it) and ``following``, which starts with the next visible character.

    ``opens``: the word is the first of its line or clause. None if the answer hangs on the rest of the next word, which
    ``following`` does not hold yet; never None when ``complete`` says that no more will come.
    """
    core = word.rstrip(CLOSERS)
    mark = core[-1:]
    if word in _DASHES:
        return Break.NONE if following[:1].isdigit() else Break.PAUSE
    if core.endswith(("...", "…")):
        return Break.PAUSE if following[:1].islower() else Break.SENTENCE
    if mark == ".":
        return _period(core[:-1].lstrip(OPENERS), following, opens, complete, language)
    if mark in _PAUSES:
        return _pause(core, following, complete)
    reported = following[:1].islower() and not _QUOTES.isdisjoint(word[len(core) :])
    ends = mark in _ENDS_ANYWHERE or (mark in _ENDS and not reported)
    return Break.SENTENCE if ends else Break.NONE


def _pause(core: str, following: str, complete: bool) -> Break | None:
    """What the comma, colon or the like at the end of ``core`` is: a pause, or part of a number or a name."""
    if core[-2:-1].isdigit() and following[:1].isdigit():
        return Break.NONE
    if core[-1] != "," or not core[:1].isupper():
        return Break.PAUSE
    if not complete and _MAY_BE_OF_NAME.fullmatch(following):
        return None
    return Break.NONE if _OF_NAME.match(following) else Break.PAUSE


def _period(stem: str, following: str, opens: bool, complete: bool, language: str) -> Break | None:
    """What the period after ``stem`` is: the end of a sentence, or part of an abbreviation or a number."""
    small, next_character = stem.lower(), following[:1]
    if stem.isdecimal():
        ordinal = len(stem) <= 2 and language in _ORDINAL_LANGUAGES
        part_of_word = ordinal or (opens and len(stem) <= 3) or next_character.islower()
    elif small in _NEVER_ENDS or (small in _TITLES and stem[0].isupper()):
        part_of_word = True
    elif small in _NUMBERED:
        part_of_word = next_character.isdigit()
    elif small in _MAY_END:
        part_of_word = next_character.islower() or next_character.isdigit()
    elif _INITIALS.fullmatch(stem):
        next_word = _WHOLE_WORD.match(following)
        if next_word is None and not complete:
            return None
        part_of_word = (next_word[0] if next_word else following).lower() not in _STARTERS
    else:
        part_of_word = False
    return Break.NONE if part_of_word else Break.SENTENCE
