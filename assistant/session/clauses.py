"""Text deltas → speakable clauses, as they stream. Pure.

Not a library: `pysbd` and `sentencex` judge whole texts and change their mind when more comes, `stream2sentence` pulls
from an iterator and strips what it returns, so the text on the screen could not be put together again.
"""

import re
from dataclasses import dataclass

from assistant.session.breaks import CLOSERS, ENDS_ANYWHERE, PAUSES_ANYWHERE, Break, break_after
from assistant.session.speakable import speakable

__all__ = ["Clause", "ClauseSplitter", "speakable"]

LONGEST_CLAUSE = 280  # characters; a voice engine takes one clause whole, and cannot be stopped inside it
FIRST_LETTERS = 10  # the first clause may end at a comma once it has this many: about half a second of speech
LONG_WORDS = 15  # from here on a clause ends at commas and before conjunctions
FIRST_WORDS = 6  # from here on the first clause, which somebody waits for, ends where another clause begins
FIRST_LONG_WORDS = 8  # … and before any conjunction or phrase, unless that would divide a number or a name
FEWEST_WORDS = 5  # a comma earlier than this is no place to cut a long clause
WRAPPED_COLUMNS = 40  # a line shorter than this was ended on purpose

COORDINATING = """
and or nor so yet und oder et ou y e
"""
SUBORDINATING = """
but because although though while whereas which who when where if unless until since
aber weil sondern dass wenn obwohl mais donc parce lorsque puisque pero porque cuando aunque
sino perché però quando mas embora maar omdat
"""
PHRASES = """
with without by from for over through during between after before into across against among despite within
"""
STICKY = """
even as only just not and or but if of to in on at by for from with than about quite very
"""
"""After these a word that mostly begins something new goes with them: the process by which, even if, as for."""
LARGE = """
hundred thousand million billion trillion vingt trente quarante cinquante soixante
treinta cuarenta cincuenta sesenta setenta ochenta noventa
"""

