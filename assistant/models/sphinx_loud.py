"""How well a stop word fits the loud part of a sound; pure.

Around a word that is said over an answer lies what is left of the echo: softer by far, but a recogniser finds phones in
it, too. So frames count by their level here, where ``sphinx_fit`` counts all of them alike.

The limits were chosen on half of eSpeak NG's voices and of the recordings in docs/interrupting.md, at the level of the
echo, against backchannels, coughs, wake words and requests of that half.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.models.protocols import Pcm
from assistant.models.sphinx_fit import Decoding

FRAME_SAMPLES = 160  # PocketSphinx's, 10 ms
LOUD_DB = 20.0  # below the loudest frame: what is softer says nothing

WEIGHT_NATS = 2.3
"""What a word may fit worse if it covers all of the loud part than if it covered none."""
ALONE_NATS, ALONE_COVERED = -0.1, 0.7
ALONE_POLITELY_NATS = -1.3
"""Limits for a word that is looked for alone, and with "please"."""
RIVAL_NATS, RIVAL_COVERED = 0.2, 0.75
"""By how much a stop word must fit better than what else might have been said: an "uh huh" fits "shut up" as well."""
AMONG_NATS, AMONG_COVERED = -1.2, 0.75
"""Limits for a word that fits best of all phrases."""


@dataclass(frozen=True, slots=True)
class LoudFit:
    """``nats`` is the likelihood against free phones, a loud frame of the words; ``covered`` the share of the loudness
    that the words explain; ``count`` how many words there are."""

    nats: float
    covered: float
    count: int

    @property
    def weighted_nats(self) -> float:
        return self.nats + WEIGHT_NATS * self.covered


NO_FIT = LoudFit(float("-inf"), 0.0, 0)


def loud_fit(words: Decoding, phones: Decoding, pcm: Pcm) -> LoudFit:
    """Of words and phones found in ``pcm``, shape ``(n,)``."""
    if not words.words or not phones.segments:
        return NO_FIT
    length = 1 + max(segment.last for segment in (*words.segments, *phones.segments))
    power = _powers(pcm, length)
    loud = power > power.max() * 10 ** (-LOUD_DB / 10)
    spoken = np.zeros(length, np.bool_)
    for word in words.words:
        spoken[word.first : word.last + 1] = True
    amplitude = np.sqrt(power) * loud
    better = _scores(words, length) - _scores(phones, length)
    frames = spoken & loud
    nats = float(better[frames].mean()) if frames.any() else 0.0
    return LoudFit(nats, float(amplitude[spoken].sum() / max(amplitude.sum(), 1e-12)), len(words.words))


def fits_alone(word: LoudFit, rival: LoudFit) -> bool:
    """Whether a stop word that was looked for alone was said. ``rival`` is the phrase that fits best and is no stop."""
    politely = word.count == 1 or word.nats >= ALONE_POLITELY_NATS
    fits = word.covered >= ALONE_COVERED and word.weighted_nats >= ALONE_NATS
    return fits and politely and not _is_beaten(word, rival)


def fits_among(phrase: LoudFit, rival: LoudFit) -> bool:
    """The same for a stop word that fits best of all phrases."""
    fits = phrase.covered >= AMONG_COVERED and phrase.weighted_nats >= AMONG_NATS
    return fits and not _is_beaten(phrase, rival)


def _is_beaten(stop: LoudFit, rival: LoudFit) -> bool:
    return rival.covered >= RIVAL_COVERED and rival.nats > stop.nats - RIVAL_NATS


def _scores(decoding: Decoding, length: int) -> npt.NDArray[np.float64]:
    scores = np.zeros(length)
    for segment in decoding.segments:
        scores[segment.first : segment.last + 1] = segment.score / segment.frames
    return scores


def _powers(pcm: Pcm, length: int) -> npt.NDArray[np.float64]:
    powers = np.zeros(length)
    frames = np.square(pcm[: pcm.size // FRAME_SAMPLES * FRAME_SAMPLES], dtype=np.float64).reshape(-1, FRAME_SAMPLES)
    count = min(length, len(frames))
    powers[:count] = frames[:count].mean(axis=1)
    return powers
