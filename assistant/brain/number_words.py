"""Numbers in the words of another language than English, as exact fractions. Pure.

The words below a thousand are those of Unicode's rule-based number format (CLDR, by unicode-rbnf, which hassil brings);
``[numbers]`` in ``languages/<code>.toml`` says how they go on: ``scales``, the ``point``, and the ``articles``, which
are numbers only beside one of the ``operators`` ("un plus un") or before a scale ("un million").
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from assistant.brain.numbers import Parsed, Token, word_at

BELOW = 1000
LARGEST_SCALE = 10**15
LARGEST_WITH_HALF = 20
RULES = ("spellout-numbering", "spellout-cardinal")
HALF = Fraction(1, 2)


class NumberWords:
    """The number words of one language. Building it takes a third of a second."""

    def __init__(self, language: str, data: Mapping[str, Any]) -> None:
        self._articles = frozenset(data["articles"].split())
        self._operators = frozenset(data["operators"].split())
        self._point: str = data["point"]
        self._scales: Mapping[str, int] = data["scales"]
        self._glued: str = data.get("glued", "")
        self._halves = [tuple(words.split()) for words in data.get("and_half", ())]
        self._values = {words: Fraction(value) for words, value in _spelled(language, data)}
        self._values |= {(word,): Fraction(value) for word, value in data.get("also", {}).items()}
        self._longest = max(map(len, self._values))

    def parted(self, word: str) -> list[str]:
        """A compound in its parts: ``zweitausendsechs`` is ``zwei tausend sechs``; other words as they are."""
        if not self._glued or self._glued not in word or word in self._scales:
            return [word]
        count, _, rest = word.partition(self._glued)
        rest = rest if (rest,) in self._values else rest.removeprefix("und")
        known = all(not part or (part,) in self._values for part in (count, rest))
        return [part for part in (count, self._glued, rest) if part] if known else [word]

    def read(self, tokens: Sequence[Token], start: int) -> Parsed | None:
        """The number that begins at ``start``, as long as it goes; None where there is none."""
        whole = self._whole(tokens, start)
        if whole is None:
            return None
        value, at = whole
        return self._decimals(tokens, at, value) or self._and_half(tokens, at, value) or whole

    def _whole(self, tokens: Sequence[Token], at: int) -> Parsed | None:
        """Groups with falling scales: "zwei Millionen dreihundert tausend fünf"."""
        total, ceiling, found = Fraction(0), LARGEST_SCALE, False
        while (group := self._group(tokens, at)) is not None:
            value, after = group
            scale = self._scales.get(word_at(tokens, after), 1)
            if scale >= ceiling or (found and value >= BELOW):
                break
            total, ceiling, found, at = total + value * scale, scale, True, after + (scale > 1)
            if scale == 1:
                break
        return (total, at) if found else None

    def _group(self, tokens: Sequence[Token], at: int) -> Parsed | None:
        """A number in digits, the longest known words, or the one thousand that needs no count."""
        if at < len(tokens) and isinstance(token := tokens[at], Fraction):
            return token, at + 1
        for length in range(self._longest, 0, -1):
            words = tuple(word_at(tokens, place) for place in range(at, at + length))
            if words in self._values:
                article = length == 1 and words[0] in self._articles
                return None if article and not self._counts(tokens, at) else (self._values[words], at + length)
        return (Fraction(1), at) if self._scales.get(word_at(tokens, at)) == BELOW else None

    def _counts(self, tokens: Sequence[Token], at: int) -> bool:
        """The article at ``at`` is a one."""
        before, after = word_at(tokens, at - 1) if at else "", word_at(tokens, at + 1)
        return not self._operators.isdisjoint((before, after)) or before == self._point or after in self._scales

    def _decimals(self, tokens: Sequence[Token], at: int, whole: Fraction) -> Parsed | None:
        """Digits one by one, or as a number: "drei Komma eins vier", "trois virgule quatorze"."""
        if word_at(tokens, at) != self._point or whole.denominator != 1:
            return None
        digits, at = "", at + 1
        while (group := self._group(tokens, at)) is not None and group[0].denominator == 1:
            digits, at = digits + str(group[0]), group[1]
            if group[0] > 9:
                break
        return (whole + Fraction(int(digits), 10 ** len(digits)), at) if digits else None

    def _and_half(self, tokens: Sequence[Token], at: int, whole: Fraction) -> Parsed | None:
        ends = (at + len(words) for words in self._halves if tuple(tokens[at : at + len(words)]) == words)
        end = next(ends, None)
        return (whole + HALF, end) if end is not None and whole.denominator == 1 else None


def _spelled(language: str, data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Fraction]]:
    """The words of every number below a thousand, in every gender and case."""
    from unicode_rbnf import RbnfEngine

    engine = RbnfEngine.for_language(language)
    for number in range(BELOW):
        texts = engine.format_number(number).text_by_ruleset.items()
        for text in {text.replace("\u00ad", "").casefold() for rules, text in texts if rules.startswith(RULES)}:
            yield tuple(text.replace("-", " ").split()), Fraction(number)
            for long, short in data.get("short", {}).items():
                if text.startswith(long):
                    yield (short + text.removeprefix(long),), Fraction(number)
            if (half := data.get("half")) and 0 < number <= LARGEST_WITH_HALF:
                yield (text + half,), number + HALF
