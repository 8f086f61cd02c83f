"""What was said in any language that has data, in one form: lower-case words and exact numbers.

English has rules of its own, in ``text``. For another, ``[text]`` in ``languages/<code>.toml`` gives the words of
``symbols``, of those ``between`` numbers, what stands short ``behind_number``, and what is ``joined`` to be no number.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from assistant.brain.number_words import NumberWords
from assistant.brain.numbers import Token
from assistant.brain.text import decimals_for_fractions, tokenize

Tokenize = Callable[[str], list[Token]]
SAME = str.maketrans({"−": "-", "–": "-", "’": "'", "‘": "'", "\u00a0": "\u202f"})
WORD = r"[^\W\d_]+(?:'[^\W\d_]+)*|[+\-*/=:]"


def language_data(language: str) -> Mapping[str, Any] | None:
    """The tables of ``languages/<code>.toml``; None where there are none."""
    file = resources.files("assistant.brain").joinpath("languages", f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else None


@cache
def tokenizer(language: str) -> Tokenize:
    """Of a language, as an ISO 639-1 code; the English one where there is no data."""
    data = language_data(language)
    return _Tokenizer(language, data).tokenize if data else tokenize


class _Tokenizer:
    def __init__(self, language: str, data: Mapping[str, Any]) -> None:
        self._numbers = NumberWords(language, data["numbers"])
        self._group: str = data["numbers"]["group"]
        self._symbols = str.maketrans({symbol: f" {words} " for symbol, words in data["text"]["symbols"].items()})
        self._between: Mapping[str, str] = data["text"]["between"]
        self._behind_number: Mapping[str, str] = data["text"]["behind_number"]
        self._joined: Mapping[str, str] = data["text"].get("joined", {})
        self._minus = self._between["-"]
        self._grouped = re.compile(rf"\d{{1,3}}(?:{re.escape(self._group)}\d{{3}})+(?:,\d+)?")
        self._piece = re.compile(rf"{self._grouped.pattern}|\d+[.,]\d+|\d+|{WORD}")

    def tokenize(self, text: str) -> list[Token]:
        """Words and numbers of ``text``; symbols between numbers become words, other punctuation goes."""
        written = decimals_for_fractions(text).translate(SAME).translate(self._symbols).casefold()
        for words, word in self._joined.items():
            written = written.replace(words, word)
        return self._with_signs(self._with_numbers(self._words(self._piece.findall(written))))

    def _words(self, pieces: Sequence[str]) -> list[Token]:
        tokens: list[Token] = []
        for at, piece in enumerate(pieces):
            if piece[0].isdecimal():
                tokens.append(self._value(piece))
            elif piece in self._between and self._joins(pieces, at):
                tokens.extend(self._between[piece].split())
            elif piece[0].isalpha():
                behind = bool(tokens) and isinstance(tokens[-1], Fraction)
                word = self._behind_number.get(piece, piece) if behind else piece
                tokens.extend(self._numbers.parted(word))
        return tokens

    def _value(self, piece: str) -> Fraction:
        whole = piece.replace(self._group, "") if self._grouped.fullmatch(piece) else piece
        return Fraction(whole.replace(",", "."))

    def _joins(self, pieces: Sequence[str], at: int) -> bool:
        """Numbers on both sides; a minus may also begin one."""
        before, after = pieces[at - 1] if at else "", pieces[at + 1] if at + 1 < len(pieces) else ""
        if not after[:1].isdecimal():
            return after == "-" and before[:1].isdecimal()
        return pieces[at] == "-" or before[:1].isdecimal()

    def _with_numbers(self, tokens: Sequence[Token]) -> list[Token]:
        result: list[Token] = []
        at = 0
        while at < len(tokens):
            value, after = self._numbers.read(tokens, at) or (tokens[at], at + 1)
            result.append(value)
            at = after
        return result

    def _with_signs(self, tokens: Sequence[Token]) -> list[Token]:
        """A minus that no number stands before belongs to the number behind it."""
        result: list[Token] = []
        for token in tokens:
            signed = isinstance(token, Fraction) and result[-1:] == [self._minus]
            if signed and not isinstance(result[-2] if len(result) > 1 else "", Fraction):
                result[-1] = -token if isinstance(token, Fraction) else token
            else:
                result.append(token)
        return result
