"""Which engines the benchmarks run, and on what."""

import argparse
import tempfile
from pathlib import Path

from assistant.config import Settings
from benchmarks import speech, true_size

MODELS = Path(tempfile.gettempdir()) / "assistant-true-size"


def add_options(parser: argparse.ArgumentParser) -> None:
    """What ``neural`` needs, and the recordings."""
    parser.add_argument("--speech", type=Path, default=speech.SPEECH, help="folder of recordings")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder that keeps the models, 0.4 GB")
    parser.add_argument("--quantization", choices=("Q4_0", "Q8_0"), default="Q4_0")


def embedded() -> Settings:
    """Those that need no download."""
    return _settings(stt={"engine": "pocketsphinx"}, llm={"engine": "none"}, tts={"engine": "espeak-ng"})


def neural(options: argparse.Namespace) -> Settings:
    """Models of true size, made where they are not there yet."""
    models = true_size.make(options.models, options.quantization)
    return _settings(
        stt={"engine": "faster-whisper", "model": models.whisper},
        llm={"engine": "llama.cpp", "model": models.llama},
        tts={"engine": "piper", "model": models.voice},
    )


def _settings(**sections: object) -> Settings:
    return Settings.model_validate({"history": {"enabled": False}, "turn": {"speculate": "on"}, **sections})
