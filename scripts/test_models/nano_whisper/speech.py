"""eSpeak NG in many styles, and which of them training never hears."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.models.espeak import DEFAULT_WPM, EspeakTts
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from assistant.session.turn import CancelToken
from scripts.test_models.sentences import (
    ANNOUNCEMENTS,
    DIALOGUES,
    FOLLOW_UPS,
    TOOL_ANSWERS,
    TOOL_REQUESTS,
    questions,
    vocabulary,
)

PITCH, RANGE = 3, 4  # espeakPITCH and espeakRANGE, see speak_lib.h
DEFAULT_PITCH, DEFAULT_RANGE = 50, 50

TRAINED_VARIANTS = (
    *("m1", "m2", "m3", "m5", "m6", "m7", "m8", "f1", "f2", "f4", "f5"),
    *("Alex", "Alicia", "Andrea", "Andy", "Annie", "Gene", "Lee", "Michael", "Mike", "Mario", "adam", "belinda"),
    *("benjamin", "boris", "caleb", "ian", "john", "linda", "max", "paul", "rob", "travis", "victor", "zac"),
)
HELD_OUT_VARIANTS = ("f3", "m4", "steph", "edward", "shelby")
HELD_OUT_WPM = (140, 165, 185)
HELD_OUT_PITCHES = (42, 58)
WPM_GAP, PITCH_GAP = 2, 1
"""Training keeps this far away from the speeds and pitches held out."""


@dataclass(frozen=True, slots=True)
class Style:
    """How eSpeak NG says something; the defaults are the assistant's own."""

    voice: str = "en-us"
    wpm: int = DEFAULT_WPM
    pitch: int = DEFAULT_PITCH
    pitch_range: int = DEFAULT_RANGE


class StyledTts(EspeakTts):
    """eSpeak NG with a pitch. The library keeps pitches between calls, so ``speak`` puts the default back."""

    def __init__(self, style: Style) -> None:
        super().__init__(style.voice, style.wpm / DEFAULT_WPM)
        self._style = style

    def speak(self, text: str) -> Pcm:
        """``text`` at 16 kHz, shape ``(n,)``."""
        import soxr

        try:
            chunks = list(self.synthesize(text, CancelToken()))
        finally:
            self._set_pitch(DEFAULT_PITCH, DEFAULT_RANGE)
        speech: Pcm = soxr.resample(np.concatenate(chunks), self.sample_rate_hz, SAMPLE_RATE_HZ, "HQ")
        return speech

    def _select(self) -> None:
        super()._select()
        self._set_pitch(self._style.pitch, self._style.pitch_range)

    def _set_pitch(self, pitch: int, pitch_range: int) -> None:
        self._library.espeak_SetParameter(PITCH, pitch, 0)
        self._library.espeak_SetParameter(RANGE, pitch_range, 0)


def speak(text: str, style: Style) -> Pcm:
    """``text`` in ``style``, mono float32 at 16 kHz."""
    return StyledTts(style).speak(text)


def trained_style(rng: random.Random, invented: Sequence[str] = ()) -> Style:
    """The assistant's own voice one time in five; else any variant, speed, pitch and liveliness not held out.

    Half of the variants are ``invented`` ones, if there are any.
    """
    if rng.random() < 0.2:
        return Style(wpm=rng.choice((150, DEFAULT_WPM)))
    return Style(
        "en-us+" + rng.choice(invented if invented and rng.random() < 0.5 else TRAINED_VARIANTS),
        _away_from(HELD_OUT_WPM, WPM_GAP, 125, 200, rng),
        _away_from(HELD_OUT_PITCHES, PITCH_GAP, 35, 65, rng),
        rng.choice((0, DEFAULT_RANGE, DEFAULT_RANGE, 70)),
    )


def held_out_style(rng: random.Random) -> Style:
    """A voice, a speed and a pitch that training never hears."""
    return Style("en-us+" + rng.choice(HELD_OUT_VARIANTS), rng.choice(HELD_OUT_WPM), rng.choice(HELD_OUT_PITCHES))


def _away_from(held_out: Sequence[int], gap: int, low: int, high: int, rng: random.Random) -> int:
    return rng.choice([n for n in range(low, high + 1) if all(abs(n - other) > gap for other in held_out)])


def recombined(rng: random.Random) -> str:
    """Two to seven words of the vocabulary in an order that no sentence has."""
    words = sorted({word for sentence in vocabulary() for word in sentence.split()})
    while True:
        sentence = " ".join(rng.choices(words, k=rng.randint(2, 7)))
        if sentence not in vocabulary():
            return sentence


def written() -> list[str]:
    """Every sentence with its punctuation, which changes melody and pauses."""
    answers = dict.fromkeys([*DIALOGUES.values(), *FOLLOW_UPS.values()])
    ended = [text + "." for text in (*ANNOUNCEMENTS, *TOOL_REQUESTS, *TOOL_ANSWERS)]
    return [*(sentence + "?" for sentence in questions()), *answers, *ended]


def word_errors(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Words to substitute, insert and delete: the edit distance of Levenshtein."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(wanted, 1):
        previous, row[0] = row[0], count
        for column, other in enumerate(heard, 1):
            previous, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, previous + (word != other))
    return row[-1]
