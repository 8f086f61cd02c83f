"""What every engine says of files that are missing or damaged: which one, in an error of ours, and what to do."""

import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.errors import AssistantError, ModelCorrupt, ModelMissing
from assistant.models.faster_whisper import WhisperStt
from assistant.models.piper import PiperTts
from assistant.models.silero import SileroVad
from tests.contracts.engines import NANO_LLAMA, NANO_VOICE, NANO_WHISPER, llama

PACKAGE = importlib.util.find_spec("faster_whisper")
assert PACKAGE is not None
assert PACKAGE.origin is not None
SILERO = Path(PACKAGE.origin).parent / "assets" / "silero_vad_v6.onnx"


@dataclass(frozen=True, slots=True)
class Model:
    load: Callable[[Path], object]
    """Of the folder with the files."""
    files: tuple[Path, ...]


MODELS = {
    "faster-whisper": Model(
        WhisperStt,
        tuple(NANO_WHISPER / name for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json")),
    ),
    "llama.cpp": Model(lambda folder: llama(folder / NANO_LLAMA.name), (NANO_LLAMA,)),
    "piper": Model(
        lambda folder: PiperTts(folder / NANO_VOICE.name), (NANO_VOICE, NANO_VOICE.with_suffix(".onnx.json"))
    ),
    "silero": Model(lambda folder: SileroVad(folder / SILERO.name), (SILERO,)),
}
FILES = [pytest.param(model, file, id=f"{name}:{file.name}") for name, model in MODELS.items() for file in model.files]
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "another format": lambda data: b"PK\x03\x04" + bytes(4096),
    "a page of the web": lambda data: b"<!DOCTYPE html><title>Not found</title>",
    "the first half": lambda data: data[: len(data) // 2],
    "all but the end": lambda data: data[:-8],
}


@pytest.fixture
def folder(model: Model, file: Path, tmp_path: Path) -> Path:
    return shutil.copytree(file.parent, tmp_path / "model", ignore=shutil.ignore_patterns("*.md", "silero_encoder*"))


@pytest.mark.parametrize(("model", "file"), FILES)
def test_a_missing_file_is_named(model: Model, file: Path, folder: Path) -> None:
    (folder / file.name).unlink()
    with pytest.raises(ModelMissing) as caught:
        model.load(folder)
    assert file.name in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=list(DAMAGE))
@pytest.mark.parametrize(("model", "file"), FILES)
def test_a_damaged_file_is_refused(
    model: Model, file: Path, folder: Path, damage: Callable[[bytes], bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / file.name).write_bytes(damage(file.read_bytes()))
    with pytest.raises(ModelCorrupt) as caught:
        model.load(folder)
    assert str(folder) in caught.value.message
    assert caught.value.hint
    assert capfd.readouterr() == ("", ""), "nothing is written past the screen"


@pytest.mark.parametrize("name", MODELS)
def test_a_folder_or_a_file_in_the_place_of_the_other_is_refused(name: str, tmp_path: Path) -> None:
    model = MODELS[name]
    for file in model.files:
        (tmp_path / file.name).mkdir()
    with pytest.raises(AssistantError):
        model.load(tmp_path)
    with pytest.raises(AssistantError):
        model.load(Path(__file__))


@pytest.mark.parametrize("name", MODELS)
def test_the_undamaged_files_load(name: str) -> None:
    MODELS[name].load(MODELS[name].files[0].parent)
