"""Every engine that ships, with something that it is known to do: an adapter is added here and passes the suites."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr

from assistant.models.espeak import EspeakTts
from assistant.models.fakes import EnergyVad, FakeStt, FakeTts
from assistant.models.faster_whisper import WhisperStt
from assistant.models.piper import PiperTts
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm, SttEngine, TtsEngine, Vad
from assistant.models.silero import SileroVad
from assistant.models.sphinx import PocketSphinxStt
from assistant.session.turn import CancelToken
from tests.models import tiny

SPOKEN = "set a timer for five minutes"
GRAMMAR = f"#JSGF V1.0;\ngrammar test;\npublic <command> = {SPOKEN} | what time is it | never mind;\n"


@cache
def speech() -> Pcm:
    """eSpeak NG saying SPOKEN, with 0.3 s of quiet on either side; float32, 16 kHz."""
    voice = EspeakTts("en-us")
    said = np.concatenate(list(voice.synthesize(SPOKEN, CancelToken())))
    pause = np.zeros(int(0.3 * SAMPLE_RATE_HZ), np.float32)
    resampled = soxr.resample(said, voice.sample_rate_hz, SAMPLE_RATE_HZ).astype(np.float32)
    return np.concatenate([pause, resampled, pause])


def noise(seconds: float) -> Pcm:
    """White noise at −50 dBFS: a quiet room."""
    return np.random.default_rng(0).normal(0, 10 ** (-50 / 20), int(seconds * SAMPLE_RATE_HZ)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Stt:
    name: str
    make: Callable[[], SttEngine]
    hears: str | None = None
    """What it makes of ``speech()``; None where nobody can know: free dictation of synthetic speech."""


@dataclass(frozen=True, slots=True)
class Tts:
    name: str
    make: Callable[[], TtsEngine]


STT = [
    Stt("fake", lambda: FakeStt([SPOKEN]), SPOKEN),
    Stt("pocketsphinx", PocketSphinxStt),
    Stt("pocketsphinx-grammar", lambda: PocketSphinxStt(lambda _: GRAMMAR), SPOKEN),
    Stt(
        "faster-whisper", lambda: WhisperStt(tiny.models().whisper), "hello there"
    ),  # whatever is said: its weights are a script
]
TTS = [
    Tts("fake", FakeTts),
    Tts("espeak-ng", EspeakTts),
    Tts("piper", lambda: PiperTts(tiny.models().piper)),
]
VADS: dict[str, Callable[[], Vad]] = {"energy": EnergyVad, "silero": SileroVad}
