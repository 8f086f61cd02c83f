"""The profile that only a checkout has: the small models of the tests, instead of models that people download."""

from collections.abc import Mapping
from pathlib import Path

from assistant.errors import ConfigError

NANO = "nano"
FOLDER = Path(__file__).parents[1] / "tests" / "models"


def nano_settings() -> Mapping[str, object]:
    """Settings, by dotted key, for all three neural engines on the small models. Raises ConfigError elsewhere."""
    if not FOLDER.is_dir():
        raise ConfigError(
            "the profile nano is for development, and its models are not installed",
            hint="Use it in a checkout of the project, or choose another: assistant models recommend",
        )
    return {
        "stt.engine": "faster-whisper",
        "stt.model": FOLDER / "nano-whisper",
        "llm.engine": "llama.cpp",
        "llm.model": FOLDER / "nano-llama" / "nano-llama.gguf",
        "llm.context_tokens": 768,
        "llm.max_tokens": 60,
        "llm.temperature": 0.0,
        "tools.skills": False,  # it was taught with the few tools of its tests
        "tts.engine": "piper",
        "tts.model": FOLDER / "nano-voice" / "nano-voice.onnx",
    }
