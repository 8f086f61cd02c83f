"""Every engine that ships, with something that it is known to do: an adapter is added here and passes the suites.

``nano`` stands for the project's own trained models; ``tiny`` for scripted ones, whose answer is the same whatever they
are given, so that an exact expectation holds even where trained weights would shift.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import soxr

from assistant.models.espeak import EspeakTts
from assistant.models.fakes import WAKE_TONE_HZ, EnergyVad, FakeEmbedder, FakeLlm, FakeStt, FakeTts, ToneWake
from assistant.models.faster_whisper import WhisperStt
from assistant.models.llama_cpp import LlamaLlm
from assistant.models.llama_embed import LlamaEmbedder
from assistant.models.microwakeword import MicroWakeWord
from assistant.models.piper import PiperTts
from assistant.models.protocols import (
    SAMPLE_RATE_HZ,
    Embedder,
    LlmEngine,
    Message,
    Pcm,
    SttEngine,
    Tool,
    ToolCall,
    TtsEngine,
    Vad,
    WakeDetector,
)
from assistant.models.silero import SileroVad
from assistant.models.sphinx import PocketSphinxStt
from assistant.models.windows import WINDOW_S
from assistant.session.turn import CancelToken
from tests.models import tiny

NANO = Path(__file__).parents[1] / "models"
NANO_WHISPER, NANO_LLAMA = NANO / "nano-whisper", NANO / "nano-llama" / "nano-llama.gguf"
NANO_VOICE = NANO / "nano-voice" / "nano-voice.onnx"

SPOKEN = "set a timer for five minutes"
OTHERS = ("what time is it", "what is the capital of france")
GRAMMAR = f"#JSGF V1.0;\ngrammar test;\npublic <command> = {' | '.join((SPOKEN, *OTHERS))} | never mind;\n"


def joined(tts: TtsEngine, text: str) -> Pcm:
    """All that a voice says, at its own rate."""
    return np.concatenate([np.zeros(0, np.float32), *tts.synthesize(text, CancelToken())])


def as_heard(sound: Pcm, rate_hz: int) -> Pcm:
    """At 16 kHz, with 0.3 s of quiet on either side."""
    pause = np.zeros(int(0.3 * SAMPLE_RATE_HZ), np.float32)
    return np.concatenate([pause, soxr.resample(sound, rate_hz, SAMPLE_RATE_HZ).astype(np.float32), pause])


@cache
def speech(text: str = SPOKEN) -> Pcm:
    """eSpeak NG saying ``text``; float32, 16 kHz."""
    voice = EspeakTts("en-us")
    return as_heard(joined(voice, text), voice.sample_rate_hz)


def noise(seconds: float) -> Pcm:
    """White noise at −50 dBFS: a quiet room."""
    return np.random.default_rng(0).normal(0, 10 ** (-50 / 20), int(seconds * SAMPLE_RATE_HZ)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Stt:
    name: str
    make: Callable[[], SttEngine]
    hears: str | None = None
    """What it makes of ``speech()``; None where nobody can know: free dictation of synthetic speech."""
    others: tuple[str, ...] = ()
    """Further sentences that it hears word for word."""
    polls: Callable[[float], float] = field(default=lambda _: 1)
    """How often at least its docstring promises to look at the token, in so many seconds of sound."""


@dataclass(frozen=True, slots=True)
class Tts:
    name: str
    make: Callable[[float], TtsEngine]
    """At a speed."""
    has_speed: bool = True
    speaks: bool = True
    """Whether what it says can be understood; the others hum."""


@dataclass(frozen=True, slots=True)
class Llm:
    name: str
    make: Callable[[], LlmEngine]
    answers: tuple[tuple[str, str], ...]
    """Questions, and the answer to each, word for word."""
    follow_up: tuple[str, str, str] | None = None
    """First question, one that makes sense only after it, and the answer to that."""
    has_limit: bool = True
    """Whether a message can be too long."""
    call: tuple[str, ToolCall] | None = None
    """What makes it call one of TOOLS, and how."""


def llama(model: Path) -> LlamaLlm:
    """Always the likeliest token. Skips the test where the library could not be built."""
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    return LlamaLlm(model, temperature=0.0)


@cache
def plain_nano() -> Path:
    """nano-llama with a template that knows no tools."""
    return tiny.with_template(NANO_LLAMA, tiny.models().gguf.with_name("plain.gguf"), tiny.CHATML)


def llama_embedder() -> Embedder:
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    return LlamaEmbedder(tiny.models().embedder)


def micro() -> WakeDetector:
    pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    return MicroWakeWord()


def whistle() -> Pcm:
    t = np.arange(SAMPLE_RATE_HZ // 2) / SAMPLE_RATE_HZ
    return as_heard((0.3 * np.sin(2 * np.pi * WAKE_TONE_HZ * t)).astype(np.float32), SAMPLE_RATE_HZ)


def whisper_polls(seconds: float) -> float:
    """Between the encoder and the decoder of every window, and between windows; each is at most 30 s."""
    return 2 * ceil(seconds / WINDOW_S)


STT = [
    Stt("fake", lambda: FakeStt([SPOKEN]), SPOKEN),
    Stt("pocketsphinx", PocketSphinxStt, polls=lambda seconds: seconds / 0.032),
    Stt("pocketsphinx-grammar", lambda: PocketSphinxStt(lambda _: GRAMMAR), SPOKEN, OTHERS, lambda s: s / 0.032),
    Stt("faster-whisper-tiny", lambda: WhisperStt(tiny.models().whisper), "hello there", polls=whisper_polls),
    Stt("faster-whisper-nano", lambda: WhisperStt(NANO_WHISPER), SPOKEN, OTHERS, whisper_polls),
]
TTS = [
    Tts("fake", lambda _: FakeTts(), has_speed=False, speaks=False),
    Tts("espeak-ng", lambda speed: EspeakTts(speed=speed)),
    Tts("piper-tiny", lambda speed: PiperTts(tiny.models().piper, speed=speed), speaks=False),
    Tts("piper-nano", lambda speed: PiperTts(NANO_VOICE, speed=speed)),
]
LLM = [
    Llm(
        "fake",
        FakeLlm,
        (("one", "You said: one "), ("two three", "You said: two three ")),
        has_limit=False,
        call=("get_weather", ToolCall("get_weather", {})),
    ),
    Llm("llama.cpp-tiny", lambda: llama(tiny.models().gguf), (("one", " Hello there."), ("two", " Hello there."))),
    Llm(
        "llama.cpp-nano",
        lambda: llama(NANO_LLAMA),
        (
            ("what is the capital of france", "Paris is the capital of France."),
            ("what do cows eat", "Cows eat grass."),
            ("can birds fly", "Most birds can fly."),
        ),
        ("what is the capital of france", "and of germany", "Berlin is the capital of Germany."),
        call=("what is the weather in paris", ToolCall("get_weather", {"city": "Paris"})),
    ),
    Llm(
        "llama.cpp-nano-without-tools",
        lambda: llama(plain_nano()),
        (("what do cows eat", "Cows eat grass."), ("can birds fly", "Most birds can fly.")),
        call=("what is the weather in paris", ToolCall("get_weather", {"city": "Paris"})),
    ),
]
EMBEDDERS: dict[str, Callable[[], Embedder]] = {"fake": FakeEmbedder, "llama.cpp-tiny": llama_embedder}
WAKE_DETECTORS: dict[str, tuple[Callable[[], WakeDetector], Callable[[], Pcm]]] = {
    "fake": (ToneWake, whistle),
    "microwakeword": (micro, lambda: speech("okay nabu")),
}
"""How to make each, and its wake word."""
VADS: dict[str, Callable[[], Vad]] = {"energy": EnergyVad, "silero": SileroVad}

BRIEF = Message("system", "You are a voice assistant.")

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [Tool("get_weather", "the weather of a city", CITY)]


def asked(question: str) -> list[Message]:
    return [BRIEF, Message("user", question)]
