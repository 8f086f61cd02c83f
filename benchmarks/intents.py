"""How many real sentences the intents understand, with which slots right, and how fast.

    python -m benchmarks.intents ../shared/speech/text/ha_intents_en.tsv
    python -m benchmarks.intents ../shared/speech/text/ha_intents_de.tsv --language de --without-rooms

The file is tab-separated: sentence, intent, slots as JSON, source; one of the sets that Home Assistant tests its own
intents with. Prints a Markdown table of the domains that are ours.

A slot is right if the value of the same meaning was caught; a room or a device in it has no meaning here, so a sentence
with one counts as understood only if what names the room was taken as the timer's name ("the kitchen timer").
"""

import argparse
import csv
import json
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from assistant.brain.loading import shipped_skills
from assistant.brain.understanding import Understanding

# What ours are called.
OURS: Mapping[str, Sequence[str]] = {
    "HassGetCurrentTime": ("TellTime",),
    "HassGetCurrentDate": ("TellDate", "TellDay"),
    "HassStartTimer": ("StartTimer",),
    "HassCancelTimer": ("CancelTimer",),
    "HassCancelAllTimers": ("CancelAllTimers",),
    "HassTimerStatus": ("TimerStatus", "ListTimers"),
    "HassIncreaseTimer": ("ExtendTimer",),
    "HassDecreaseTimer": ("ExtendTimer", "ShortenTimer"),
    "HassPauseTimer": ("PauseTimer",),
    "HassUnpauseTimer": ("ResumeTimer",),
    "HassShoppingListAddItem": ("AddToList",),
    "HassListAddItem": ("AddToList",),
    "HassShoppingListCompleteItem": ("RemoveFromList",),
    "HassListCompleteItem": ("RemoveFromList",),
    "HassNevermind": ("Stop",),
    "HassRespond": ("Privacy", "Help", "WhoAreYou"),
}
UNITS_S = {"hours": 3600, "minutes": 60, "seconds": 1}
ROUNDS = 5
ROOMS = {"area", "conversation_command"}
"""Of a timer in a room, and of a command that waits for one: slots that have no meaning here."""


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    intent: str
    slots: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    sentence: Sentence
    understood: bool
    right: bool


def read(path: Path) -> Iterator[Sentence]:
    with path.open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Sentence(row["sentence"], row["intent"], json.loads(row["slots"]))


class Judge:
    def __init__(self, language: str) -> None:
        self._understanding = Understanding(language, "Assistant")
        self._skills = {skill.intent: skill for skill in shipped_skills()}

    def judge(self, sentence: Sentence) -> Outcome:
        match = self._understanding.find(sentence.text, corrected=False)
        if match is None or match.intent not in OURS[sentence.intent]:
            return Outcome(sentence, False, False)
        caught = self._skills[match.intent].slots(match.slots)
        return Outcome(sentence, True, _same(sentence.slots, caught))

    def latency_ms(self, text: str) -> float:
        """Of one look at a sentence, which is not remembered from the last."""
        self._understanding.find("", corrected=False)
        began = time.perf_counter()
        self._understanding.find(text, corrected=False)
        return (time.perf_counter() - began) * 1000


def _same(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Every slot of theirs was caught with its value, as far as it can mean something here."""
    said = [str(value).casefold() for value in ours.values()]
    for name, value in theirs.items():
        if name.removeprefix("start_") in UNITS_S:
            continue
        words = {each.strip().casefold() for each in ([value] if isinstance(value, str) else value)}
        if not any(word in each for word in words for each in said):
            return False
    return _seconds(theirs, "") | _seconds(theirs, "start_") <= _numbers(ours)


def _seconds(slots: Mapping[str, Any], prefix: str) -> set[Fraction]:
    """The duration that the slots make, if any."""
    parts = [Fraction(slots[prefix + unit]) * size for unit, size in UNITS_S.items() if prefix + unit in slots]
    return {sum(parts, Fraction(0))} if parts else set()


def _numbers(slots: Mapping[str, Any]) -> set[Fraction]:
    """Durations among our arguments: the whole of hours, minutes and seconds, whatever stands before their names."""
    totals: dict[str, Fraction] = {}
    for name, value in slots.items():
        prefix, _, unit = name.rpartition("_")
        if unit in UNITS_S and isinstance(value, Fraction):
            totals[prefix] = totals.get(prefix, Fraction(0)) + value * UNITS_S[unit]
    return set(totals.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", action="store_true", help="print the sentences that were not understood")
    parser.add_argument("--language", default="en")
    parser.add_argument(
        "--without-rooms", action="store_true", help="leave out what names a room, or a command to wait with"
    )
    options = parser.parse_args()
    everything = list(read(options.file))
    ours = [sentence for sentence in everything if sentence.intent in OURS]
    if options.without_rooms:
        ours = [sentence for sentence in ours if ROOMS.isdisjoint(sentence.slots)]
    judge = Judge(options.language)
    outcomes = [judge.judge(sentence) for sentence in ours]
    print(f"{len(ours)} of {len(everything)} sentences are of our domains.\n")
    print("| intent | sentences | understood | with every slot right |\n|---|---|---|---|")
    for name in [*OURS, "all"]:
        these = [outcome for outcome in outcomes if name in {outcome.sentence.intent, "all"}]
        understood, right = sum(each.understood for each in these), sum(each.right for each in these)
        if these:
            print(f"| {name} | {len(these)} | {understood} | {right} ({right / len(these):.0%}) |")
    latencies = [judge.latency_ms(each.text) for _ in range(ROUNDS) for each in everything]
    cuts = statistics.quantiles(latencies, n=100)
    print(
        f"\nOne look at a sentence, all {len(everything)}: median {cuts[49]:.1f} ms, 95th percentile {cuts[94]:.1f} ms."
    )
    if options.show:
        print(*(f"{each.sentence.intent}: {each.sentence.text}" for each in outcomes if not each.right), sep="\n")


if __name__ == "__main__":
    main()
