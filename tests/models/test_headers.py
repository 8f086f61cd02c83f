"""What a model's files must be before native code sees them, and what the user is told of those that are not."""

import io
import json
import shutil
import struct
import tracemalloc
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import gguf as library
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.errors import AssistantError, ModelCorrupt, ModelMissing
from assistant.models import headers
from assistant.models.formats import ctranslate2, gguf, onnx
from assistant.models.formats.reader import BadFile
from tests.models import tiny

NANO = Path(__file__).parent
NANO_LLAMA = NANO / "nano-llama" / "nano-llama.gguf"
NANO_VOICE = NANO / "nano-voice" / "nano-voice.onnx"
NANO_WHISPER = NANO / "nano-whisper"
ONE_FILE_AT_A_TIME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def u32(number: int) -> bytes:
    return struct.pack("<I", number)


def u64(number: int) -> bytes:
    return struct.pack("<Q", number)


def text(words: str) -> bytes:
    return u64(len(words)) + words.encode()


def gguf_bytes(
    *,
    version: int = 3,
    tensors: int | None = None,
    entries: Iterable[bytes] = (),
    dimensions: tuple[int, ...] = (8, 4),
    kind: int = 0,
    data: int = 128,
) -> bytes:
    """A GGUF of one tensor; what is given makes it wrong."""
    entries = list(entries)
    header = b"GGUF" + u32(version) + u64(1 if tensors is None else tensors) + u64(len(entries)) + b"".join(entries)
    header += text("t") + u32(len(dimensions)) + b"".join(u64(d) for d in dimensions) + u32(kind) + u64(0)
    return header + bytes(-len(header) % 32) + b"\x01" * data


ALIGNED_TO_3 = text("general.alignment") + u32(4) + u32(3)
STRINGS = text("tokenizer.ggml.tokens") + u32(9) + u32(8) + u64(3) + text("a") + text("bb") + text("")
NUMBERS = text("tokenizer.ggml.scores") + u32(9) + u32(6) + u64(2) + bytes(8)
NAME = text("general.name") + u32(8) + text("tiny")


def ct2_bytes(
    *, spec: str = "WhisperSpec", variables: int = 1, shape: tuple[int, ...] = (2, 3), size: int = 24
) -> bytes:
    def name(word: str) -> bytes:
        return struct.pack("<H", len(word) + 1) + word.encode() + b"\0"

    one = name("w") + bytes([len(shape)]) + b"".join(u32(d) for d in shape) + b"\0" + u32(size) + bytes(size)
    return u32(6) + name(spec) + u32(3) + u32(variables) + one + u32(1) + name("alias") + name("w")


SMALL_ONNX = b"\x08\x08" + b"\x3a\x05graph" + b"\x42\x02op"


def check_bytes(check: Callable[[Any], None], data: bytes, path: Path) -> None:
    path.write_bytes(data)
    with path.open("rb") as file:
        check(file)


def whisper_check(file: Any) -> None:
    ctranslate2.check(file, "WhisperSpec")


@pytest.mark.parametrize(
    ("path", "engine"),
    [
        (NANO_LLAMA, "llama.cpp"),
        (NANO_WHISPER, "faster-whisper"),
        (NANO_VOICE, "piper"),
        (NANO_VOICE, "onnx"),
        (Path("nowhere"), "pocketsphinx"),
    ],
)
def test_a_good_model_is_accepted(path: Path, engine: str) -> None:
    headers.check(path, engine)


def test_the_scripted_models_are_accepted() -> None:
    made = tiny.models()
    for path, engine in ((made.whisper, "faster-whisper"), (made.random_gguf, "llama.cpp"), (made.piper, "piper")):
        headers.check(path, engine)


MISTAKES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS pointer"),
    "page": (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "it is a web page"),
    "zeros": (bytes(10_000), "zeros alone"),
    "message": ("Entry not found – sorry".encode(), "it is text"),
    "zip": (b"PK\x03\x04" + bytes(range(200)), "it is a ZIP archive"),
    "torch": (b"PK\x03\x04" + bytes(22) + b"archive/data.pkl" + bytes(range(200)), "it is a PyTorch file"),
    "old torch": (b"\x80\x02\x8a\x0al\xfc" + bytes(range(200)), "it is a PyTorch file"),
    "safetensors": (u64(16) + b'{"a":{"dtype":1}' + bytes(range(200)), "it is a safetensors file"),
    "ggml": (b"lmgg" + bytes(range(200)), r"it is a GGML file \(the format before GGUF\)"),
    "gzip": (b"\x1f\x8b\x08" + bytes(range(200)), "it is an archive"),
}
PLACES = [("llama.cpp", "a GGUF model"), ("piper", "an ONNX model"), ("faster-whisper", "a CTranslate2 model")]


