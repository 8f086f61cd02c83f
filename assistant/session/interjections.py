"""What people say into somebody else's speech: stops, backchannels, and the echo of that speech itself. Pure.

The words are data (``interjections.toml``). In a language without any, English ones hold: its "stop" and "okay" are
understood far and wide.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from functools import cache
from importlib import resources

SPOTTED_LETTERS = 4
ECHO_RUN = 2  # recognised words in a row that agree with what is being said; a single one may be chance
_NOISES = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫][^♪♫]*[♪♫]?")  # how Whisper writes "[laughter]"
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class Kind(Enum):
    """What the words are."""

    NOTHING = "no words"
    STOP = "stop word"
    BACKCHANNEL = "backchannel"
    ECHO = "own words"
    REQUEST = "new words"


@dataclass(frozen=True, slots=True)
class Reading:
    """``words`` are those that count: of a stop or a backchannel the phrase, else what is not echo. ``bare``: nothing
    but a stop, and what may stand around one."""

    kind: Kind
    words: str = ""
    bare: bool = False


def words_of(text: str) -> list[str]:
    """Lower-case words without hyphens; noises that a recogniser describes in brackets are no words."""
    found: list[str] = _WORD.findall(_NOISES.sub(" ", text.casefold().replace("’", "'")))
    return [word.replace("-", "") for word in found]


def without_echo(words: Sequence[str], said: Sequence[str]) -> list[str]:
    """The words that are not an echo of ``said``: but for runs of ``ECHO_RUN`` that both have."""
    matcher = SequenceMatcher(a=words, b=said, autojunk=False)
    left = list[str | None](words)
    for block in matcher.get_matching_blocks():
        if block.size >= ECHO_RUN:
            left[block.a : block.a + block.size] = [None] * block.size
    return [word for word in left if word is not None]


class Interjections:
    """The words of one language."""

    def __init__(
        self, *, stop: Sequence[str], backchannel: Sequence[str], fillers: Sequence[str], sounds: Sequence[str]
    ) -> None:
        self._stops = _longest_first(stop)
        self._backchannels = _longest_first(backchannel)
        self._fillers = frozenset(fillers)
        self._sound = re.compile("|".join(f"(?:{sound})" for sound in sounds))

    @property
    def phrases(self) -> tuple[str, ...]:
        """Stops and backchannels, but for the shortest: those fit nearly any sound."""
        return _spotted([*self._stops, *self._backchannels])

    @property
    def stops(self) -> tuple[str, ...]:
        """The stops among ``phrases``."""
        return _spotted(self._stops)

    def read(self, text: str, said: str = "") -> Reading:
        """What ``text``, recognised while ``said`` was being spoken by ourselves, is.

        A stop is heard in any company; it is an echo only as part of a longer run of our own words.
        """
        words = words_of(text)
        own = words_of(said)
        kept = without_echo(words, own)
        if stop := self._stop_in(kept):
            return Reading(Kind.STOP, stop, bare=self.is_bare_stop(" ".join(kept)))
        if not words:
            return Reading(Kind.NOTHING)
        scattered = len(kept) <= max(1, len(words) // 3) and set(kept) <= set(own)
        if not kept or scattered:
            return Reading(Kind.ECHO, " ".join(words))
        if self._is_backchannel(kept):
            return Reading(Kind.BACKCHANNEL, " ".join(kept))
        return Reading(Kind.REQUEST, " ".join(kept))

    def is_bare_stop(self, text: str) -> bool:
        """Nothing but a stop, and words that may stand around one: "wait, stop please"."""
        found, more = self._without_stops(text)
        return found and not more

    def beyond_stop(self, text: str) -> list[str]:
        """The words that are no stop, nor may stand around one."""
        return self._without_stops(text)[1]

    def has_stop(self, text: str) -> bool:
        """A stop is among the words."""
        return self._without_stops(text)[0]

    def _without_stops(self, text: str) -> tuple[bool, list[str]]:
        words, more, found = words_of(text), list[str](), False
        while words:
            length = self._length_at(words, 0, self._stops)
            if not length and words[0] not in self._fillers:
                more.append(words[0])
            found |= length > 0
            words = words[length or 1 :]
        return found, more

    def _stop_in(self, words: Sequence[str]) -> str:
        """The first stop phrase in ``words`` that is no part of a backchannel; empty if there is none."""
        at = 0
        while at < len(words):
            if length := self._length_at(words, at, self._backchannels):
                at += length
                continue
            if length := self._length_at(words, at, self._stops):
                return " ".join(words[at : at + length])
            at += 1
        return ""

    @staticmethod
    def _length_at(words: Sequence[str], at: int, phrases: Sequence[tuple[str, ...]]) -> int:
        """Of the first of ``phrases`` that begins there."""
        return next((len(phrase) for phrase in phrases if tuple(words[at : at + len(phrase)]) == phrase), 0)

    def _is_backchannel(self, words: Sequence[str]) -> bool:
        at = 0
        while at < len(words):
            length = self._length_at(words, at, self._backchannels)
            if not length and self._sound.fullmatch(words[at]):
                length = 1
            if not length:
                return False
            at += length
        return at > 0


def _spotted(phrases: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    joined = (" ".join(phrase) for phrase in phrases)
    return tuple(phrase for phrase in joined if len(phrase) >= SPOTTED_LETTERS)


def _longest_first(phrases: Sequence[str]) -> list[tuple[str, ...]]:
    return sorted({tuple(words_of(phrase)) for phrase in phrases}, key=len, reverse=True)


@cache
def interjections(language: str = "en") -> Interjections:
    """Those of a language, as an ISO 639-1 code, or the English ones."""
    data = tomllib.loads(resources.files("assistant.session").joinpath("interjections.toml").read_text("utf-8"))
    return Interjections(**data.get(language, data["en"]))
