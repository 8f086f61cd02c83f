"""Engines without models, for tests and for trying the program out: every one is deterministic."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from zlib import crc32

import numpy as np

from assistant.audio.level import dbfs
from assistant.models.protocols import (
    FRAME_S,
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    Message,
    Pcm,
    Tool,
    ToolCall,
    Transcript,
    Vector,
)
from assistant.session.turn import CancelToken

SILENCE_DBFS = -50.0
TONE_HZ, TONE_S_PER_CHARACTER = 440.0, 0.06
CHUNK_SAMPLES = SAMPLE_RATE_HZ // 20
WAKE_TONE_HZ = 2000.0
FAKE_DIMENSIONS = 256


class Fake:
    """What all of them share."""

    @property
    def name(self) -> str:
        return "fake"

    def warm(self) -> None:
        """Nothing to prepare."""

    def close(self) -> None:
        """Nothing to give back."""


class FakeStt(Fake):
    """Gives the scripted texts in turn, the last one for ever; nothing for silence. Cancelled before it answers."""

    def __init__(self, texts: Iterable[str] = ("what time is it",)) -> None:
        self._texts = list(texts)

    def transcribe(self, pcm: Pcm, token: CancelToken, *, final: bool = True) -> Transcript:
        token.raise_if_cancelled()
        if not self._texts or dbfs(pcm) < SILENCE_DBFS:
            return Transcript("")
        return Transcript(self._texts.pop(0) if final and len(self._texts) > 1 else self._texts[0])


class FakeLlm(Fake):
    """Says back what it was asked, word by word, and calls a tool that is asked for by its bare name.

    Cancelled between words.
    """

    def generate(
        self, messages: Sequence[Message], token: CancelToken, tools: Sequence[Tool] = ()
    ) -> Iterator[str | ToolCall]:
        token.raise_if_cancelled()
        said = messages[-1].content if messages else "nothing"
        if said in {tool.name for tool in tools}:
            yield ToolCall(said, {})
            return
        for word in f"You said: {said}".split():
            yield f"{word} "
            token.raise_if_cancelled()


class StoryLlm(Fake):
    """Answers whatever it is asked with a story of 10 to 20 s, each time another one. Cancelled between words."""

    def __init__(self) -> None:
        self._stories = itertools.cycle(_stories())

    def generate(
        self, _messages: Sequence[Message], token: CancelToken, _tools: Sequence[Tool] = ()
    ) -> Iterator[str | ToolCall]:
        token.raise_if_cancelled()
        for word in next(self._stories).split():
            yield f"{word} "
            token.raise_if_cancelled()


def _stories() -> list[str]:
    text = (files("assistant") / "samples" / "stories.txt").read_text("utf-8")
    return text.strip().splitlines()


class FakeTts(Fake):
    """A tone as long as the text; none for text without a letter or digit. Cancelled between chunks of 50 ms."""

    @property
    def sample_rate_hz(self) -> int:
        return SAMPLE_RATE_HZ

    def synthesize(self, text: str, token: CancelToken) -> Iterator[Pcm]:
        token.raise_if_cancelled()
        if not any(character.isalnum() for character in text):
            return
        for start in range(0, round(len(text.strip()) * TONE_S_PER_CHARACTER * SAMPLE_RATE_HZ), CHUNK_SAMPLES):
            t = np.arange(start, start + CHUNK_SAMPLES) / SAMPLE_RATE_HZ
            yield (0.2 * np.sin(2 * np.pi * TONE_HZ * t)).astype(np.float32)
            token.raise_if_cancelled()


class FakeEmbedder(Fake):
    """Texts are near that share groups of three letters, so ``birdsong`` is near ``birds``. Cancelled before it."""

    key = "fake"

    def embed(self, text: str, token: CancelToken, *, query: bool = False) -> Vector:  # noqa: ARG002
        token.raise_if_cancelled()
        vector = np.zeros(FAKE_DIMENSIONS, np.float32)
        for word in text.casefold().split():
            for start in range(len(word) - 2):
                vector[crc32(word[start : start + 3].encode("utf-8", "replace")) % FAKE_DIMENSIONS] += 1
        return vector / max(np.float32(1e-9), np.linalg.norm(vector))


class EnergyVad:
    """Speech is whatever is louder than a threshold."""

    def __init__(self, threshold_dbfs: float = SILENCE_DBFS) -> None:
        self._threshold_dbfs = threshold_dbfs

    @property
    def name(self) -> str:
        return "energy"

    def probability(self, frame: Pcm) -> float:
        return 1.0 if dbfs(frame) >= self._threshold_dbfs else 0.0

    def reset(self) -> None:
        """It has no memory."""


class ToneWake:
    """The wake word is a pure tone of WAKE_TONE_HZ that fills a frame."""

    def __init__(self) -> None:
        self._sounding = False
        t = np.arange(FRAME_SAMPLES) / SAMPLE_RATE_HZ
        self._tone = np.exp(-2j * np.pi * WAKE_TONE_HZ * t)

    @property
    def name(self) -> str:
        return "fake"

    @property
    def phrase(self) -> str:
        return "a whistle"

    @property
    def latency_s(self) -> float:
        return FRAME_S

    def heard(self, frame: Pcm) -> bool:
        """Most of the frame's energy is in the tone."""
        before, energy = self._sounding, float(np.square(frame).sum())
        share = 2 * abs(np.dot(self._tone, frame)) ** 2 / (FRAME_SAMPLES * energy) if energy > 1e-3 else 0.0
        self._sounding = share > 0.8
        return self._sounding and not before

    def reset(self) -> None:
        self._sounding = False
