"""How far into a clause the listener got, to the word. Pure.

The voice engine tells when each word began, where it can; else a word is taken to last as long as its letters need.
What was spoken is not what is written ("e.g." is said "for example"), so words are matched before they are counted.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from assistant.models.protocols import WordMark

DIGIT_LETTERS = 4  # a digit is said with about as many letters: "7", "42", "1969"
PAUSE_LETTERS = 4  # a comma is waited at for about as long
TOLERANCE_S = 0.02  # eSpeak's marks are rounded to milliseconds, chunks to 60 of them

_WORD = re.compile(r"\S+")


def characters_heard(text: str, spoken: str, marks: Sequence[WordMark], *, played_s: float, audible_s: float) -> int:
    """The length of the beginning of ``text`` that was heard, in whole words.

    ``spoken`` is what the voice was given for it, ``marks`` when its words began, ``played_s`` how much of the sound
    was played, and ``audible_s`` where the last sound of it ends.
    """
    if played_s <= 0:
        return 0
    ends_s = word_ends(spoken, marks, audible_s)
    heard = sum(end_s <= played_s + TOLERANCE_S for end_s in ends_s)
    words = list(_WORD.finditer(text))
    count = written_words([word[0] for word in words], _WORD.findall(spoken), heard)
    return words[count - 1].end() if count else 0


def word_ends(spoken: str, marks: Sequence[WordMark], audible_s: float) -> list[float]:
    """When each word of ``spoken`` has been said: where the next one begins, the last one at ``audible_s``."""
    words = list(_WORD.finditer(spoken))
    weights = [0.0, *accumulate(_letters(word[0]) for word in words)]
    known = {0: 0.0, len(words): audible_s}
    for index, (before, word) in enumerate(pairwise(words), start=1):
        # eSpeak may point to the space before a word.
        begins = [mark.at_s for mark in marks if before.end() <= mark.start < word.end()]
        if begins:
            known[index] = min([*begins, audible_s])
    starts_s = [0.0] * (len(words) + 1)
    for first, last in pairwise(sorted(known)):
        known[last] = max(known[first], known[last])
        from_s, to_s = known[first], known[last]
        for index in range(first, last + 1):
            share = (weights[index] - weights[first]) / (weights[last] - weights[first])
            starts_s[index] = from_s + share * (to_s - from_s)
    return starts_s[1:]


def written_words(written: Sequence[str], spoken: Sequence[str], heard: int) -> int:
    """How many of the ``written`` words the first ``heard`` of the ``spoken`` ones stand for."""
    if heard >= len(spoken):
        return len(written)
    matcher = SequenceMatcher(a=[_bare(word) for word in spoken], b=[_bare(word) for word in written], autojunk=False)
    count = 0
    for kind, from_spoken, to_spoken, from_written, to_written in matcher.get_opcodes():
        if from_spoken >= heard:
            break
        if to_spoken <= heard:
            count = to_written
        elif kind == "equal":
            count = from_written + heard - from_spoken
        else:
            count = from_written + (heard - from_spoken) * (to_written - from_written) // (to_spoken - from_spoken)
    return count


def _letters(word: str) -> float:
    digits = sum(character.isdigit() for character in word)
    pause = PAUSE_LETTERS if not word[-1].isalnum() else 0
    return 1 + sum(character.isalpha() for character in word) + DIGIT_LETTERS * digits + pause


def _bare(word: str) -> str:
    return re.sub(r"\W", "", word.casefold())