def placed(engine: str, data: bytes, root: Path) -> Path:
    """A model for the engine whose main file has this content."""
    if engine == "faster-whisper":
        folder = shutil.copytree(NANO_WHISPER, root / "whisper")
        (folder / "model.bin").write_bytes(data)
        return folder
    path = root / ("m.gguf" if engine == "llama.cpp" else "m.onnx")
    path.write_bytes(data)
    shutil.copy(f"{NANO_VOICE}.json", f"{path}.json")
    return path


@pytest.mark.parametrize(("engine", "wanted"), PLACES)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_usual_mistake_is_called_by_its_name(mistake: str, engine: str, wanted: str, tmp_path: Path) -> None:
    data, message = MISTAKES[mistake]
    with pytest.raises(ModelCorrupt, match=rf"{message}.*, not {wanted}") as raised:
        headers.check(placed(engine, data, tmp_path), engine)
    assert raised.value.hint


@pytest.mark.parametrize("engine", ["piper", "faster-whisper"])
def test_a_gguf_in_another_place_is_named(engine: str, tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="it is a GGUF model, not a"):
        headers.check(placed(engine, gguf_bytes(), tmp_path), engine)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_transformers_folder_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"weights")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelCorrupt, match="Transformers model") as raised:
        headers.check(tmp_path, "faster-whisper")
    assert "convert" in raised.value.hint


def test_a_file_in_place_of_the_whisper_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "ggml-tiny.bin").write_bytes(MISTAKES["ggml"][0])
    with pytest.raises(ModelCorrupt, match="GGML"):
        headers.check(tmp_path / "ggml-tiny.bin", "faster-whisper")


@pytest.mark.parametrize("engine", [engine for engine, _ in PLACES])
def test_nothing_and_a_folder_are_missing_models(engine: str, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ModelMissing) as raised:
            headers.check(path, engine)
        assert str(path) in raised.value.message
        assert f"{'tts' if engine == 'piper' else 'llm' if engine == 'llama.cpp' else 'stt'}.model" in raised.value.hint


@pytest.mark.parametrize("gone", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_every_file_of_a_whisper_is_needed(gone: str, tmp_path: Path) -> None:
    folder = shutil.copytree(NANO_WHISPER, tmp_path / "w")
    (folder / gone).unlink()
    with pytest.raises(ModelMissing, match=gone):
        headers.check(folder, "faster-whisper")


def test_the_words_may_be_in_a_text_file(tmp_path: Path) -> None:
    folder = shutil.copytree(NANO_WHISPER, tmp_path / "w")
    words = json.loads((folder / "vocabulary.json").read_text())
    (folder / "vocabulary.json").unlink()
    (folder / "vocabulary.txt").write_text("\n".join(words))
    headers.check(folder, "faster-whisper")


JSON_DAMAGE = {
    "page": (b"<html>", "web page"),
    "cut": (b'{"audio": {"sa', "Unterminated"),
    "deep": (b"[" * 100_000, "recursion"),
    "binary": (b"\xff\xfe{}", "decode|Expecting"),
    "number": (b"[" + b"9" * 10_000 + b"]", "digits"),
}


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "vocabulary.json", "voice"])
@pytest.mark.parametrize("damage", JSON_DAMAGE)
def test_json_that_cannot_be_read_is_refused(name: str, damage: str, tmp_path: Path) -> None:
    data, message = JSON_DAMAGE[damage]
    if name == "voice":
        shutil.copy(NANO_VOICE, tmp_path / "v.onnx")
        (tmp_path / "v.onnx.json").write_bytes(data)
        model, engine = tmp_path / "v.onnx", "piper"
    else:
        model, engine = shutil.copytree(NANO_WHISPER, tmp_path / "w"), "faster-whisper"
        (model / name).write_bytes(data)
    with pytest.raises(ModelCorrupt, match=message):
        headers.check(model, engine)


