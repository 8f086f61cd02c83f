"""The pipeline that everything is compared with, and the picture for the documentation."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from assistant.bench.clips import Clip
from assistant.bench.turns import Bar, Turn
from assistant.config import Settings
from benchmarks import picture, serial, speech
from benchmarks.serial import Steps

SETTINGS = Settings.model_validate({stage: {"engine": "fake"} for stage in ("stt", "llm", "tts")})
TONE = Clip("tone", "", np.full(8000, 0.3, np.float32))


def test_every_step_of_a_turn_is_timed() -> None:
    steps = serial.measure(SETTINGS, [TONE, TONE])
    assert len(steps) == 2
    for one in steps:
        assert one.wait_s == SETTINGS.turn.hangover_ms / 1000
        assert min(one.hear_s, one.think_s, one.speak_s) > 0
        assert one.first_sound_s == pytest.approx(one.wait_s + one.hear_s + one.think_s + one.speak_s)


def test_the_median_is_taken_step_by_step() -> None:
    steps = [Steps(0.4, 1.0, 5.0, 3.0), Steps(0.4, 2.0, 4.0, 1.0), Steps(0.4, 3.0, 6.0, 2.0)]
    assert serial.median(steps) == Steps(0.4, 2.0, 5.0, 2.0)


def test_without_recordings_the_sample_is_asked_over_and_over(tmp_path: Path) -> None:
    assert [clip.name for clip in speech.people(tmp_path, 3)] == ["question"] * 3
    assert speech.pausing(tmp_path) == []


def test_the_picture_is_whole() -> None:
    bars = (Bar("you", "speech", -1.0, 0.0), Bar("stt", "speculative", 0.1, 0.2), Bar("sound", "sound", 0.3, 9.0))
    turn = Turn("<clip>", "", 'say "x" & y', "answered", first_sound_s=0.3, bars=bars)
    root = ElementTree.fromstring(picture.svg(turn))
    assert len([node for node in root.iter() if node.tag.endswith("rect")]) == 3
