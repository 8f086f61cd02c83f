"""Looking at a model before native code does: is it the right kind of file, and all there?

Native libraries map a file into memory and trust its header; what a cut download or a wrong file does to them ranges
from a clear exception to a crash. So the header and the size are read here first, in Python, and the usual mistakes are
called by their names. What passes may still be refused by its library, in an exception that the adapter explains.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from assistant.errors import ModelCorrupt, ModelMissing
from assistant.models.formats import ctranslate2, gguf, mistaken, onnx, tflite
from assistant.models.formats.reader import BadFile

AGAIN = "Delete it and fetch it again: assistant models"
LABELS = {
    "faster-whisper": "speech model",
    "llama.cpp": "language model",
    "piper": "voice",
    "silero": "voice activity model",
    "smart-turn": "turn model",
    "microwakeword": "wake word model",
}
FORMS = {
    "faster-whisper": "stt.model must be the folder of a CTranslate2 Whisper model, with model.bin in it.",
    "llama.cpp": "llm.model must be a GGUF file.",
    "piper": "A Piper voice is an .onnx file with its .onnx.json beside it; set tts.model to the .onnx.",
    "smart-turn": "turn.model must be the .onnx file of Smart Turn v3.",
    "microwakeword": "listen.wake_word must be a known name, or the .json of a microWakeWord model, with the .tflite "
    "that it names beside it.",
}
"""What the setting must name; the hint for a file of another kind."""

REMEDIES = {"silero": "Reinstall it: pip install --force-reinstall faster-whisper"}
KINDS = {
    "faster-whisper": "a CTranslate2 model",
    "llama.cpp": "a GGUF model",
    "microwakeword": "a TensorFlow Lite model",
}
"""What the file itself is to be; an ONNX model for the others."""

WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json")
"""Without its tokenizer.json beside it, faster-whisper would fetch one from the network."""

VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
LONGEST_MEAN = 1000  # steps of a wake word's running mean: far more than any has
LARGEST_JSON_BYTES = 16 << 20
"""The largest file of the kind, Whisper's tokenizer.json, has 4 MB."""


def check(path: Path, engine: str) -> None:
    """Raise ModelMissing or ModelCorrupt unless ``engine`` may be given the model at ``path``.

    ``engine`` is a name of the registry's, or ``onnx`` for any network of that format; one without a model of the
    user's is content with everything. Reads headers alone: milliseconds, and up to 0.2 s for a GGUF's vocabulary.
    """
    if (look := CHECKS.get(engine)) is None:
        return
    try:
        look(path)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
        raise corrupt(path, engine, reason, "Mend its permissions, or the disk.") from error


def read_json(path: Path, engine: str) -> Any:
    """What the JSON file beside a model holds. Raises ModelMissing, ModelCorrupt."""
    try:
        if _file(path, engine).stat().st_size > LARGEST_JSON_BYTES:
            raise BadFile("it is far too large for what it is")
        text = path.read_bytes()
        if (what := mistaken.broken(text[: mistaken.HEAD_BYTES])) is not None:
            raise BadFile(what)
        return json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise corrupt(path, engine, str(error)) from error


def corrupt(path: Path, engine: str, reason: str, hint: str | None = None) -> ModelCorrupt:
    """The error for a file that is there and no use."""
    return ModelCorrupt(
        f"the {LABELS.get(engine, 'model')} {path} cannot be loaded: {reason}",
        hint=hint or REMEDIES.get(engine, AGAIN),
    )


def _kind(engine: str) -> str:
    return KINDS.get(engine, "an ONNX model")


def _wanted(engine: str) -> str:
    return FORMS.get(engine) or REMEDIES.get(engine, AGAIN)


def _check_whisper(folder: Path) -> None:
    engine = "faster-whisper"
    missing = [name for name in WHISPER_FILES if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append(VOCABULARIES[0])
    if missing and (what := _other_whisper(folder)) is not None:
        raise corrupt(
            folder, engine, f"{what}, not {_kind(engine)}", f"Get it as CTranslate2, or convert it. {FORMS[engine]}"
        )
    if missing:
        raise ModelMissing(f"the speech model {folder} has no {', '.join(missing)}", hint=FORMS[engine])
    _look(folder / "model.bin", engine, partial(ctranslate2.check, spec="WhisperSpec"))
    for path in (folder / name for name in ("config.json", "tokenizer.json", "vocabulary.json")):
        if path.is_file():
            read_json(path, engine)


def _other_whisper(folder: Path) -> str | None:
    """What a folder without the right files is, or the file that stands in its place."""
    if folder.is_file():
        with folder.open("rb") as file:
            return mistaken.other_format(file.read(mistaken.HEAD_BYTES))
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).is_file():
            return f"it is a Transformers model ({name})"
    return None


def _check_piper(model: Path) -> None:
    config_path = model.with_name(model.name + ".json")
    _look(_file(model, "piper"), "piper", onnx.check)
    if not config_path.is_file():
        raise ModelMissing(f"the voice has no file {config_path}", hint=FORMS["piper"])
    config = read_json(config_path, "piper")
    if not isinstance(config, dict) or not {"audio", "phoneme_id_map"} <= config.keys():
        raise corrupt(config_path, "piper", "it does not describe a Piper voice")


def _check_wake_word(manifest: Path) -> None:
    engine = "microwakeword"
    described = read_json(manifest, engine)
    try:
        detection = described["micro"]
        known = isinstance(described["wake_word"], str) and 0 < float(detection["probability_cutoff"]) <= 1
        if not known or not 1 <= int(detection["sliding_window_size"]) <= LONGEST_MEAN:
            raise ValueError("out of range")
        model = manifest.parent / described["model"]
    except (KeyError, TypeError, ValueError) as error:
        raise corrupt(manifest, engine, "it does not describe a microWakeWord model", FORMS[engine]) from error
    _look(_file(model, engine), engine, tflite.check)


def _check_file(path: Path, engine: str, inspect: Callable[[BinaryIO], None]) -> None:
    _look(_file(path, engine), engine, inspect)


def _file(path: Path, engine: str) -> Path:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not there"
        raise ModelMissing(f"the {LABELS.get(engine, 'model')} {path} {what}", hint=_wanted(engine))
    return path


def _look(path: Path, engine: str, inspect: Callable[[BinaryIO], None]) -> None:
    """Let ``inspect`` read the file; what it refuses is called by its name where that is known."""
    try:
        with path.open("rb") as file:
            head = file.read(mistaken.HEAD_BYTES)
            if (what := mistaken.broken(head)) is not None:
                raise corrupt(path, engine, f"{what}, not {_kind(engine)}")
            file.seek(0)
            inspect(file)
    except BadFile as error:
        what = mistaken.other_format(head)
        if what is None or (engine == "llama.cpp" and head.startswith(gguf.MAGIC)):
            raise corrupt(path, engine, str(error)) from error
        raise corrupt(path, engine, f"{what}, not {_kind(engine)}", _wanted(engine)) from error


CHECKS: dict[str, Callable[[Path], None]] = {
    "faster-whisper": _check_whisper,
    "llama.cpp": partial(_check_file, engine="llama.cpp", inspect=gguf.check),
    "piper": _check_piper,
    "silero": partial(_check_file, engine="silero", inspect=onnx.check),
    "smart-turn": partial(_check_file, engine="smart-turn", inspect=onnx.check),
    "microwakeword": _check_wake_word,
    "onnx": partial(_check_file, engine="onnx", inspect=onnx.check),
}
