"""Diphones: from the middle of one phone to the middle of the next, as runs of pitch-synchronous grains."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from voice_marks import PERIOD, pitch_marks
from voice_speech import RATE_HZ, SILENCE, Speaker, Speech
from voice_words import Example, Pair, places

STOPS = ("p", "b", "t", "d", "k", "ɡ", "tʃ", "dʒ", "ʔ")
EDGE_S = 0.02
"""How much of the silence around speech belongs to a unit."""
MOST_GRAINS = 255
SILENT_GRAINS = 64
"""The first grains are silent, so that a rest is a run of grains, too."""


@dataclass(frozen=True)
class Cut:
    """A unit in ``speech``: samples from ``start`` over the ``border`` of its phones to ``end``."""

    speech: Speech
    start: int
    border: int
    end: int


@dataclass
class Store:
    """Sound that grains are cut from: ``sound`` ``(n,)`` float32, ``marks`` the first sample of each grain."""

    chunks: list[np.ndarray] = field(default_factory=lambda: [np.zeros(2 * PERIOD, np.float32)])
    marks: list[int] = field(default_factory=lambda: [0] * SILENT_GRAINS)
    halves: dict[Pair, tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=dict)
    """For each pair the runs (first grain, count) before and after the border of its phones."""
    size: int = 2 * PERIOD

    @property
    def sound(self) -> np.ndarray:
        return np.concatenate(self.chunks)

    def add(self, speech: Speech, cuts: dict[Pair, Cut]) -> None:
        """Units of one utterance; neighbours share their grains."""
        marks = pitch_marks(speech.pcm)
        marks = marks[(marks >= PERIOD) & (marks < speech.pcm.size - PERIOD)]
        runs = {
            pair: tuple(int(place) for place in np.searchsorted(marks, (cut.start, cut.border, cut.end)))
            for pair, cut in cuts.items()
        }
        used = sorted({grain for run in runs.values() for grain in range(run[0], run[2])})
        number: dict[int, int] = {}
        for run in np.split(used, np.flatnonzero(np.diff(used) > 1) + 1) if used else []:
            start = int(marks[run[0]]) - PERIOD
            piece = speech.pcm[start : int(marks[run[-1]]) + PERIOD]
            for grain in run:
                number[int(grain)] = len(self.marks)
                self.marks.append(self.size + int(marks[grain]) - PERIOD - start)
            self.chunks.append(piece)
            self.size += piece.size
        for pair, (start, border, end) in runs.items():
            before = (number.get(start, 0), min(border - start, MOST_GRAINS))
            after = (number.get(border, 0), min(end - border, MOST_GRAINS))
            self.halves[pair] = (before, after)


def middle(speech: Speech, index: int) -> int:
    """Where phone ``index`` is cut: a stop in its closure, silence near the speech."""
    start, end = speech.starts[index], speech.starts[index + 1]
    if speech.phones[index].lstrip("ˈ") in STOPS:
        loudness = np.convolve(speech.pcm[start:end] ** 2, np.ones(PERIOD), "same")
        return start + int(loudness[: max(1, round(0.6 * (end - start)))].argmin())
    return (start + end) // 2


def cut(speech: Speech, index: int) -> Cut:
    """The unit of phones ``index`` and ``index + 1``."""
    border, edge = speech.starts[index + 1], round(EDGE_S * RATE_HZ)
    silent = [speech.phones[place] == SILENCE for place in (index, index + 1)]
    start = border - edge if silent[0] else middle(speech, index)
    end = border + edge if silent[1] else middle(speech, index + 1)
    return Cut(speech, start, border, end)


def choose(speeches: list[Speech]) -> dict[Pair, Cut]:
    """Of all units of a pair the one of middling length."""
    found: defaultdict[Pair, list[Cut]] = defaultdict(list)
    for speech in speeches:
        for pair, index in places(speech):
            found[pair].append(cut(speech, index))
    return {pair: sorted(cuts, key=lambda one: one.end - one.start)[len(cuts) // 2] for pair, cuts in found.items()}


def collect(speaker: Speaker, sentences: list[str], common: dict[Pair, Example], most_samples: int) -> Store:
    """Units of the sentences first, then those that common words need most, until the store is full."""
    store = Store()
    chosen = choose([speaker.say(sentence) for sentence in sentences])
    by_speech: defaultdict[int, dict[Pair, Cut]] = defaultdict(dict)
    for pair, one in chosen.items():
        by_speech[id(one.speech)][pair] = one
    for cuts in by_speech.values():
        store.add(next(iter(cuts.values())).speech, cuts)
    for pair, example in sorted(common.items(), key=lambda item: (-item[1].weight, item[0])):
        if store.size >= most_samples:
            break
        if pair not in store.halves:
            speech = speaker.say(example.phrase)
            indices = [index for found, index in places(speech) if found == pair]
            if indices:  # in a phrase, some words sound otherwise than alone
                store.add(speech, {pair: cut(speech, indices[-1])})
    return store
