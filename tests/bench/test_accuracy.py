"""Whisper's fitted windows against its full one, on models whose words are known."""

import numpy as np
import pytest

from assistant.bench.accuracy import Heard, compare, lines, word_error_share
from assistant.bench.clips import Clip
from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models.faster_whisper import WhisperStt
from tests.models import tiny


def settings(**stt: object) -> Settings:
    return Settings.model_validate({"stt": {"engine": "faster-whisper", **stt}})


def clip(seconds: float, text: str = "") -> Clip:
    noise = np.random.default_rng(1).standard_normal(round(seconds * 16_000)) * 0.05
    return Clip(f"{seconds} s", text, noise.astype(np.float32))


def test_both_windows_hear_every_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    hear = WhisperStt._hear
    monkeypatch.setattr(
        WhisperStt,
        "_hear",
        lambda self, pcm, window_s, token: asked.append(window_s) or hear(self, pcm, window_s, token),
    )
    steps: list[int] = []
    compared = compare(settings(model=tiny.models().whisper), [clip(1.0, "hello there"), clip(7.0)], steps.append)
    assert [(one.fitted, one.full) for one in compared] == [("hello there", "hello there")] * 2
    warm_up = [4, 4]
    assert asked == [*warm_up, 4, 30, 9, 30]
    assert steps == [1, 2]


def test_without_a_whisper_there_is_nothing_to_compare(tmp_path) -> None:
    with pytest.raises(ModelMissing):
        compare(Settings.model_validate({"models": {"dir": tmp_path}}), [clip(1.0)])


def test_the_table_counts_words_and_times() -> None:
    *each, wrong, different, median = lines(
        [Heard("a", "one two", "one too", "one two", 0.1, 0.4), Heard("b", "", "x", "x", 0.1, 0.4)]
    )
    assert [line[0] for line in each] == ["a", "b"]
    assert wrong[1:3] == ("50.0%", "0.0%")
    assert different[1] == "1 of 2"
    assert median[1:] == ("4.0 times faster", "", "100 ms", "400 ms")


def test_only_what_was_written_down_counts() -> None:
    assert word_error_share([("", "anything")]) is None
    assert word_error_share([("Twelve times two.", "12 times 2"), ("go", "")]) == 0.25
