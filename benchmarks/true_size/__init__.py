"""Models of the size that people use, whose weights nobody trained: they cost what the real ones cost.

Every layer computes with random weights, but adds nothing to what passes through it; what comes out is a script. So the
recogniser always hears ``QUESTION`` and the language model always answers ``ANSWER``, with the cost of real models, and
however the machine rounds.
"""

from dataclasses import dataclass
from pathlib import Path

from assistant.config import Settings
from benchmarks.true_size import llama, voice, whisper

QUESTION = "How do I keep a loaf of bread fresh for longer?"
ANSWER = (
    "Wrap it in clean cloth, and leave the paper bag open. A cool dry shelf is best; fridges make every loaf go "
    "stale sooner. Slice what you will not eat today, then freeze those pieces until they are wanted."
)


@dataclass(frozen=True, slots=True)
class Models:
    """``whisper`` is of the size of tiny.en, ``llama`` has 360 million parameters, ``voice`` is a "medium" Piper."""

    whisper: Path
    llama: Path
    voice: Path


def make(folder: Path, quantization: str) -> Models:
    """The three models in ``folder``, made where they are not there yet. ``quantization`` is Q4_0 or Q8_0."""
    folder.mkdir(parents=True, exist_ok=True)
    models = Models(
        folder / "faster-whisper-tiny.en-size", folder / f"360m-size-{quantization}.gguf", folder / "medium-size.onnx"
    )
    if not (models.whisper / "model.bin").is_file():
        whisper.write(models.whisper, QUESTION)
    if not models.llama.is_file():
        prompt = Settings().persona.system_prompt.replace("{name}", Settings().persona.name)
        llama.write(models.llama, ANSWER, f"{prompt} {QUESTION}", quantization)
    if not models.voice.is_file():
        voice.write(models.voice)
    return models
