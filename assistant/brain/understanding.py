"""What the user wants, by the intents' sentences; also where they correct themselves in the middle."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from assistant.brain import corrections
from assistant.brain.intents import Match, Matcher
from assistant.brain.numbers import Token
from assistant.brain.tokens import tokenizer
from assistant.brain.typed_sums import PLAIN, typed_sum

CALCULATE = "Calculate"
AGAIN = "no wait"
"""Between two times, the second of which corrects the first."""
TIMES = frozenset(("time", "hour", "dotted"))
"""Slots of a time of day; how the last two are read is in ``agenda/said.py``."""
NOON = 12
MAX_MATCHED_CHARACTERS = 400
"""Longer text is not a command; it goes to the language model unmatched."""


class Understanding:
    """Matches one language, and remembers the last text: it is looked at when judged, rehearsed and answered."""

    def __init__(self, language: str, name: str, more: Iterable[Mapping[str, Any]] = ()) -> None:
        """``name`` is the assistant's: said before a command it means nothing. ``more`` are other skills' sentences."""
        self._language = language
        self._matcher: Matcher | None = None
        self._found: tuple[tuple[str, bool], Match | None] | None = None
        with suppress(LookupError):
            self._matcher = Matcher(language, skip_words=[name.casefold()], more=more)

    def find(self, text: str, corrected: bool) -> Match | None:
        """The intent and its slots. ``corrected``: the text is two utterances, the second a correction."""
        if self._matcher is None or len(text) > MAX_MATCHED_CHARACTERS:
            return None
        if self._found is None or self._found[0] != (text, corrected):
            self._found = (text, corrected), self._match(self._matcher, text, corrected)
        return self._found[1]

    def _match(self, matcher: Matcher, text: str, corrected: bool) -> Match | None:
        matches = (matcher.match(reading) for reading in readings(text, corrected, self._language))
        match = next((match for match in matches if match is not None), None)
        if match is None or (match.intent == CALCULATE and "(" in text):
            return self._calculation(matcher, corrections.behind(text, self._language) or text)
        return self._completed(matcher, match, text)

    def _completed(self, matcher: Matcher, match: Match, text: str) -> Match:
        """A time that corrects another one, with what the first one says beyond it."""
        parts = corrections.split(text, self._language) if TIMES & set(match.slots) else None
        first = matcher.match(tokenizer(self._language)(parts[0])) if parts else None
        if first is None or first.intent != match.intent:
            return match
        return replace(match, slots=_time_kept(first.slots, match.slots))

    def _calculation(self, matcher: Matcher, text: str) -> Match | None:
        """A typed sum, and nothing but what may stand around one."""
        found = typed_sum(text, self._language)
        if found is None:
            return None
        expression, sentence = found
        plain, match = (matcher.match(tokenizer(self._language)(text)) for text in (PLAIN, sentence))
        return Match(CALCULATE, {"expression": expression}) if match is not None and match == plain else None


def _time_kept(old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """``new``, and of the ``old`` time what it leaves open: "six in the evening, no wait, wake me at seven"."""
    before, time = str(old.get("time", "")), str(new.get("time", ""))
    if time and not time.startswith(before):
        return {**new, "time": f"{before} {AGAIN} {time}"}
    hour = new.get("hour", new.get("dotted", NOON))
    open_hour = (hour == "one" or hour < NOON) and "part" not in new and "part" in old
    return {**new, "part": old["part"]} if open_hour else new


def readings(text: str, corrected: bool, language: str = "en") -> Iterator[list[Token]]:
    """Token lists to match, the most likely first.

    A command of its own behind the correcting words is what is meant; else free text may have them in it ("remind me at
    six, no wait, seven to …"), and its skill reads them; else the text is pieced together.
    """
    tokenize = tokenizer(language)
    parts = corrections.split(text, language)
    alone = parts if corrected else corrections.split(text, language, sure=True)
    if alone is not None:
        yield tokenize(alone[1])
    yield tokenize(text)
    if parts is not None:
        first, correction = parts
        yield from corrections.readings(tokenize(first), tokenize(correction))
