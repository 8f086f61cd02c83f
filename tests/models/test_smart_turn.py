"""The Smart Turn adapter, on a network of its signature that gives the loudness of the last second."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.config import Settings
from assistant.errors import EngineFailed, EngineUnavailable, ModelCorrupt, ModelMissing
from assistant.models import registry
from assistant.models.protocols import Pcm
from assistant.models.smart_turn import WINDOW_SAMPLES, SmartTurn, normalised, window
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.tokens import CountingToken, cancelled_token
from tests.models.tiny_turn import FRAMES, MELS, network

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return network(tmp_path_factory.mktemp("turn") / "smart-turn-v3.onnx")


@pytest.fixture
def detector(model: Path) -> SmartTurn:
    return SmartTurn(model)


def noise(seconds: float) -> Pcm:
    return np.random.default_rng(0).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


def quiet(seconds: float) -> Pcm:
    return np.zeros(int(seconds * RATE_HZ), np.float32)


def test_shorter_sound_has_silence_in_front() -> None:
    pcm = noise(1)
    padded = window(pcm)
    assert padded.shape == (WINDOW_SAMPLES,)
    assert not padded[: -len(pcm)].any()
    np.testing.assert_array_equal(padded[-len(pcm) :], pcm)


def test_of_longer_sound_the_end_counts() -> None:
    pcm = noise(11)
    np.testing.assert_array_equal(window(pcm), pcm[3 * RATE_HZ :])


@pytest.mark.parametrize("gain", [0.01, 1.0])
def test_loudness_and_offset_are_taken_out_of_the_whole_window(gain: float) -> None:
    level = normalised(window(gain * noise(3) + np.float32(0.02)))
    assert level.dtype == np.float32
    assert (level.mean(), level.std()) == (pytest.approx(0, abs=1e-3), pytest.approx(1, rel=0.02))


def test_loud_and_soft_speech_look_the_same_to_the_network(detector: SmartTurn) -> None:
    np.testing.assert_allclose(detector.features(0.05 * noise(9)), detector.features(noise(9)), atol=1e-3)


@pytest.mark.parametrize("seconds", [0, 0.001, 1, 8, 30])
def test_the_network_is_given_what_was_published(detector: SmartTurn, seconds: float) -> None:
    features = detector.features(noise(seconds))
    assert (features.shape, features.dtype) == ((1, MELS, FRAMES), np.float32)
    assert features.flags.c_contiguous
    assert np.isfinite(features).all()


def test_the_features_are_whispers(detector: SmartTurn) -> None:
    """A tone lies in its band of the frames that it sounds in; all else is Whisper's floor, 8 decades below it."""
    t = np.arange(RATE_HZ) / RATE_HZ
    [mel] = detector.features((0.1 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32))
    loud = mel.argmax(axis=0)[-90:-10]
    assert set(loud) == {26}, "of 80 bands on Slaney's scale, the one around 1005 Hz"
    assert mel.max() - mel.min() == pytest.approx(2.0), "8 decades, a quarter each"
    assert mel[26, -90:-10].min() > mel[26, :690].max() + 1


def test_the_answer_is_the_networks(detector: SmartTurn) -> None:
    speaking, pausing = noise(3), np.concatenate([noise(3), quiet(1)])
    token = CancelToken()
    assert detector.probability(speaking, token) > 0.5 > detector.probability(pausing, token)


def test_what_lies_further_back_than_8_s_is_not_heard(detector: SmartTurn) -> None:
    recent = np.concatenate([noise(7), quiet(1)])
    long = np.concatenate([5 * noise(4), recent])
    assert detector.probability(long, CancelToken()) == detector.probability(recent, CancelToken())


@pytest.mark.parametrize("pcm", [quiet(0), quiet(3), np.full(RATE_HZ, 1e-9, np.float32)])
def test_silence_has_a_probability(detector: SmartTurn, pcm: Pcm) -> None:
    assert 0 <= detector.probability(pcm, CancelToken()) <= 1


def test_its_name_says_the_model(detector: SmartTurn) -> None:
    detector.warm()
    assert detector.name == "smart-turn smart-turn-v3"
    detector.close()


def test_a_cancelled_question_is_not_answered_and_the_next_one_is(detector: SmartTurn) -> None:
    expected = detector.probability(noise(1), CancelToken())
    with pytest.raises(Cancelled):
        detector.probability(noise(1), cancelled_token())
    assert detector.probability(noise(1), CancelToken()) == expected


def test_a_cancel_during_the_spectrogram_is_seen_after_it(detector: SmartTurn) -> None:
    with pytest.raises(Cancelled):
        detector.probability(noise(1), CountingToken(cancel_at=2))


class RunningToken(CancelToken):
    """Cancelled as soon as the network has been told what a cancel does to it."""

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        forget = super().on_cancel(callback)
        self.cancel("resumed")
        return forget


def test_a_run_of_the_network_is_stopped(detector: SmartTurn) -> None:
    with pytest.raises(Cancelled):
        detector.probability(noise(1), RunningToken())
    assert detector.probability(noise(1), CancelToken()) > 0


@pytest.mark.parametrize("last", ["Identity", "Sqrt"])  # beyond 1, and no number at all
def test_an_answer_that_is_no_probability_is_a_failure(tmp_path: Path, last: str) -> None:
    detector = SmartTurn(network(tmp_path / "logits.onnx", last=last))
    with pytest.raises(EngineFailed, match="no probability"):
        detector.probability(np.concatenate([noise(3), quiet(1)]), CancelToken())


def test_a_model_with_another_input(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="not Smart Turn v3"):
        SmartTurn(network(tmp_path / "v2.onnx", "input_values"))


def test_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as caught:
        SmartTurn(tmp_path / "none.onnx")
    assert "turn model" in caught.value.message
    assert "turn.model" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"GGUF" + b"\0" * 100, b"<!doctype html><html></html>"])
def test_a_corrupt_model(tmp_path: Path, content: bytes) -> None:
    model = tmp_path / "turn.onnx"
    model.write_bytes(content)
    with pytest.raises(ModelCorrupt, match="turn model"):
        SmartTurn(model)


def settings(root: Path, **turn: object) -> Settings:
    return Settings.model_validate({"models": {"dir": root}, "turn": turn})


def test_without_a_model_there_is_nothing_to_load(tmp_path: Path) -> None:
    assert registry.turn_candidates(settings(tmp_path)) == []


def test_an_installed_model_is_found_and_loaded(tmp_path: Path) -> None:
    (tmp_path / "turn").mkdir()
    network(tmp_path / "turn" / "mine.onnx")
    [candidate] = registry.turn_candidates(settings(tmp_path))
    assert candidate.name == "smart-turn"
    assert candidate.load().name == "smart-turn mine"
    assert registry.turn_candidates(settings(tmp_path, engine="none")) == []


def test_a_model_can_be_named(tmp_path: Path, model: Path) -> None:
    [candidate] = registry.turn_candidates(settings(tmp_path, model=model))
    assert candidate.load().name == "smart-turn smart-turn-v3"


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no turn engine"):
        registry.turn_candidates(settings(tmp_path, engine="oracle"))
