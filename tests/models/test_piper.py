"""The Piper adapter, on a voice that hums its phoneme ids."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import ModelCorrupt, ModelMissing
from assistant.models.piper import MAX_CHARACTERS, PiperTts, pieces
from assistant.session.turn import Cancelled, CancelToken
from tests.models import tiny


def spoken(engine: PiperTts, text: str) -> int:
    """Samples of speech."""
    return sum(chunk.size for chunk in engine.synthesize(text, CancelToken()))


def copy_of(tmp_path: Path) -> Path:
    model = tmp_path / "voice.onnx"
    shutil.copy(tiny.models().piper, model)
    shutil.copy(f"{tiny.models().piper}.json", f"{model}.json")
    return model


def test_a_clause_becomes_sound() -> None:
    engine = PiperTts(tiny.models().piper)
    engine.warm()
    (chunk,) = engine.synthesize("Hello there.", CancelToken())
    assert (chunk.dtype, chunk.ndim) == (np.float32, 1)
    assert 0.1 < np.abs(chunk).max() <= 1.0
    assert chunk.size % tiny.PIPER_SAMPLES_PER_ID == 0
    assert (engine.name, engine.sample_rate_hz) == ("piper tiny", tiny.PIPER_RATE_HZ)
    engine.close()


def test_each_sentence_is_a_chunk() -> None:
    assert len(list(PiperTts(tiny.models().piper).synthesize("One. Two. Three.", CancelToken()))) == 3


def test_faster_speech_is_shorter() -> None:
    plain, fast = (spoken(PiperTts(tiny.models().piper, speed=speed), "Hello there.") for speed in (1.0, 2.0))
    assert fast == plain / 2
    engine = PiperTts(tiny.models().piper)
    engine.pace(2.0)
    assert spoken(engine, "Hello there.") == fast


@pytest.mark.parametrize("text", ["", " ", "...", "?!", "🙂"])
def test_nothing_to_say_is_no_sound(text: str) -> None:
    assert list(PiperTts(tiny.models().piper).synthesize(text, CancelToken())) == []


def test_endless_text_is_spoken_in_pieces() -> None:
    text = "word " * 2000
    assert [len(piece) <= MAX_CHARACTERS for piece in pieces(text)] == [True] * len(pieces(text))
    assert " ".join(pieces(text)) == text.strip()
    assert len(pieces("x" * 1000)) == 4


def test_brackets_are_no_phonemes() -> None:
    engine = PiperTts(tiny.models().piper)
    assert spoken(engine, "[[h]] there") == spoken(engine, "[ h ] there")


class Interrupting:
    """A session whose user loses patience as soon as it runs."""

    def __init__(self, session: Any, token: CancelToken) -> None:
        self._session = session
        self._token = token
        self.told = False

    def run(self, outputs: Any, inputs: Any, options: Any) -> Any:
        self._token.cancel("test")
        self.told = options.terminate
        return self._session.run(outputs, inputs, options)


def test_a_cancel_stops_the_run_and_the_engine_stays_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = PiperTts(tiny.models().piper)
    before = spoken(engine, "Hello there.")
    token = CancelToken()
    with monkeypatch.context() as patched:
        session = Interrupting(engine._session._session, token)
        patched.setattr(engine._session, "_session", session)
        with pytest.raises(Cancelled):
            list(engine.synthesize("Hello there.", token))
    assert session.told, "the run itself hears of the cancel"
    assert spoken(engine, "Hello there.") == before


def test_a_cancel_between_chunks_ends_it() -> None:
    token = CancelToken()
    chunks = PiperTts(tiny.models().piper).synthesize("One. Two. Three.", token)
    next(chunks)
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(chunks)


@pytest.mark.parametrize("gone", ["voice.onnx", "voice.onnx.json"])
def test_a_missing_file_is_named(tmp_path: Path, gone: str) -> None:
    model = copy_of(tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(ModelMissing, match=gone):
        PiperTts(model)


@pytest.mark.parametrize("name", ["voice.onnx", "voice.onnx.json"])
@pytest.mark.parametrize("damage", [b"", b"junk" * 1000, b"\xff\xfe[]"], ids=["empty", "junk", "binary"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, damage: bytes) -> None:
    model = copy_of(tmp_path)
    (tmp_path / name).write_bytes(damage)
    with pytest.raises(ModelCorrupt):
        PiperTts(model)


@pytest.mark.parametrize("config", [[], {}, {"audio": {}}], ids=["list", "empty", "incomplete"])
def test_settings_that_say_too_little_are_refused(tmp_path: Path, config: object) -> None:
    model = copy_of(tmp_path)
    model.with_name("voice.onnx.json").write_text(json.dumps(config))
    with pytest.raises(ModelCorrupt):
        PiperTts(model)


def test_another_kind_of_network_is_refused(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    model = copy_of(tmp_path)
    sound = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    same = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "other", [sound], [same])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8), model)
    with pytest.raises(ModelCorrupt, match="not a Piper voice"):
        PiperTts(model)
