"""A long recording cut at its pauses into utterances; pure, and bounded in memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from assistant.models.protocols import FRAME_S, Pcm

PAUSE_S = 0.8
"""A silence this long ends an utterance: longer than the pauses inside a spoken sentence."""
MARGIN_S = 0.4
"""Silence kept around an utterance, so that no soft first or last sound is lost."""
LONGEST_S = 28.0
"""Just under the 30 s window that Whisper was trained on."""


@dataclass(frozen=True, slots=True)
class Segment:
    """An utterance: ``pcm`` has shape ``(n,)``, float32, 16 kHz, and began ``start_s`` into the recording."""

    start_s: float
    end_s: float
    pcm: Pcm


@dataclass(slots=True)
class _Window:
    """The frames since the last cut, the probability of speech in each, and how many ended it without speech."""

    first: int = 0
    quiet: int = 0
    frames: list[Pcm] = field(default_factory=list)
    speech: list[float] = field(default_factory=list)

    def add(self, frame: Pcm, probability: float, threshold: float) -> None:
        self.frames.append(frame)
        self.speech.append(probability)
        self.quiet = 0 if probability >= threshold else self.quiet + 1

    def cut(self, count: int) -> Segment:
        """Take the first ``count`` frames out."""
        start_s, pcm = self.first * FRAME_S, np.concatenate(self.frames[:count])
        self.drop(count)
        return Segment(start_s, self.first * FRAME_S, pcm)

    def drop(self, count: int) -> None:
        self.first += count
        del self.frames[:count], self.speech[:count]

    @property
    def silent(self) -> bool:
        return self.quiet >= len(self.frames)


def split(frames: Iterable[Pcm], probability: Callable[[Pcm], float], threshold: float) -> Iterator[Segment]:
    """Utterances of ``frames`` (each ``FRAME_SAMPLES`` long), in order, without overlap.

    Only silence is left out. A recording without any speech is given whole, its last ``LONGEST_S`` at most: the
    detector misses whispers, which a recogniser may still understand.
    """
    pause, margin, longest = (round(length_s / FRAME_S) for length_s in (PAUSE_S, MARGIN_S, LONGEST_S))
    window, found = _Window(), False
    for frame in frames:
        window.add(frame, probability(frame), threshold)
        if window.silent:
            window.drop(max(0, len(window.frames) - (margin if found else longest)))
            continue
        if not found:
            found = True
            window.drop(max(0, len(window.frames) - 1 - margin))
        if window.quiet >= pause:
            yield window.cut(len(window.frames) - window.quiet + margin)
        elif len(window.frames) >= longest:
            yield window.cut(longest - 1 - int(np.argmin(window.speech[-2 : -longest // 2 : -1])))
    if window.frames and not (found and window.silent):
        yield window.cut(len(window.frames))