_ANYWHERE = ENDS_ANYWHERE + PAUSES_ANYWHERE.replace("—", "")
_WORD = re.compile(
    rf"(?P<word>[^\s—{_ANYWHERE}]*(?:—+|[{_ANYWHERE}]+[{re.escape(CLOSERS)}]*)|[^\s—{_ANYWHERE}]+)(?P<gap>\s*)"
)
_MAY_DECIDE = re.compile(rf"[\s—{_ANYWHERE}{re.escape(CLOSERS)}]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_ROW = re.compile(r"\s*\|")
_HEADING = re.compile(r"\s*#{1,6}\s")
_FENCE_MARK = re.compile(r"\s*(`{3,}|~{3,})")
_FENCE_LINE = re.compile(r"\s*(`{3,}|~{3,})[^`\n]*\n")
_LINK_EDGE = re.compile(r"\]\(|[\[\])]")
_SUBORDINATING = frozenset(SUBORDINATING.split())
_CONJUNCTIONS = _SUBORDINATING | frozenset(COORDINATING.split())
_PHRASES = frozenset(PHRASES.split())
_STICKY = frozenset(STICKY.split())
_LARGE = frozenset(LARGE.split())
_LONGEST_LINK = 120  # a bracket open for longer was no link


@dataclass(frozen=True, slots=True)
class Clause:
    """``text`` as written, with the white space behind it; ``spoken`` is what the voice gets, and may be empty.

    The texts of all clauses put together are the input, character for character.
    """

    text: str
    spoken: str


class ClauseSplitter:
    """Cuts one answer into clauses. A cut depends on the text alone, never on how it was divided into deltas.

    A clause comes out as soon as the first visible character behind it is known (at worst, the word that it begins).
    Code blocks come out line by line with nothing to say. ``language`` is an ISO 639-1 code. Not thread-safe.
    """

    def __init__(self, language: str = "en") -> None:
        self._language = language
        self._text = ""
        self._first = True
        self._fence = ""  # the mark that opened the code block we are in
        self._column = 0  # of the first character of _text, in its line
        self._at_line_start = True

    def feed(self, delta: str) -> list[Clause]:
        """The clauses that ``delta`` completes. Linear in the text; a clause has at most LONGEST_CLAUSE characters."""
        scan_from = max(len(self._text) - 1, 0)
        self._text += delta
        if len(self._text) < LONGEST_CLAUSE and not _MAY_DECIDE.search(self._text, scan_from):
            return []
        clauses, start = [], 0
        while cut := self._cut(self._text[start : start + LONGEST_CLAUSE]):
            clauses.append(self._take(self._text[start : start + cut]))
            start += cut
        self._text = self._text[start:]
        return clauses

    def flush(self) -> list[Clause]:
        """No more text: what is left, as one clause. The splitter is spent."""
        text, self._text = self._text, ""
        return [self._take(text)] if text else []

    def _take(self, text: str) -> Clause:
        spoken = "" if self._is_code(text) else speakable(text, self._language)
        if spoken:
            self._first = False
        _, newline, tail = text.rpartition("\n")
        self._column = len(tail) + (0 if newline else self._column)
        self._at_line_start = not tail.strip() and (bool(newline) or self._at_line_start)
        return Clause(text, spoken)

    def _is_code(self, text: str) -> bool:
        """Whether the clause belongs to a code block, its first and last line included."""
        if self._fence:
            line = text.strip()
            if self._at_line_start and line.startswith(self._fence) and not line.strip(self._fence[0]):
                self._fence = ""
            return True
        if self._at_line_start and (opening := _FENCE_LINE.fullmatch(text)):
            self._fence = opening[1]
        return bool(self._fence)

    def _cut(self, view: str) -> int | None:
        """Length of the clause at the start of ``view``; None if more text must come first."""
        full = len(view) == LONGEST_CLAUSE
        if self._fence:
            return view.find("\n") + 1 or (len(view) if full else None)
        if self._at_line_start and (mark := _FENCE_MARK.match(view)):
            if opening := _FENCE_LINE.match(view):
                return opening.end()
            if "\n" not in view[mark.end() :] and not full:
                return None
        cut, undecided = self._scan(view, full)
        if cut is None and full:
            return undecided if undecided > LONGEST_CLAUSE // 2 else LONGEST_CLAUSE
        return cut

    def _scan(self, view: str, full: bool) -> tuple[int | None, int]:
        """The first cut, if one can be decided, and where the first undecided word starts."""
        row = self._at_line_start and _ROW.match(view)
        words, pause, link_from, before = 0.0, 0, None, ""
        for match in _WORD.finditer(view):
            word, start, end = match["word"], match.start(), match.end()
            if end == len(view):
                return None, start
            if not row and link_from is None and self._begins_another(word, words, before):
                return start, start
            link_from = _open_link(match, link_from)
            kind = self._break_after(match, full, opens=words == 0, in_link=link_from is not None)
            words, before = words + max(1.0, len(_WIDE.findall(word)) / 2), word
            if kind is None:
                return None, start
            if kind is Break.SENTENCE or (
                kind is Break.PAUSE and self._first and _letters(view[:end]) >= FIRST_LETTERS
            ):
                return end, start
            if kind is Break.PAUSE and words >= FEWEST_WORDS:
                pause = end
            if words >= LONG_WORDS and pause:
                return pause, start
        return None, len(view)

    def _begins_another(self, word: str, words: float, before: str) -> bool:
        """Whether a clause of so many words, which end with ``before``, is long enough to end in front of ``word``."""
        if not self._first:
            return words >= LONG_WORDS and word.lower() in _CONJUNCTIONS
        if words < FIRST_WORDS or before in _STICKY:
            return False
        divides = not before.islower() or not before.isalpha() or before in _LARGE
        return word in _SUBORDINATING or (
            words >= FIRST_LONG_WORDS and not divides and word in _CONJUNCTIONS | _PHRASES
        )

    def _break_after(self, match: re.Match[str], full: bool, *, opens: bool, in_link: bool) -> Break | None:
        """The break behind a word: a line's end counts as a sentence's; table rows and links are not divided."""
        view, end = match.string, match.end()
        row = self._at_line_start and _ROW.match(view)
        if "\n" in match["gap"] and (row or not self._is_wrapped(match)):
            return Break.SENTENCE
        if row or in_link:
            return Break.NONE
        return break_after(match["word"], view[end:], opens=opens, complete=full, language=self._language)

    def _is_wrapped(self, match: re.Match[str]) -> bool:
        """Whether the line break behind the word is a wrapped paragraph's, and means no more than a space."""
        view = match.string
        if self._at_line_start and _HEADING.match(view):
            return False
        line_from = view.rfind("\n", 0, match.start()) + 1
        columns = match.end("word") - line_from + (0 if line_from else self._column)
        return match["gap"].count("\n") == 1 and columns >= WRAPPED_COLUMNS and view[match.end()].islower()


def _open_link(match: re.Match[str], link_from: int | None) -> int | None:
    """Where the link that is open behind the word began; None if there is none."""
    for edge in _LINK_EDGE.findall(match["word"]):
        link_from = match.start() if edge in ("[", "](") else None
    return None if link_from is None or match.start() - link_from > _LONGEST_LINK else link_from


def _letters(text: str) -> int:
    """Letters and digits; a digit or an ideograph takes as long to say as about three."""
    return sum(map(str.isalnum, text)) + 2 * (len(_WIDE.findall(text)) + sum(map(str.isdigit, text)))
