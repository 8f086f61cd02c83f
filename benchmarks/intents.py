"""How many of the sentences that people say to assistants are understood, by language, and with which slots.

    python -m benchmarks.intents en de fr es [--show]

The sentences are those of Home Assistant's own tests (``../shared/speech/text/ha_intents_<language>.tsv``) that are of
our domains: time, date, timers, lists, never mind. Timers of a room, and commands that wait for one, are none of ours.
"""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.brain.durations import in_units
from assistant.brain.intents import Match, Matcher
from assistant.brain.tokens import tokenizer

FOLDER = Path("../shared/speech/text")
OURS = {
    "HassGetCurrentTime": {"TellTime"},
    "HassGetCurrentDate": {"TellDate", "TellDay"},
    "HassNevermind": {"Stop"},
    "HassStartTimer": {"StartTimer"},
    "HassTimerStatus": {"TimerStatus", "ListTimers"},
    "HassCancelTimer": {"CancelTimer"},
    "HassCancelAllTimers": {"CancelAllTimers"},
    "HassPauseTimer": {"PauseTimer"},
    "HassUnpauseTimer": {"ResumeTimer"},
    "HassIncreaseTimer": {"ExtendTimer"},
    "HassDecreaseTimer": {"ExtendTimer"},
    "HassShoppingListAddItem": {"AddToList"},
    "HassShoppingListCompleteItem": {"RemoveFromList"},
    "HassListAddItem": {"AddToList"},
    "HassListCompleteItem": {"RemoveFromList"},
}
ELSEWHERE = {"area", "conversation_command"}
DURATION = ("hours", "minutes", "seconds")


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    intent: str
    slots: dict[str, Any]

    def understood(self, match: Match | None) -> bool:
        return match is not None and match.intent in OURS[self.intent]

    def exact(self, match: Match | None) -> bool:
        """With the right duration and name, where the sentence has them."""
        if match is None or not self.understood(match):
            return False
        slots = in_units(match.slots)
        if self.intent == "HassStartTimer" and any(slots.get(unit, 0) != self.slots.get(unit, 0) for unit in DURATION):
            return _seconds(slots) == _seconds(self.slots)
        name = self.slots.get("name")
        names = [name] if isinstance(name, str) else name or []
        return not names or "Timer" not in self.intent or slots.get("name", "") in [each.casefold() for each in names]


def _seconds(slots: dict[str, Any]) -> Any:
    return sum(slots.get(unit, 0) * size_s for unit, size_s in zip(DURATION, (3600, 60, 1), strict=True))


def sentences(language: str) -> Iterator[Sentence]:
    """Those of our domains. Raises OSError where there are none of the language."""
    with (FOLDER / f"ha_intents_{language}.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            slots = json.loads(row["slots"])
            if row["intent"] in OURS and ELSEWHERE.isdisjoint(slots):
                yield Sentence(row["sentence"], row["intent"], slots)


def main(arguments: list[str]) -> None:
    show = "--show" in arguments
    print("language  sentences  understood  with their slots")
    for language in [each for each in arguments if not each.startswith("-")]:
        matcher, tokenize = Matcher(language), tokenizer(language)
        found = [(each, matcher.match(tokenize(each.text))) for each in sentences(language)]
        right = sum(each.understood(match) for each, match in found)
        exact = sum(each.exact(match) for each, match in found)
        print(f"{language:8}  {len(found):9}  {right / len(found):10.0%}  {exact / len(found):16.0%}")
        for each, match in found if show else []:
            if not each.exact(match):
                print(f"  {each.text} ({each.intent} {each.slots}): {match}")


if __name__ == "__main__":
    main(sys.argv[1:])
