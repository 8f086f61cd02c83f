"""Which pairs of phones English needs, and in which words they are heard."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pocketsphinx
from voice_speech import SILENCE, Speaker, Speech

Pair = tuple[str, str]
COMMON_WORDS = 4000
CARRIER = "say {} again"


@dataclass
class Example:
    """How much of speech a pair makes up, and the phrase that shows it best."""

    weight: float = 0.0
    phrase: str = ""
    phrase_weight: float = 0.0

    def add(self, weight: float, phrase: str) -> None:
        self.weight += weight
        if weight > self.phrase_weight:
            self.phrase, self.phrase_weight = phrase, weight


def common_words() -> list[tuple[str, float]]:
    """The likeliest words of PocketSphinx's English language model, with their probabilities."""
    decoder = pocketsphinx.Decoder(loglevel="FATAL")
    model, logarithms = decoder.get_lm(), decoder.logmath
    path = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    words = [line.split()[0] for line in path.read_text(encoding="utf-8").splitlines() if line]
    chances = [(word, float(logarithms.exp(model.prob([word])))) for word in words if word.isalpha()]
    return sorted(chances, key=lambda pair: (-pair[1], pair[0]))[:COMMON_WORDS]


def examples(speaker: Speaker) -> dict[Pair, Example]:
    """Pairs inside common words and, by the words' chances of meeting, between them."""
    found: defaultdict[Pair, Example] = defaultdict(Example)
    first: defaultdict[str, Example] = defaultdict(Example)
    last: defaultdict[str, Example] = defaultdict(Example)
    for word, chance in common_words():
        phones = [phone for phone in speaker.say(word).phones if phone != SILENCE]
        for pair in pairwise(phones):
            found[pair].add(chance, CARRIER.format(word))
        found[SILENCE, phones[0]].add(chance / 5, f"{word} again")
        found[phones[-1], SILENCE].add(chance / 5, f"say {word}")
        first[phones[0]].add(chance, word)
        last[phones[-1]].add(chance, word)
    for left, before in last.items():
        for right, after in first.items():
            phrase = CARRIER.format(f"{before.phrase} {after.phrase}")
            found[left, right].add(before.weight * after.weight, phrase)
    return found


def places(speech: Speech) -> Iterator[tuple[Pair, int]]:
    """Each pair of an utterance, with the index of its first phone."""
    for index, pair in enumerate(pairwise(speech.phones)):
        if pair != (SILENCE, SILENCE):
            yield pair, index