def test_json_that_has_no_end_is_not_read(tmp_path: Path) -> None:
    shutil.copy(NANO_VOICE, tmp_path / "v.onnx")
    with (tmp_path / "v.onnx.json").open("wb") as file:
        file.truncate(headers.LARGEST_JSON_BYTES + 1)
    with pytest.raises(ModelCorrupt, match="far too large"):
        headers.check(tmp_path / "v.onnx", "piper")


def test_the_json_of_something_else_is_refused(tmp_path: Path) -> None:
    shutil.copy(NANO_VOICE, tmp_path / "v.onnx")
    (tmp_path / "v.onnx.json").write_text('{"error": "not found"}')
    with pytest.raises(ModelCorrupt, match="does not describe a Piper voice"):
        headers.check(tmp_path / "v.onnx", "piper")


def test_what_the_disk_refuses_is_an_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*_: object) -> Any:
        raise OSError(5, "Input/output error")

    path = placed("llama.cpp", gguf_bytes(), tmp_path)
    monkeypatch.setattr(Path, "open", refusing)
    with pytest.raises(ModelCorrupt, match="cannot be read: Input/output error"):
        headers.check(path, "llama.cpp")


GOOD_GGUF = [
    {},
    {"entries": [STRINGS, NUMBERS, NAME]},
    {"version": 2},
    {"dimensions": ()},
    {"kind": 2, "dimensions": (32, 4), "data": 72},
    {"kind": 99, "dimensions": (1 << 40,), "data": 0},
]


@pytest.mark.parametrize("fields", GOOD_GGUF, ids=str)
def test_a_sound_gguf_is_accepted(fields: dict[str, Any], tmp_path: Path) -> None:
    """The last one has a tensor of a type that is newer than the table."""
    check_bytes(gguf.check, gguf_bytes(**fields), tmp_path / "m")


BAD_GGUF: list[tuple[dict[str, Any], str]] = [
    ({"version": 1}, "version 2 or 3, but of 1"),
    ({"version": 0x03000000}, "big-endian"),
    ({"tensors": 0}, "only a vocabulary"),
    ({"tensors": 1 << 60}, "counts"),
    ({"data": 127}, "incomplete"),
    ({"dimensions": (1 << 62, 1 << 62)}, "incomplete"),
    ({"dimensions": (1, 1, 1, 1, 1)}, "5 dimensions"),
    ({"entries": [ALIGNED_TO_3]}, "aligned to 3"),
    ({"entries": [text("k") + u32(77)]}, "type 77"),
    ({"entries": [text("k") + u32(9) + u32(9) + u64(1)]}, "type 9"),
    ({"entries": [text("k") + u32(9) + u32(8) + u64(1 << 60)]}, "incomplete"),
    ({"entries": [text("k") + u32(9) + u32(6) + u64(1 << 60)]}, "incomplete"),
    ({"entries": [text("k") + u32(8) + u64(1 << 63)]}, "incomplete"),
    ({"entries": [u64(1 << 40)]}, "a key without end"),
]


@pytest.mark.parametrize(("fields", "message"), BAD_GGUF, ids=str)
def test_a_gguf_that_lies_is_refused(fields: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=message):
        check_bytes(gguf.check, gguf_bytes(**fields), tmp_path / "m")


def test_the_sizes_of_the_types_are_those_of_ggml() -> None:
    assert {int(kind): size for kind, size in library.GGML_QUANT_SIZES.items()} == gguf.TYPES


def test_strings_across_blocks_are_skipped(tmp_path: Path) -> None:
    words = [("x" * 1000)] * 3000
    many = text("tokens") + u32(9) + u32(8) + u64(len(words)) + b"".join(text(word) for word in words)
    assert len(many) > 2 * gguf.BLOCK_BYTES
    check_bytes(gguf.check, gguf_bytes(entries=[many, NAME]), tmp_path / "m")


BAD_CT2: list[tuple[dict[str, Any], str]] = [
    ({"spec": "TransformerSpec"}, "made as TransformerSpec, not as WhisperSpec"),
    ({"spec": "no name"}, "not a CTranslate2"),
    ({"variables": 0}, "counts 0 variables"),
    ({"variables": 1 << 31}, "counts"),
    ({"variables": 2}, "damaged|incomplete"),
    ({"size": 20}, "size of its shape"),
    ({"shape": (1,) * 9, "size": 4}, "9 dimensions"),
]


