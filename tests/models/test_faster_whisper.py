"""The Whisper adapter, on models whose words are known."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import EngineUnavailable, ModelCorrupt, ModelMissing
from assistant.models.faster_whisper import (
    MAX_TOKENS,
    WhisperStt,
    compression_ratio,
    fitted_window_s,
    token_limit,
)
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from assistant.models.windows import WINDOW_S
from assistant.session.turn import Cancelled, CancelToken
from tests.models import tiny


def noise(seconds: float) -> Pcm:
    samples = np.random.default_rng(0).normal(0, 0.1, int(seconds * SAMPLE_RATE_HZ))
    return samples.astype(np.float32)


def test_it_hears_the_words_of_the_model() -> None:
    engine = WhisperStt(tiny.models().whisper)
    engine.warm()
    heard = engine.transcribe(noise(2.0), CancelToken())
    assert heard.text == "hello there"
    assert heard.confidence == pytest.approx(1.0, abs=0.01)
    assert engine.name == "faster-whisper tiny"
    engine.close()


@pytest.mark.parametrize("pcm", [np.zeros(0, np.float32), np.zeros(16_000, np.float32)], ids=["nothing", "silence"])
def test_digital_silence_is_empty_without_asking_the_model(pcm: Pcm, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = WhisperStt(tiny.models().whisper)
    monkeypatch.setattr(engine, "_hear", lambda *_: pytest.fail("the model was asked"))
    assert engine.transcribe(pcm, CancelToken()).text == ""


def test_words_imagined_in_noise_are_dropped(tmp_path: Path) -> None:
    imagined = WhisperStt(tiny.whisper(tmp_path / "imagined", hears_nothing=True, doubt=0.9))
    assert imagined.transcribe(noise(2.0), CancelToken()).text == ""
    doubtful = WhisperStt(tiny.whisper(tmp_path / "doubtful", hears_nothing=False, doubt=0.9))
    heard = doubtful.transcribe(noise(2.0), CancelToken())
    assert heard.text != "", "doubt alone does not silence"
    assert heard.confidence is not None
    assert heard.confidence < 0.5


def test_a_loop_is_dropped(tmp_path: Path) -> None:
    engine = WhisperStt(tiny.whisper(tmp_path / "loop", ["Ġno"] * 50))
    assert engine.transcribe(noise(20.0), CancelToken()).text == ""


def test_as_many_tokens_are_written_as_the_limit_says_and_no_more(tmp_path: Path) -> None:
    endless = WhisperStt(tiny.whisper(tmp_path / "endless", ["Ġno"] * 60))
    heard = endless._hear(noise(1.0), 4, CancelToken())
    assert len(heard.text.split()) == token_limit(1.0) == 16


def spied_windows(engine: WhisperStt, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []
    hear = engine._hear

    def spy(pcm: Pcm, window_s: int, token: CancelToken) -> Any:
        seen.append(window_s)
        return hear(pcm, window_s, token)

    monkeypatch.setattr(engine, "_hear", spy)
    return seen


def test_a_doubtful_final_is_heard_again_in_the_full_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = WhisperStt(tiny.whisper(tmp_path / "doubtful", doubt=0.9))
    seen = spied_windows(engine, monkeypatch)
    engine.transcribe(noise(3.0), CancelToken(), final=False)
    assert seen == [5]
    engine.transcribe(noise(3.0), CancelToken())
    assert seen == [5, 5, WINDOW_S]


def test_long_sound_is_heard_window_by_window(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = WhisperStt(tiny.models().whisper)
    seen = spied_windows(engine, monkeypatch)
    assert engine.transcribe(noise(65.0), CancelToken()).text == "hello there hello there hello there"
    assert len(seen) == 3


def test_a_cancel_between_windows_ends_it_and_the_engine_stays_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = WhisperStt(tiny.models().whisper)
    token, seen = CancelToken(), []
    hear = engine._hear

    def cancelling(pcm: Pcm, window_s: int, own: CancelToken) -> Any:
        seen.append(window_s)
        heard = hear(pcm, window_s, own)
        token.cancel("test")
        return heard

    monkeypatch.setattr(engine, "_hear", cancelling)
    with pytest.raises(Cancelled):
        engine.transcribe(noise(65.0), token)
    assert len(seen) == 1
    assert engine.transcribe(noise(2.0), CancelToken()).text == "hello there"


class Interrupted:
    """A model whose user loses patience while it does ``at``."""

    def __init__(self, model: Any, at: str, token: CancelToken) -> None:
        self._model, self._at, self._token = model, at, token
        self.called: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.called.append(name)
        if name == self._at:
            self._token.cancel("test")
        return getattr(self._model, name)


@pytest.mark.parametrize(("at", "called"), [("encode", ["encode"]), ("generate", ["encode", "generate"])])
def test_a_cancel_while_the_model_works_ends_it_at_its_next_step(
    at: str, called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, token = WhisperStt(tiny.models().whisper), CancelToken()
    model = Interrupted(engine._whisper.model, at, token)
    with monkeypatch.context() as patched:
        patched.setattr(engine._whisper, "model", model)
        with pytest.raises(Cancelled):
            engine.transcribe(noise(2.0), token)
    assert model.called == called
    assert engine.transcribe(noise(2.0), CancelToken()).text == "hello there"


def test_signs_that_nobody_speaks_are_suppressed(tmp_path: Path) -> None:
    engine = WhisperStt(tiny.whisper(tmp_path / "signs", ["Ġhello", "#"]))
    heard = engine.transcribe(noise(2.0), CancelToken()).text
    assert heard.startswith("hello")
    assert "#" not in heard


def test_a_language_that_the_model_does_not_know() -> None:
    with pytest.raises(EngineUnavailable, match="'de'"):
        WhisperStt(tiny.models().whisper, "de")


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """Without its tokenizer, the library would ask the network for one."""
    folder = shutil.copytree(tiny.models().whisper, tmp_path / "copy")
    (folder / name).unlink()
    with pytest.raises(ModelMissing, match=name):
        WhisperStt(folder)


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json"])
@pytest.mark.parametrize("damage", [b"", b"junk" * 1000], ids=["empty", "junk"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, damage: bytes) -> None:
    folder = shutil.copytree(tiny.models().whisper, tmp_path / "copy")
    (folder / name).write_bytes(damage)
    with pytest.raises(ModelCorrupt):
        WhisperStt(folder)


def test_a_tokenizer_that_its_library_refuses(tmp_path: Path) -> None:
    folder = shutil.copytree(tiny.models().whisper, tmp_path / "copy")
    (folder / "tokenizer.json").write_text('{"version": "1.0"}')
    with pytest.raises(ModelCorrupt):
        WhisperStt(folder)


@given(st.floats(0.0, 60.0))
def test_limits_grow_with_the_speech(speech_s: float) -> None:
    assert min(speech_s, 28.0) <= fitted_window_s(speech_s) <= WINDOW_S
    assert 8 <= token_limit(speech_s) <= MAX_TOKENS


def test_repetition_compresses() -> None:
    assert compression_ratio("no " * 60) > 2.4 > compression_ratio("what time is it in the kitchen")
