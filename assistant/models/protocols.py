"""What an engine must do. Adapters live one a file beside this; nothing outside ``models/`` names a concrete one.

An engine belongs to one worker thread: no method is called from two threads at once, except ``close`` after the worker
has ended. Every long method takes the job's token, polls it, and raises ``Cancelled``; each adapter's docstring names
its cancel point and worst delay. An engine stays usable after a cancel.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from assistant.session.turn import CancelToken

SAMPLE_RATE_HZ = 16_000
FRAME_SAMPLES = 512  # 32 ms: the window that Silero VAD takes
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE_HZ

Pcm = npt.NDArray[np.float32]
"""Mono sound, shape ``(n,)``, float32 in −1…1."""


Vector = npt.NDArray[np.float32]
"""What a text means, shape ``(n,)``, float32, of length 1: the dot product of two says how near they are, −1…1."""


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    confidence: float | None = None
    """0…1, or None where the engine has no honest measure."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What a language model may call. ``parameters`` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a language model wants done. The name is empty where its words could not be understood."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """``tool`` is the result of a call; ``calls`` are those of an ``assistant`` message."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[ToolCall, ...] = ()


class Engine(Protocol):
    """What every engine has. Constructing it loads the model and may raise any ``EngineError``."""

    @property
    def name(self) -> str:
        """Engine and model, as shown to the user: ``faster-whisper tiny.en``."""

    def warm(self) -> None:
        """Run once on something small, so that the first turn pays nothing."""

    def close(self) -> None:
        """Give the memory back. Called once; nothing else is called afterwards."""


class SttEngine(Engine, Protocol):
    def transcribe(self, pcm: Pcm, token: CancelToken, *, final: bool = True) -> Transcript:
        """The words of one utterance at 16 kHz; empty text for silence. ``final=False`` may trade accuracy for speed.

        Raises Cancelled, EngineFailed.
        """


@runtime_checkable
class Spotting(Protocol):
    """What a recogniser may have besides: it knows a few phrases sooner, or more surely, than any words."""

    def spot(self, pcm: Pcm, token: CancelToken, phrases: Sequence[str], urgent: Sequence[str] = ()) -> Transcript:
        """One of ``phrases``, lower-case words, if that is all that was said; else empty text.

        Of the ``urgent`` ones among them less is asked: to miss one is worse than to imagine it.

        Raises Cancelled, EngineFailed.
        """


class LlmEngine(Engine, Protocol):
    def generate(
        self, messages: Sequence[Message], token: CancelToken, tools: Sequence[Tool] = ()
    ) -> Iterator[str | ToolCall]:
        """Text deltas of the answer, and calls of ``tools``. Raises Cancelled, EngineFailed."""


@runtime_checkable
class Prefilling(Protocol):
    """What a language model may have besides: it reads the beginning of a prompt before the rest is known."""

    def prefill(self, messages: Sequence[Message], token: CancelToken, tools: Sequence[Tool] = ()) -> None:
        """Read ``messages`` up to the end of the last one's content, which may go on. Raises Cancelled, EngineFailed.

        It changes no answer, only how soon it begins.
        """

    def prepare(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> None:
        """Read what every prompt will begin with, before the first one comes. Raises EngineFailed."""


class TtsEngine(Engine, Protocol):
    @property
    def sample_rate_hz(self) -> int:
        """Rate of every chunk that ``synthesize`` yields."""

    def synthesize(self, text: str, token: CancelToken) -> Iterator[Pcm]:
        """Chunks of sound for one clause; none for text with nothing to say. Raises Cancelled, EngineFailed."""


@runtime_checkable
class Pacing(Protocol):
    """What a voice may have besides: it speaks faster or slower while it is in use."""

    def pace(self, speed: float) -> None:
        """From the next clause on; 1 is the voice's own speed."""


@dataclass(frozen=True, slots=True)
class WordMark:
    """The word at the character ``start`` of a clause begins to sound ``at_s`` seconds into its sound."""

    start: int
    at_s: float


@runtime_checkable
class WordMarking(Protocol):
    """What a voice may have besides: it knows when it says which word."""

    def synthesize_marked(self, text: str, token: CancelToken) -> Iterator[Pcm | WordMark]:
        """As ``synthesize``, with a mark for each word, none later than the sound that ends it."""


class TurnDetector(Engine, Protocol):
    def probability(self, pcm: Pcm, token: CancelToken) -> float:
        """The chance (0…1) that the speaker of this utterance at 16 kHz has finished.

        Raises Cancelled, EngineFailed.
        """


class Embedder(Engine, Protocol):
    @property
    def key(self) -> str:
        """The same for vectors that can be compared: the digest of the model. Raises EngineFailed."""

    def embed(self, text: str, token: CancelToken, *, query: bool = False) -> Vector:
        """The meaning of ``text``, a ``query`` or something to be found; all zeros where it has none.

        Raises Cancelled, EngineFailed.
        """


class Vad(Protocol):
    """Voice activity of one session: it keeps state between frames. Not thread-safe."""

    @property
    def name(self) -> str: ...

    def probability(self, frame: Pcm) -> float:
        """Probability (0…1) of speech in the next frame, shape ``(FRAME_SAMPLES,)`` at 16 kHz."""

    def reset(self) -> None:
        """Forget the past, as at the start of a session."""


class WakeDetector(Protocol):
    """Listens for one wake word, for one session: it keeps state between frames. Not thread-safe."""

    @property
    def name(self) -> str: ...

    @property
    def phrase(self) -> str:
        """What to say, as shown to the user: ``okay nabu``."""

    @property
    def latency_s(self) -> float:
        """How long after the end of the wake word ``heard`` says so, at the median."""

    def heard(self, frame: Pcm) -> bool:
        """Whether the wake word was noticed in the next frame, shape ``(FRAME_SAMPLES,)`` at 16 kHz; once each time."""

    def reset(self) -> None:
        """Forget the past, as at the start of a session."""