@pytest.mark.parametrize(("fields", "message"), BAD_CT2, ids=str)
def test_a_model_bin_that_lies_is_refused(fields: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=message):
        check_bytes(whisper_check, ct2_bytes(**fields), tmp_path / "m")


def test_a_sound_model_bin_is_accepted(tmp_path: Path) -> None:
    check_bytes(whisper_check, ct2_bytes(), tmp_path / "m")


def test_onnx_is_told_by_its_outermost_fields(tmp_path: Path) -> None:
    check_bytes(onnx.check, SMALL_ONNX, tmp_path / "m")
    for data, message in [
        (b"", "incomplete"),
        (b"\x08\x08", "not an ONNX"),
        (b"\x3a\x00", "not an ONNX"),
        (SMALL_ONNX + b"\x07", "damaged"),
        (b"\xff" * 40, "not an ONNX"),
        (b"\x08\x08" * (onnx.MOST_FIELDS + 1), "not an ONNX"),
    ]:
        with pytest.raises(BadFile, match=message):
            check_bytes(onnx.check, data, tmp_path / "m")


FORMATS: list[tuple[str, Callable[[Any], None], bytes]] = [
    ("gguf", gguf.check, gguf_bytes(entries=[STRINGS, NUMBERS, NAME])),
    ("ctranslate2", whisper_check, ct2_bytes()),
]


@pytest.mark.parametrize(("name", "check", "data"), FORMATS, ids=[name for name, *_ in FORMATS])
def test_cut_anywhere_it_is_refused(name: str, check: Callable[[Any], None], data: bytes, tmp_path: Path) -> None:
    check_bytes(check, data, tmp_path / "m")
    for length in range(len(data)):
        with pytest.raises(BadFile):
            check_bytes(check, data[:length], tmp_path / "m")


DAMAGED = [*FORMATS, ("onnx", onnx.check, SMALL_ONNX), ("nano-llama", gguf.check, NANO_LLAMA.read_bytes()[:4096])]


@pytest.mark.parametrize(("name", "check", "data"), DAMAGED, ids=[name for name, *_ in DAMAGED])
@ONE_FILE_AT_A_TIME
@given(flips=st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 255)), max_size=6), length=st.integers(0, 4096))
def test_damage_is_refused_or_accepted_and_nothing_else(
    name: str, check: Callable[[Any], None], data: bytes, flips: list[tuple[int, int]], length: int, tmp_path: Path
) -> None:
    damaged = bytearray(data)
    for place, value in flips:
        damaged[place % len(damaged)] = value
    with suppress(BadFile):
        check_bytes(check, bytes(damaged[:length]), tmp_path / "m")


@pytest.mark.parametrize("engine", [engine for engine, _ in PLACES])
@ONE_FILE_AT_A_TIME
@given(data=st.binary(max_size=300))
@example(data=b"GGUF" + b"\xff" * 60)
def test_any_file_is_refused_in_words(engine: str, data: bytes, tmp_path: Path) -> None:
    root = tmp_path / "one"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    with pytest.raises(AssistantError) as raised:
        headers.check(placed(engine, data, root), engine)
    assert raised.value.hint


class Counted(io.FileIO):
    """A file that knows how much of it was read."""

    total = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size)
        self.total += len(data)
        return data


GREEDY = {
    "strings": text("k") + u32(9) + u32(8) + u64(1 << 33),
    "numbers": text("k") + u32(9) + u32(12) + u64(1 << 33),
}


@pytest.mark.parametrize("greed", GREEDY)
def test_a_hostile_header_costs_little(greed: str, tmp_path: Path) -> None:
    """A file of 100 GB, all hole, that announces as much as may be."""
    header = b"GGUF" + u32(3) + u64(gguf.MOST_ENTRIES) + u64(gguf.MOST_ENTRIES) + GREEDY[greed]
    path = tmp_path / "greedy.gguf"
    with path.open("wb") as file:
        file.write(header)
        file.truncate(100 << 30)
    tracemalloc.start()
    try:
        with Counted(path) as counted, pytest.raises(BadFile):
            gguf.check(counted)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
        assert counted.total <= gguf.MOST_HEADER_BYTES + 2 * gguf.BLOCK_BYTES
    finally:
        tracemalloc.stop()
